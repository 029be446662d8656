"""Calendar invitations, answers to them, and reactions: what they say, what files they leave, whether they wake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.envelope import Envelope

from .test_mail_parsing import envelope

EVENT = (
    "BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
    "END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:7@a.example\n{lines}\nEND:VEVENT\n"
    "BEGIN:VEVENT\nSUMMARY:Another\nEND:VEVENT\nEND:VCALENDAR"
)
VISIT = (
    "SUMMARY;LANGUAGE=fr:Visite\\, avec\n  l’ingénieur\nDTSTART:20261201T090000Z\nDTEND:20261201T103000Z\nLOCATION:Lyon"
)
TIME = "2026-12-01 09:00 UTC – 10:30 UTC"


def invited(lines: str = VISIT, method: str = "REQUEST", text: str = "", *headers: str, html: str = "") -> Envelope:
    parts = [f"Content-Type: text/plain; charset=utf-8\n\n{text}"]
    parts += [f"Content-Type: text/html; charset=utf-8\n\n{html}"] if html else []
    event = EVENT.format(method=method, lines=lines)
    parts.append(f"Content-Type: text/calendar; charset=utf-8; method={method}\n\n{event}")
    body = "".join(f"--o\n{part}\n" for part in parts)
    head = ("From: ann@a.example", "Subject: Visit", *headers, "Content-Type: multipart/alternative; boundary=o")
    return envelope("\n".join(head) + f"\n\n{body}--o--\n")


def test_an_invitation_says_what_when_and_where() -> None:
    read = invited()
    assert read.text == f"Visite, avec l’ingénieur\n{TIME}\nLyon"
    assert [attachment.name for attachment in read.attachments] == ["invite.ics"]
    assert read.automation == "none"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("SUMMARY:Visit\nDTSTART;VALUE=DATE:20261201", "Visit\n2026-12-01"),
        ("SUMMARY:Visit\nDTSTART;TZID=Europe/Paris:20261201T090000", "Visit\n2026-12-01 09:00 Europe/Paris"),
        ('DTSTART;TZID="W. Europe":20261201T0900\nSUMMARY:Visit', "Visit\n2026-12-01 09:00 W. Europe"),
        ("SUMMARY:Visit\nDTSTART:20261201T090000\nDTEND:20261203T090000", "Visit\n2026-12-01 09:00 – 2026-12-03 09:00"),
        ("SUMMARY:Visit\nDESCRIPTION:Bring\\nthe lamp", "Visit\n\nBring\nthe lamp"),
        ("SUMMARY:Visit\nSTATUS:CANCELLED", "Visit (cancelled)"),
        ("SUMMARY:Visit\nDTSTART:tomorrow", "Visit"),
        ("LOCATION:Lyon", "Lyon"),
    ],
)
def test_events_are_read_as_they_are_written(lines: str, text: str) -> None:
    assert invited(lines).text == text


@pytest.mark.parametrize("media_type", ["text/calendar", "application/ics", "text/x-vcalendar"])
def test_a_calendar_alone_is_an_invitation_too(media_type: str) -> None:
    event = EVENT.format(method="REQUEST", lines=VISIT)
    read = envelope(f"From: ann@a.example\nContent-Type: {media_type}; charset=utf-8\n\n{event}\n")
    assert read.text.endswith(f"{TIME}\nLyon")
    assert next(attachment.name for attachment in read.attachments).endswith(".ics")


def test_what_the_person_says_stays_what_is_said() -> None:
    assert invited(text="Can we meet?").text == "Can we meet?"
    assert invited(text=" ", html="<p>Can we meet?</p>").text == "Can we meet?"


@pytest.mark.parametrize("text", ["", "Ann Lee has accepted this invitation.", "Zugesagt: Visite", "Ann a accepté"])
def test_an_accepted_invitation_is_an_automatic_answer(text: str) -> None:
    read = invited(f"{VISIT}\nATTENDEE;CN=Ann;PARTSTAT=ACCEPTED:mailto:ann@a.example", "REPLY", text)
    assert read.automation == "auto_reply"
    assert read.text == (text or f"Visite, avec l’ingénieur (accepted)\n{TIME}\nLyon")


def test_a_word_with_the_answer_is_a_persons() -> None:
    assert invited(VISIT, "REPLY", "I shall be ten minutes late, please wait for me.").automation == "none"


@given(st.text(alphabet=st.sampled_from('BEGINVT:;="\\\n \tSUMARYDP0189ZT,é'), max_size=300))
def test_no_calendar_breaks_the_reader(lines: str) -> None:
    assert isinstance(invited(lines).text, str)


def test_a_reaction_is_no_file_and_says_what_it_says() -> None:
    read = envelope(
        "From: ann@a.example\nContent-Type: multipart/alternative; boundary=o\n\n"
        "--o\nContent-Type: text/plain; charset=utf-8\n\nAnn Lee reacted via Gmail\n"
        '--o\nContent-Type: text/vnd.google.email-reaction+json\n\n{"version":1,"emoji":"👍"}\n'
        "--o\nContent-Type: text/html; charset=utf-8\n\n<p>👍 Ann Lee reacted via Gmail</p>\n--o--\n"
    )
    assert (read.kind, read.text, read.attachments) == ("reaction", "👍 Ann Lee reacted via Gmail", ())


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ("Content-Type: application/octet-stream\nContent-Description: Price list.pdf", "Price list.pdf"),
        ("Content-Type: application/pdf\nContent-Description: =?utf-8?Q?Pr=C3=A9cis.pdf?=", "Précis.pdf"),
        ("Content-Type: application/pdf\nContent-Description: The price list of May", "application-1.pdf"),
        ("Content-Type: application/pdf\nContent-Description: v1.2", "application-1.pdf"),
        ("Content-Type: image/gif\nContent-Location: https://a.example/x/my%20logo.gif?v=1", "my logo.gif"),
        ("Content-Type: image/jpeg\nContent-ID: <photo7.jpg@01DB5F.77>", "photo7.jpg"),
        ("Content-Type: image/jpeg\nContent-ID: <7f3a@a.example>", "image-1.jpg"),
        ("Content-Type: image/jpeg; name=a.jpg\nContent-Description: b.jpg", "a.jpg"),
        ("Content-Type: image/pjpeg", "image-1.jpg"),
        ("Content-Type: image/heic", "image-1.heic"),
        ("Content-Type: image/x-png", "image-1.png"),
        ("Content-Type: video/quicktime", "video-1.mov"),
        ("Content-Type: video/webm", "video-1.webm"),
        ("Content-Type: application/msword", "application-1.doc"),
        ("Content-Type: application/vnd.oasis.opendocument.text", "application-1.odt"),
        ("Content-Type: audio/amr", "audio-1.amr"),
        ("Content-Type: audio/x-wav", "audio-1.wav"),
        ("Content-Type: text/x-vcard; charset=utf-8\nContent-Disposition: attachment", "text-1.vcf"),
        ("Content-Type: text/calendar\nContent-Disposition: attachment", "invite.ics"),
        ("Content-Type: application/x-unheard-of", "application-1.bin"),
        ('Content-Type: application/pdf; name="Order_225/2385/5648.pdf"', "Order_225_2385_5648.pdf"),
        ('Content-Type: application/pdf; name="C:\\\\fakepath\\\\bill.pdf"', "bill.pdf"),
    ],
)
def test_a_file_without_a_name_gets_a_telling_one(headers: str, name: str) -> None:
    read = envelope(f"From: a@a.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\n{headers}\n\nx\n--o--\n")
    assert [attachment.name for attachment in read.attachments] == [name]
