"""The lines of a ticket's thread: what the customer said, what we answered, notes, and what happened. Pure.

Each is one line of small words above the text itself. A text is shown up to 2,800 characters, its rest is behind a
button; what it quotes is left out. A reply that does not arrive says why and has Retry; one that does is only marked.
"""

from collections.abc import Iterator, Sequence

from ..views.happenings import Happened
from ..views.timeline import Entry, File, Receipt
from ..views.times import size
from . import block_limits as limits
from . import controls
from .blocks import Json, Moment, Piece, Styled, actions, context, marked, plain, rich
from .elements import Sure, button
from .handles import Handle
from .plain_words import cut, name, one_line, running_text, weight
from .surfaces import Message

FILES = 10  # named in one line
EVENTS = 8  # told in one message
_SIDES = {"customer": "💬", "agent": "↩️", "note": "🔒", "system": "⚙️"}
_TONES = {"calm": "📤", "good": "✅", "bad": "⚠️", "unsure": "❓"}
REACTIONS = {"calm": "outbox_tray", "good": "white_check_mark", "bad": "warning", "unsure": "question"}
"""By the tone of a receipt, the reaction that stands below an agent's own words in the thread."""


def entry_message(entry: Entry, ticket: Handle) -> Message:
    """An article as a line of the thread of this ticket."""
    blocks = [context(*_above(entry)), *_said(entry, ticket), *_files(entry.files), *_below(entry, ticket)]
    words = one_line(entry.text, 200) or "a file" * bool(entry.files)
    return Message(
        words=f"{_SIDES[entry.side]} {name(entry.author)}: {words}",
        blocks=blocks,
        event=controls.ARTICLE_EVENT,
        payload={"ticket": ticket.ticket, "article": entry.id},
    )


def failure_message(entry: Entry, ticket: Handle) -> Message:
    """That an answer, which stands in the thread already, did not arrive; with what can be done."""
    told = receipt_words(entry.receipt) if entry.receipt else ""
    quoted = rich(Styled(one_line(entry.text, 200)), quoted=True)
    return Message(
        words=f"⚠️ Not sent: {one_line(entry.text, 120)}",
        blocks=[context(plain(told)), quoted, *_remedies(entry, ticket)],
        event=controls.ARTICLE_EVENT,
        payload={"ticket": ticket.ticket, "article": entry.id, "failure": True},
    )


def events_message(events: Sequence[Happened]) -> Message:
    """What happened, in one small line for all of it."""
    shown = events[-EVENTS:]
    lines = [marked(one_line(each.words), " · ", Moment(each.at, "clock")) for each in shown]
    return Message(
        words="; ".join(one_line(each.words) for each in shown), blocks=[context(*lines)], event=controls.OTHER_EVENT
    )


def receipt_words(receipt: Receipt) -> str:
    """What became of an answer: `⚠️ Not sent: mailbox full`."""
    detail = f": {one_line(receipt.detail, 300)}" if receipt.detail else ""
    return f"{_TONES[receipt.tone]} {receipt.words}{detail}"


def files_words(files: Sequence[File]) -> str:
    """Names and sizes of files, and what is wrong with those that are not here."""
    told = [f"📎 {_file(each)}" for each in files[:FILES]]
    more = [f"and {len(files) - FILES} more"] if len(files) > FILES else []
    return "  ".join([*told, *more])


def _above(entry: Entry) -> Iterator[Json]:
    unproven = entry.side == "customer" and entry.proof is not None and entry.proof.mark == "unproven"
    facts = (
        f"{_SIDES[entry.side]} {name(entry.author)}",
        "note" if entry.side == "note" else one_line(f"{entry.product} {entry.addresses}".strip(), 200),
        f"⚠️ {entry.proof.word}" if entry.proof and unproven else "",
        f"of {entry.came_with}" if entry.came_with else "",
        f"cc {one_line(entry.copied, 200)}" if entry.copied else "",
    )
    yield plain(" · ".join(filter(None, facts)), limits.CONTEXT_TEXT)
    changed: list[Piece] = [" · edited"] if entry.amended.edited_at else []
    yield marked(Moment(entry.at, "clock"), *changed)
    if entry.stands_out:
        yield plain(entry.joined, 500)


def _said(entry: Entry, ticket: Handle) -> Iterator[Json]:
    if entry.erased or entry.amended.deleted:
        yield context(plain(entry.amended.deleted or "Erased"))
        return
    text = running_text(entry.text)
    if text:
        yield rich(*_runs(entry, text), most=limits.LONG_TEXT)
    if entry.cut or weight(text) > limits.LONG_TEXT:
        yield actions(button("Read all of it", controls.FULL_TEXT, ticket.with_(entry.id)))


def _runs(entry: Entry, text: str) -> list[Styled]:
    """What an agent marked stays marked; of a customer nothing means anything."""
    if entry.side == "customer" or not any(each.mark for each in entry.linked_text):
        return [Styled(cut(text, limits.LONG_TEXT))]
    return [
        Styled(each.text, bold=each.mark == "b", italic=each.mark == "i", code=each.mark == "code")
        for each in entry.linked_text
    ]


def _files(files: Sequence[File]) -> list[Json]:
    return [context(plain(files_words(files), limits.CONTEXT_TEXT))] if files else []


def _file(file: File) -> str:
    return f"{one_line(file.name, 80)} ({file.absent or size(file.size)})"


def _below(entry: Entry, ticket: Handle) -> Iterator[Json]:
    if marks := "  ".join(f"{each.emoji} {each.count}" for each in entry.amended.marks[:8]):
        yield context(plain(marks))
    if entry.receipt:
        yield context(plain(receipt_words(entry.receipt)))
        yield from _remedies(entry, ticket)


def _remedies(entry: Entry, ticket: Handle) -> list[Json]:
    if entry.receipt is None or not entry.receipt.by_hand:
        return []
    about = ticket.with_(entry.id)
    sure = Sure("Has it arrived?", "Nothing is sent; it counts as sent from now on.", "It has arrived")
    retry = button("Retry", controls.RETRY, about, look="primary")
    return [actions(retry, button("It has arrived", controls.MARK_SENT, about, sure=sure))]
