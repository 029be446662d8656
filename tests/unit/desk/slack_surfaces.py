"""Every surface of the desk in Slack, with one text in every place where somebody else's text can stand."""

from collections.abc import Iterator
from typing import Any

from trunkline.desk.slack.card_blocks import card_message, smaller
from trunkline.desk.slack.ephemeral_blocks import (
    cannot_message,
    changed_message,
    done_message,
    hold_message,
    kept_as_note_message,
    lost_race_message,
    marked_as_note_message,
    stopped_message,
    stranger_message,
    too_late_message,
    warning_message,
)
from trunkline.desk.slack.handles import Handle
from trunkline.desk.slack.offer_blocks import accepted_message, offer_message, passed_message
from trunkline.desk.slack.surfaces import Message
from trunkline.desk.slack.thread_blocks import entry_message, events_message, failure_message
from trunkline.desk.slack.ticket_card import Card
from trunkline.desk.views.amended import Amended, Earlier, ShownMark
from trunkline.desk.views.deadlines import WINDOW, Deadline
from trunkline.desk.views.happenings import Happened
from trunkline.desk.views.linked_text import LinkedText
from trunkline.desk.views.proof_words import PROOFS
from trunkline.desk.views.timeline import Entry, File, Receipt
from trunkline.normalizer.envelope import Assurance
from trunkline.router.records import Offer

from .tickets import HOUR, NOW

HANDLE = Handle("00000000-0000-7000-8000-000000000001", 7)
PERMALINK = "https://team.slack.com/archives/C0SUPPORT/p1750000000000100"
OURS = ("<#C0SUPPORT>", f"<{PERMALINK}|open>", "<@U0ADA>")
LATE = Deadline(since=NOW - 2 * HOUR, due=NOW - HOUR, kind="first_response")


def card(text: str = "It is green", **facts: Any) -> Card:
    """A card with this text in every place that others write into."""
    known: dict[str, Any] = {
        "ticket": HANDLE.ticket,
        "revision": HANDLE.revision,
        "number": "T-1",
        "title": text,
        "product": "E-mail",
        "customer": text,
        "language": "German",
        "queue": "support",
        "priority": 3,
        "tags": (text, text),
        "status": "open",
        "status_words": "open",
        "status_since": NOW,
        "excerpt": text,
        "files": 2,
    }
    return Card(**known | facts)


def entry_of(text: str = "It is green", **facts: Any) -> Entry:
    """An article with this text in every place."""
    known: dict[str, Any] = {
        "id": "00000000-0000-7000-8000-000000000002",
        "ticket": HANDLE.ticket,
        "side": "customer",
        "author": text,
        "proof": PROOFS[Assurance.CLAIMED],
        "evidence": text,
        "checks": (),
        "joined": text,
        "stands_out": True,
        "channel": "mail",
        "product": "E-mail",
        "addresses": text,
        "copied": text,
        "people": (),
        "subject": text,
        "carried": (text,),
        "at": NOW,
        "said": {text: text},
        "text": text,
        "linked_text": (LinkedText(text=text), LinkedText(text=text, url="https://evil.example/", mark="b")),
        "erased": False,
        "cut": False,
        "quoted": text,
        "signature": text,
        "formatted": False,
        "files": [File(name=text, size=5_000, sha256="", sort="pdf"), File(name="", size=0, sha256="", sort="other")],
        "receipt": None,
        "amended": Amended(
            edited_at=NOW,
            earlier=(Earlier(text=text, at=NOW),),
            deleted="",
            deleted_at=None,
            marks=(ShownMark(emoji=text, count=2, people=text),),
        ),
        "came_with": "T-2",
    }
    return Entry(**known | facts)


def receipt(state: str, tone: Any, detail: str = "") -> Receipt:
    """What became of an answer."""
    return Receipt(state=state, words="Not sent", detail=detail, at=NOW, tone=tone, attempts=1)


def messages(text: str) -> Iterator[tuple[str, Message]]:
    """Every message, by a name for each."""
    offered = card(text, offer=Offer(agent="ada", expires_at=NOW + HOUR), offered_to=text)
    yield from ((f"card {name}", card_message(each, NOW, replying=text)) for name, each in cards(text))
    yield from ((f"smaller card {count}", card_message(each, NOW)) for count, each in enumerate(smaller(card(text))))
    yield "offer", offer_message(offered, why=text)
    yield "accepted", accepted_message(card(text, holder=text), NOW, where="C0SUPPORT", thread=PERMALINK)
    yield "missed", passed_message(card(text), missed=True, away=True)
    yield "passed", passed_message(card(text), missed=False, taken_by=text)
    yield from thread_lines(text)
    yield from ephemerals(text)


def cards(text: str) -> Iterator[tuple[str, Card]]:
    """Every state of a card."""
    window = Deadline(since=NOW, due=NOW + HOUR, kind=WINDOW)
    yield "free", card(text, deadline=Deadline(since=NOW, due=NOW + HOUR, kind="first_response"), priority=2)
    yield "offered", card(text, offer=Offer(agent="ada", expires_at=NOW + HOUR), offered_to=text)
    yield "taken", card(text, holder=text, deadline=window, undelivered=True, unproven=True)
    yield "absent", card(text, holder=text, absent=True)
    yield "pending", card(text, holder=text, status="pending", status_words="pending", standing=text)
    yield "on hold", card(text, holder="", status="on_hold", status_words="on hold")
    yield "breached", card(text, priority=1, deadline=LATE)
    yield "solved", card(text, status="solved", status_words="solved", holder=text)
    yield "closed", card(text, status="closed", status_words="closed")
    yield "merged", card(text, status="closed", status_words="merged", merged_into="T-3")


def thread_lines(text: str) -> Iterator[tuple[str, Message]]:
    """Every line of a thread."""
    failed = receipt("failed", "bad", text)
    yield "customer's message", entry_message(entry_of(text), HANDLE)
    yield "long message", entry_message(entry_of(f"{text} " * 4_000, author=text, cut=True), HANDLE)
    yield "answer", entry_message(entry_of(text, side="agent", receipt=receipt("sent", "calm"), proof=None), HANDLE)
    yield "failed answer", entry_message(entry_of(text, side="agent", receipt=failed), HANDLE)
    yield "failure", failure_message(entry_of(text, side="agent", receipt=failed), HANDLE)
    yield "note", entry_message(entry_of(text, side="note", formatted=True), HANDLE)
    yield "erased", entry_message(entry_of(text, erased=True, files=()), HANDLE)
    yield "events", events_message([Happened(at=NOW, words=text)] * 12)


def ephemerals(text: str) -> Iterator[tuple[str, Message]]:
    """Everything that one alone is told."""
    yield "hold", hold_message(text, NOW, HANDLE, text=text)
    yield "kept as note", kept_as_note_message(text, text, HANDLE)
    yield "nobody's", kept_as_note_message("", text, HANDLE)
    yield "marked as note", marked_as_note_message(text)
    yield "stopped", stopped_message(as_note=True)
    yield "too late", too_late_message("changed", NOW)
    yield "lost race", lost_race_message("T-1", text, 2_000)
    yield "changed", changed_message("T-1", text, text)
    yield "cannot", cannot_message(text, text, again=HANDLE)
    yield "warning", warning_message(text, HANDLE, remedy=text)
    yield "stranger", stranger_message(text)
    yield "done", done_message(text)
