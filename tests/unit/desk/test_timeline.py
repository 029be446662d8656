"""A conversation as it is shown: in its order, with days, events in between, and what became of our messages."""

from datetime import UTC
from typing import Any

from trunkline.desk.views.happenings import Happened
from trunkline.desk.views.timeline import SHOWN_CHARACTERS, Entry, Line, entry, receipt, timeline
from trunkline.desk.views.times import zone_of
from trunkline.gateway.channels import facts as channels
from trunkline.normalizer.envelope import Assurance, Attachment
from trunkline.router.records import Article, Author, DeliveryStatus

from .tickets import HOUR, MINUTE, NOW

DAY = 24 * HOUR
MARIA = Author(
    kind="customer", name="Maria", identity="email:maria@example.org", assurance=Assurance.ORIGIN, evidence="dkim"
)
ADA = Author(kind="agent", name="Ada", id="ada")


def article(id_: str = "a", at: int = NOW, author: Author = MARIA, **facts: Any) -> Article:
    kind = {"customer": "message", "agent": "reply", "system": "reply"}[author.kind]
    return Article.model_validate(
        {"id": id_, "ticket": "t", "kind": kind, "channel": "mail", "author": author, "created_at": at} | facts
    )


def shown(**facts: Any) -> Entry:
    return entry(article(**facts), channels(), formatted=False)


def told(lines: list[Line]) -> list[str]:
    return [line.day or (line.event.words if line.event else line.entry.id if line.entry else "?") for line in lines]


def lines(entries: list[Entry], events: list[Happened] | None = None, **facts: Any) -> list[str]:
    return told(list(timeline(entries, events or [], **{"zone": UTC, "now": NOW, "whole": True} | facts)))


def test_days_stand_between_what_was_said_on_them() -> None:
    entries = [shown(id_=name, at=at) for name, at in (("a", NOW - 5 * DAY), ("b", NOW - DAY), ("c", NOW), ("d", NOW))]
    assert lines(entries) == ["Tuesday 10 June", "a", "Yesterday", "b", "Today", "c", "d"]


def test_a_day_begins_where_the_reader_is() -> None:
    late = NOW - (NOW % DAY) + 23 * HOUR  # 15 June, 23:00 UTC
    facts = {"zone": zone_of("Asia/Tokyo"), "now": late + 2 * HOUR}
    assert lines([shown(at=late)], **facts) == ["Today", "a"]
    assert zone_of("Middle/Earth") is UTC


def test_an_event_stands_in_front_of_what_came_after_it() -> None:
    entries = [shown(id_="a", at=NOW - 2 * MINUTE), shown(id_="b", at=NOW)]
    events = [Happened(at=NOW - MINUTE, words="Taken by Ada"), Happened(at=NOW + 1, words="Made solved by Ada")]
    assert lines(entries, events) == ["Today", "a", "Taken by Ada", "b", "Made solved by Ada"]


def test_what_happened_before_the_part_that_is_shown_is_left_to_the_earlier_part() -> None:
    events = [Happened(at=NOW - HOUR, words="Taken by Ada")]
    assert lines([shown(at=NOW)], events, whole=False) == ["Today", "a"]
    assert lines([shown(at=NOW)], events, whole=True) == ["Today", "Taken by Ada", "a"]


def test_articles_keep_the_order_in_which_they_are_listed() -> None:
    entries = [shown(id_="second", at=NOW), shown(id_="first", at=NOW - MINUTE)]
    assert lines(entries) == ["Today", "second", "first"]


def test_who_wrote_is_said_with_how_well_that_is_proven() -> None:
    found = shown()
    assert found.proof is not None
    assert (found.side, found.author, found.proof.word, found.evidence) == (
        "customer",
        "Maria",
        "origin proven",
        "dkim",
    )
    assert found.addresses == "maria@example.org"
    assert shown(author=MARIA.model_copy(update={"name": ""})).author == "maria@example.org"


def test_others_are_named_and_of_a_crowd_the_first() -> None:
    bea, crowd = {"address": "bea@b.example", "name": "Bea Lind"}, [{"address": f"p{n}@c.example"} for n in range(12)]
    assert shown(copied=[bea, crowd[0]]).copied == "Bea Lind (bea@b.example), p0@c.example"
    assert shown(copied=crowd).copied.endswith("p9@c.example, and 2 more")
    assert shown().copied == ""


