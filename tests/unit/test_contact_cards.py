"""Contact cards and calendars: what they say is kept with the message, and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.desk.views.carried import carried
from trunkline.normalizer.envelope import CalendarEvent, Contact, Envelope
from trunkline.router.records import Article, Author

from .test_mail_parsing import envelope

MARIA = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Lopez;Maria;;;\nFN:Maria Lopez\nORG:Lamps\\, Ltd;Sales\n"
    "TEL;TYPE=cell:+34 600 000 001\nitem1.EMAIL:maria@example.org\nEND:VCARD\n"
)
OLD = (
    "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrg=\n;;;\n"
    "TEL;HOME:030 1\nEND:VCARD\n"
)
NEW = "BEGIN:VCARD\nVERSION:4.0\nFN:Li\nTEL;VALUE=uri:tel:+1-555-1\nEMAIL:li@exam\n ple.net\nEND:VCARD\n"


def sent(card: str, kind: str = "text/vcard") -> Envelope:
    return envelope(
        "From: ann@a.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nhere it is\n"
        f"--o\nContent-Type: {kind}; charset=utf-8\nContent-Disposition: attachment\n\n{card}\n--o--\n"
    )


@pytest.mark.parametrize("kind", ["text/vcard", "text/x-vcard", 'application/octet-stream; name="a.VCF"'])
def test_a_card_is_read_and_stays_a_file(kind: str) -> None:
    read = sent(MARIA, kind)
    assert read.contacts == (
        Contact(
            name="Maria Lopez",
            organisation="Lamps, Ltd, Sales",
            phones=("+34 600 000 001",),
            emails=("maria@example.org",),
        ),
    )
    assert len(read.attachments) == 1
    assert [each.value for each in read.sender.identities] == ["ann@a.example"]


def test_cards_of_all_versions_and_several_in_one_file() -> None:
    assert sent(OLD + NEW).contacts == (
        Contact(name="Jürg Müller", phones=("030 1",)),
        Contact(name="Li", phones=("+1-555-1",), emails=("li@example.net",)),
    )
    assert sent("BEGIN:VCARD\nNOTE:empty\nEND:VCARD").contacts == ()


@given(st.text(alphabet=st.sampled_from('BEGINVCARD:;="\\\n \tFNTEL0=é'), max_size=200))
def test_no_card_breaks_the_reader(card: str) -> None:
    assert isinstance(sent(f"BEGIN:VCARD\n{card}\nEND:VCARD").contacts, tuple)


def test_a_calendar_says_who_invites_and_who_is_invited() -> None:
    event = (
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Visit\nDTSTART;TZID=Europe/Paris:20261201T090000\n"
        'LOCATION:Lyon\nORGANIZER;CN="Lee, Ann":mailto:ann@a.example\n'
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:MAILTO:ben@a.example\n"
        "ATTENDEE;CN=Cid:mailto:cid@a.example\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    read = sent(event, "text/calendar")
    assert read.event == CalendarEvent(
        title="Visit",
        begin="2026-12-01 09:00 Europe/Paris",
        place="Lyon",
        organizer="Lee, Ann",
        attendees=("ben@a.example", "Cid"),
    )
    assert read.text == "here it is"
    answer = sent(event.replace("REQUEST", "REPLY").replace("NEEDS-ACTION", "DECLINED"), "text/calendar").event
    assert answer is not None
    assert (answer.method, answer.answer) == ("answer", "declined")
    cancelled = sent(event.replace("REQUEST", "CANCEL"), "text/calendar").event
    assert cancelled is not None
    assert cancelled.method == "cancellation"


def test_both_are_shown_at_the_head_of_the_message() -> None:
    article = Article(
        id="a",
        ticket="t",
        kind="message",
        channel="mail",
        author=Author(kind="customer"),
        created_at=1,
        event=CalendarEvent(title="Visit", begin="2026-12-01", organizer="Ann", attendees=("Ann", "B", "C", "D", "E")),
        contacts=(Contact(name="Li", phones=("+1",)),),
    )
    assert carried(article) == [
        "Invitation: “Visit”, 2026-12-01, by Ann, with B, C, D and 1 more",
        "Contact card: Li, +1",
    ]
