"""Every surface of the desk in Slack, with one text in every place where somebody else's text can stand."""

from collections.abc import Iterator
from typing import Any

from trunkline.desk.slack.card_blocks import card_message, smaller
from trunkline.desk.slack.composer_view import Composer, canned_answer, composer_view, reading_view
from trunkline.desk.slack.customer_view import customer_view, loading_view
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
from trunkline.desk.slack.hand_over_view import hand_over_view, handed_over_message
from trunkline.desk.slack.handles import Handle
from trunkline.desk.slack.help_blocks import digest_message, first_message, help_message
from trunkline.desk.slack.home_blocks import Home, home_view, stranger_home
from trunkline.desk.slack.offer_blocks import accepted_message, offer_message, passed_message
from trunkline.desk.slack.search_view import opening_view, result_options, searching_view
from trunkline.desk.slack.surfaces import Message
from trunkline.desk.slack.thread_blocks import entry_message, events_message, failure_message
from trunkline.desk.slack.ticket_card import Card
from trunkline.desk.slack.ticket_forms import (
    agents_answer,
    assigning_view,
    declining_view,
    editing_view,
    escalating_view,
    merge_confirmed_view,
    merging_view,
)
from trunkline.desk.views.amended import Amended, Earlier, ShownMark
from trunkline.desk.views.deadlines import WINDOW, Deadline
from trunkline.desk.views.happenings import Happened
from trunkline.desk.views.inbox_rows import Row, Section
from trunkline.desk.views.linked_text import LinkedText
from trunkline.desk.views.merge_words import MergeWords
from trunkline.desk.views.people import KnownAs, Person, Profile
from trunkline.desk.views.person_names import IdentityWords
from trunkline.desk.views.proof_words import PROOFS
from trunkline.desk.views.related_records import RelatedRecord
from trunkline.desk.views.sending_words import OfferedTemplate
from trunkline.desk.views.timeline import Entry, File, Receipt
from trunkline.normalizer.envelope import Assurance
from trunkline.router.excerpts import Part
from trunkline.router.records import AgentState, Offer

from .tickets import HOUR, NOW, stored

HANDLE = Handle("00000000-0000-7000-8000-000000000001", 7)
PERMALINK = "https://team.slack.com/archives/C0SUPPORT/p1750000000000100"
OURS = ("<#C0SUPPORT>", f"<{PERMALINK}|open>", "<@U0ADA>")
PAGE = "https://desk.example/desk"
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
    yield "handed over", handed_over_message(text, text, [(HANDLE, text, PERMALINK), (HANDLE, text, "")])
    yield "help", help_message(unknown=text)
    yield "first message", first_message(text, ["C0SUPPORT"])
    yield "digest", digest_message("support", 60, NOW, [text] * 20, waiting=80, late=2)


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


def views(text: str) -> Iterator[tuple[str, Any]]:
    """Every view, by a name for each."""
    yield from composers(text)
    yield "reading", reading_view("T-1", text, text * 40, 2, HANDLE.with_("a"))
    yield "declining", declining_view(card(text))
    yield "editing", editing_view(card(text), subject=text, tags=(text, text), language="de", queues=("support", "b"))
    yield "assigning", assigning_view(card(text))
    yield "escalating", escalating_view(card(text), [("queue:b", text)])
    yield "escalating to nobody", escalating_view(card(text), [])
    yield "merging", merging_view(card(text), result_options([row(text)]))
    yield "merge", merge_confirmed_view(card(text), HANDLE.ticket, MergeWords(changes=(text,) * 5, warnings=(text,)))
    yield "handing over", hand_over_view([row(text, id=f"{count}") for count in range(60)], ends=True)
    yield "handing nothing over", hand_over_view([])
    yield "loading", loading_view("Customer", "customer_record")
    yield "customer", customer_view(person(text), HANDLE, page=PAGE)
    yield "unknown customer", customer_view(person(text, profile=None), HANDLE)
    yield "search", searching_view(text, section("found", text, 40), begin=15)
    yield "found nothing", searching_view(text, section("found", text, 0))
    yield "new ticket", opening_view(text=text, about=HANDLE)