def test_a_note_is_never_taken_for_a_reply() -> None:
    assert shown(author=ADA, kind="note").side == "note"
    assert shown(author=ADA).side == "agent"
    assert shown(author=Author(kind="system")).side == "system"


def test_a_long_text_is_cut_and_says_so() -> None:
    long = shown(text="x" * (SHOWN_CHARACTERS + 1))
    assert (len(long.text), long.cut, shown(text="short").cut) == (SHOWN_CHARACTERS, True, False)
    assert shown(text="beginning", truncated=True).cut


def test_pictures_inside_a_message_are_no_files_beside_it() -> None:
    files = [
        Attachment(name="logo.png", media_type="image/png", size=1, sha256="0" * 64, inline=True),
        Attachment(name="Bill.PDF", media_type="application/octet-stream", size=2, sha256="1" * 64),
    ]
    assert [(file.name, file.sort) for file in shown(attachments=files).files] == [("Bill.PDF", "pdf")]


def test_a_file_that_is_not_here_says_whether_it_comes_or_why_not() -> None:
    files = [
        Attachment(name="film.mp4", media_type="video/mp4", state="fetching", fetch="x"),
        Attachment(name="slow.mp4", media_type="video/mp4", state="fetching", fetch="x", problem="busy"),
        Attachment(name="gone.ogg", media_type="audio/ogg", state="missing", problem="too old", inline=True),
        Attachment(name="here.ogg", media_type="audio/ogg", sha256="0" * 64, size=1),
    ]
    told = [(file.name, file.absent, file.lost) for file in shown(attachments=files).files]
    assert told == [
        ("film.mp4", "being fetched …", False),
        ("slow.mp4", "Not here yet, tried again: busy", False),
        ("gone.ogg", "Missing: too old", True),
        ("here.ogg", "", False),
    ]


def test_a_receipt_says_what_a_person_must_decide() -> None:
    failed = receipt(DeliveryStatus(state="failed", detail="no such mailbox"))
    assert (failed.words, failed.detail, failed.tone, failed.by_hand) == ("Not sent", "no such mailbox", "bad", True)
    assert receipt(DeliveryStatus(state="unknown")).by_hand
    read = receipt(DeliveryStatus(state="read", detail="line 4"))
    assert (read.words, read.detail, read.by_hand) == ("Read", "", False)
    again = receipt(DeliveryStatus(state="queued", detail="cannot connect", attempts=1))
    assert (again.words, again.detail) == ("Will be tried again", "cannot connect")
    often = receipt(DeliveryStatus(state="queued", detail="cannot connect", attempts=5))
    assert often.detail == "cannot connect; tried 5 times"
    behind = receipt(DeliveryStatus(state="queued", detail="waits for an earlier message"))
    assert (behind.words, behind.detail) == ("Not sent yet", "waits for an earlier message")


def delivered(*deliveries: DeliveryStatus) -> list[tuple[str, str]]:
    """What the receipts of messages to a customer say, one behind the other."""
    entries = [shown(id_=str(at), author=ADA, delivery=each) for at, each in enumerate(deliveries)]
    made = timeline(entries, [], zone=UTC, now=NOW, whole=True)
    receipts = [line.entry.receipt for line in made if line.entry]
    return [(told.words, told.detail) for told in receipts if told]


def test_what_waits_behind_a_message_that_cannot_be_sent_says_why() -> None:
    stuck = DeliveryStatus(state="queued", detail="cannot connect", attempts=2)
    fresh = DeliveryStatus(state="queued")
    looked_at = DeliveryStatus(state="queued", detail="waits for an earlier message of the ticket")
    behind = ("Waits behind an earlier message", "cannot connect; tried 2 times")
    assert delivered(DeliveryStatus(state="sent"), stuck, fresh, looked_at)[2:] == [behind, behind]
    trying = DeliveryStatus(state="sending", attempts=3)
    assert delivered(trying, fresh) == [("Being sent", ""), ("Waits behind an earlier message", "")]


def test_what_holds_nothing_up_is_no_cause() -> None:
    first = DeliveryStatus(state="sending", attempts=1)
    failed = DeliveryStatus(state="failed", detail="no such mailbox", attempts=1)
    assert delivered(failed, first, DeliveryStatus(state="queued"))[2] == ("On its way", "")
