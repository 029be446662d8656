"""The card of a ticket, the first message of its thread: who, what, how it stands, and what one can do. Pure.

    🔴 T-1042  Lamp arrived broken                      what it is about; a coloured mark only when it is urgent
    Urgent · E-mail · Maria Lopez · Spanish · support   who and where
    ▏Hello, the lamp came this morning and …            the last that the customer said
    Ann has it · ⏱ Answer due today 14:05               how it stands
    [Reply…] [Open ▾] [Customer] [⋯]                    what is done most, and the rest behind ⋯

A finished ticket is two lines. The card names times and not spans, so that it is true until something happens. Of what
Slack refuses, `smaller` makes a smaller one; the last of them is a text alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..views.deadlines import WINDOW
from ..views.labels import PARKING
from . import block_limits as limits
from . import controls
from .blocks import Bold, Json, Moment, Piece, Styled, actions, context, marked, plain, rich, section
from .elements import Option, button, menu, overflow
from .plain_words import cut, name, one_line, running_text
from .surfaces import Message
from .ticket_card import Card

MARKS = {1: "🔴", 2: "🟠"}
URGENT = {1: "Urgent", 2: "High"}
_LINES = 6  # of an excerpt
_LATE_MARK, _DUE_MARK = "⏰", "⏱"


def card_message(card: Card, now: int, *, replying: str = "") -> Message:
    """The card as it stands; `replying` is the name of who writes an answer just now."""
    blocks = _finished(card) if card.finished else _open(card, now, replying)
    return Message(
        words=card_words(card),
        blocks=blocks,
        event=controls.TICKET_EVENT,
        payload={"ticket": card.ticket, "rev": card.revision},
    )


def smaller(card: Card) -> Iterator[Card]:
    """What to try when Slack refuses the card: without the excerpt, then with nothing that anybody wrote."""
    yield replace(card, excerpt="")
    yield replace(card, excerpt="", title=card.product, customer="", tags=())


def card_words(card: Card) -> str:
    """The card in one line, for notifications."""
    mark = f"{MARKS[card.priority]} {URGENT[card.priority]} " if card.priority in MARKS and not card.finished else ""
    who = f" ({name(card.customer)}, {card.product})" if card.customer else ""
    state = f" – {card.status_words}" if card.finished else ""
    return f"{mark}{card.number} {one_line(card.title, 200)}{who}{state}"


def title_runs(card: Card) -> Sequence[Styled]:
    """The first line."""
    mark = f"{MARKS[card.priority]} " if card.priority in MARKS else ""
    return (Styled(f"{mark}{card.number}  "), Styled(one_line(card.title, 250), bold=True))


def who_words(card: Card) -> str:
    """The second line: how urgent, by what, from whom, in which language and queue."""
    facts = (
        URGENT.get(card.priority, ""),
        card.product,
        name(card.customer),
        "⚠️ sender not proven" if card.unproven else "",
        card.language,
        card.queue,
        *(f"#{one_line(tag, 40)}" for tag in card.tags),
    )
    return " · ".join(filter(None, facts))


def excerpt_block(text: str, files: int = 0) -> list[Json]:
    """The last that the customer said, with a bar beside it; nothing where it is not shown."""
    lines = running_text(text, limits.EXCERPT_TEXT).split("\n")
    said = "\n".join(lines[:_LINES]) + (" …" if len(lines) > _LINES else "")
    with_files = Styled(f"{' ' if said.strip() else ''}📎 {files} file{'' if files == 1 else 's'}", italic=True)
    runs = [Styled(cut(said, limits.EXCERPT_TEXT)), *([with_files] if files else [])]
    return [rich(*runs, quoted=True)] if said.strip() or files else []


def state_line(card: Card, now: int, replying: str = "") -> Json:
    """How it stands: who has it, what is owed, what is wrong."""
    shown = [list(_holder(card)), list(_owed(card, now))]
    shown += [["⚠️ An answer did not arrive"]] if card.undelivered else []
    shown += [[f"✍️ {name(replying)} is replying"]] if replying else []
    pieces = list[Piece]()
    for part in filter(None, shown):
        pieces += [" · ", *part] if pieces else part
    return context(marked(*pieces))


def status_options(card: Card) -> list[Option]:
    """What its status can be made by one choice."""
    words = {"open": "Open", **PARKING, "solved": "Solved", "cancelled": "Solved: taken back", "spam": "Spam"}
    return [Option(said, str(card.handle.with_(status))) for status, said in words.items()]


def _open(card: Card, now: int, replying: str) -> list[Json]:
    return [
        rich(*title_runs(card)),
        context(plain(who_words(card), limits.CONTEXT_TEXT)),
        *excerpt_block(card.excerpt, card.files),
        state_line(card, now, replying),
        actions(*_controls(card)),
    ]


def _finished(card: Card) -> list[Json]:
    how = f"Merged into {card.merged_into}" if card.merged_into else card.status_words.capitalize()
    by = f" by {name(card.holder)}" if card.holder and not card.merged_into else ""
    mark = "🔗" if card.merged_into else "✅"
    may_reopen = card.status == "solved" and not card.merged_into
    options = [
        Option("Customer", str(card.handle.with_(controls.MORE_CUSTOMER))),
        *([Option("Open again", str(card.handle.with_(controls.MORE_REOPEN)))] if may_reopen else []),
    ]
    return [
        section(plain(f"{mark} {card.number}  {one_line(card.title, 250)}"), overflow(controls.MORE, options)),
        context(marked(how, by, " ", Moment(card.status_since)), plain(f"{card.product} · {name(card.customer)}")),
    ]


def _holder(card: Card) -> Iterator[Piece]:
    if card.offer is not None:
        yield from (f"👋 Offered to {name(card.offered_to)} until ", Moment(card.offer.expires_at, "clock"))
        return
    has = f"{name(card.holder)} has it{' and is offline' if card.absent else ''}" if card.holder else "Nobody has it"
    match card.status:
        case "pending":
            yield f"⏳ Waits for the customer{f' · {has}' if card.holder else ''}"
        case "on_hold":
            yield f"⏸️ On hold, waits for somebody else{f' · {has}' if card.holder else ''}"
        case _:
            yield f"{'👤' if card.holder else '🆕'} {has}"


def _owed(card: Card, now: int) -> Iterator[Piece]:
    owed = card.deadline
    if owed is None:
        yield from [one_line(card.standing, 120)] if card.standing else []
    elif owed.kind == WINDOW:
        words = "Free answers ended" if now >= owed.due else "Free answers only until"
        yield from (f"{_LATE_MARK} ", Bold(words), " ", Moment(owed.due))
    elif now >= owed.due:
        yield from (f"{_LATE_MARK} ", Bold(f"{owed.what} was due"), " ", Moment(owed.due))
    else:
        yield from (f"{_DUE_MARK} {owed.what} due ", Moment(owed.due))


def _controls(card: Card) -> Iterator[Json]:
    """Four, the one that is wanted most first."""
    free = not card.holder and card.offer is None
    if free:
        yield button("Take", controls.TAKE, card.handle, look="primary")
    yield button("Reply…", controls.REPLY, card.handle, look="" if free else "primary")
    if card.holder:
        chosen = "open" if card.status == "new" else card.status
        yield menu("Status", controls.STATUS, status_options(card), chosen=str(card.handle.with_(chosen)))
    yield button("Customer", controls.CUSTOMER, card.handle)
    yield overflow(controls.MORE, list(_more(card)))


def _more(card: Card) -> Iterator[Option]:
    words = {
        controls.MORE_EDIT: "Priority, tags, queue…",
        controls.MORE_ASSIGN: "Assign…",
        controls.MORE_ESCALATE: "Escalate…",
        controls.MORE_MERGE: "Merge…",
        **({controls.MORE_TAKE_OVER: "Take over"} if card.absent else {}),
        **({controls.MORE_RELEASE: "Give back"} if card.holder and not card.absent else {}),
    }
    for about, said in words.items():
        yield Option(said, str(card.handle.with_(about)))