def composers(text: str) -> Iterator[tuple[str, Any]]:
    """The composer in its states."""
    written = Composer(
        handle=HANDLE,
        number="T-1",
        recipient=text,
        warning=text,
        reply_by=NOW,
        said_last=text,
        text=text * 3,
        has_canned=True,
        modes=(("direct", text), ("public", text)),
        mode="direct",
        copied=((f"{'a' * 80}@example.org", text),),
        offered=(("ben@example.org", text),),
        files=text,
        preview=text,
        plan=text,
    )
    template = OfferedTemplate(name="order", language="de", text=text, places=((text, text), ("2", "")))
    yield "composer", composer_view(written)
    yield "composer of a note", composer_view(Composer(handle=HANDLE, number="T-1", is_note=True, text=text))
    yield (
        "composer of templates",
        composer_view(
            Composer(handle=HANDLE, number="T-1", recipient=text, shut=True, templates=(template,), template="order")
        ),
    )
    yield "composer without templates", composer_view(Composer(handle=HANDLE, number="T-1", shut=True, plan=text))


def homes(text: str) -> Iterator[tuple[str, Any]]:
    """The App Home."""
    names = ("offers", "shutting", "mentions", "mine", "waiting", "due", "parked", "solved")
    shown = Home(
        agent=agent(text),
        sections=[section(name, text, 40) for name in names],
        figures=((text, text),) * 6,
        told=text,
        warnings=(text,) * 5,
        page=PAGE,
        drawn_at=NOW,
    )
    empty = Home(agent=agent(text, presence="away"), sections=[section(name, text, 0) for name in names])
    yield "home", home_view(shown, {HANDLE.ticket: PERMALINK}.__getitem__)
    yield "home without threads", home_view(shown, _nowhere)
    yield "empty home", home_view(empty, _nowhere)
    yield "stranger's home", stranger_home()


def _nowhere(_ticket: str) -> str:
    return ""


def answers(text: str) -> Iterator[tuple[str, Any]]:
    """What is answered to menus that ask."""
    yield "canned", canned_answer([(text[:150] or "a", text)] * 120)
    yield "agents", agents_answer([agent(text)] * 120)


def agent(text: str, **facts: Any) -> AgentState:
    """An agent."""
    known = {"id": "ada", "name": text, "queues": ("support",), "languages": ("en",), "skills": {}, "capacity": 5}
    known |= {"load": 3, "presence": "available", "closes_at": NOW, "shift_ends": NOW + HOUR}
    return AgentState.model_validate(known | facts)


def row(text: str, **facts: Any) -> Row:
    """A row of a list."""
    known: dict[str, Any] = {
        "id": HANDLE.ticket,
        "number": "T-1",
        "channel": "mail",
        "product": "E-mail",
        "who": text,
        "preview": text,
        "found": (Part(text=text), Part(text=text, marked=True)),
        "files": 1,
        "at": NOW,
        "status": "open",
        "priority": 1,
        "language": "de",
        "unread": True,
        "unproven": True,
        "undelivered": True,
        "within": "",
        "selected": False,
        "holder": text,
        "deadline": LATE,
        "offer": None,
    }
    return Row(**known | facts)


def section(name: str, text: str, count: int) -> Section:
    """A section of so many rows."""
    return Section(name=name, title=text, rows=[row(text) for _ in range(count)], total=count * 2, empty=text)


def person(text: str, **facts: Any) -> Person:
    """A customer with this text everywhere."""
    known_as = [
        KnownAs(words=IdentityWords(kind=text, value=text, is_address=True), proof=proof, evidence=text, since=NOW)
        for proof in PROOFS.values()
    ]
    known: dict[str, Any] = dict.fromkeys(("name", "company", "segment", "language", "zone", "notes"), text)
    profile = Profile(
        **known,
        names=(text, text),
        identities=known_as * 3,
        named=(),
        external_ids={text: text},
        fields={f"{text}{count}": text for count in range(12)},
        inputs=(),
        written_at=NOW,
        since=NOW,
    )
    related = RelatedRecord(
        record=HANDLE.ticket,
        other=HANDLE.ticket,
        is_joined=False,
        name=text,
        identities=(text,),
        tickets=2,
        how=text,
        evidence=text,
        by=text,
        reason=text,
        at=NOW,
    )
    other = stored(number=9).record.model_copy(update={"subject": text})
    column: dict[str, Any] = {
        "profile": profile,
        "ticket_inputs": (),
        "related": [related] * 7,
        "others": [other] * 12,
        "others_more": 3,
        "why": None,
        "deadline": None,
        "rules": (),
        "queues": (),
        "agents": (),
    }
    return Person(**column | facts)
