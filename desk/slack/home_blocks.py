"""The App Home of an agent: what needs them, what they have by due time, how they are, and how it goes. Pure.

It is drawn when it is opened and at most every half minute after, so spans are told as they are then. A hundred blocks
are the most that Slack takes: fifteen tickets are shown, and each section says how many more there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...router.records import AgentState
from ..views.inbox_rows import Row, Section
from . import controls
from .blocks import Json, Moment, actions, context, divider, fields, header, marked, plain, section
from .card_blocks import MARKS
from .elements import Option, button, link_button, menu
from .handles import Handle
from .plain_words import name, one_line
from .surfaces import home

ROWS = 15
_SHOWN = ("offers", "shutting", "mentions", "mine", "waiting")  # sections whose tickets are shown
_PRESENCE = {"available": "🟢 Available", "busy": "🟡 Busy", "away": "🌙 Away", "offline": "⚪ Offline"}
_CHOICES = (
    ("available", "🟢 Available: offer me work"),
    ("busy", "🟡 Busy: what I have, nothing more"),
    ("away:15", "🌙 Away for 15 minutes"),
    ("away:30", "🌙 Away for 30 minutes"),
    ("away:60", "🌙 Away for an hour"),
    ("away", "🌙 Away until I say otherwise"),
    ("offline", "⚪ Offline: my shift is over"),
)

ThreadOf = Callable[[str], str]
"""The address of a ticket's thread by the ticket's id; empty where it has none."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """What the home of an agent is made of."""

    agent: AgentState
    sections: Sequence[Section]
    figures: Sequence[tuple[str, str]] = ()  # a word and a number: `Solved today`, `12`
    told: str = ""  # why somebody else set them away
    warnings: Sequence[str] = ()  # such as that the gateway cannot reach a channel
    page: str = ""  # the desk's address
    drawn_at: int = 0


def home_view(shown: Home, thread: ThreadOf) -> Json:
    """The view."""
    return home(list(_blocks(shown, thread)))


def stranger_home() -> Json:
    """For somebody who is no agent of this desk."""
    words = "You are not an agent of this desk. Whoever runs it adds you, with the address that Slack knows you by."
    return home([header("Trunkline"), section(plain(words))])


def _blocks(shown: Home, thread: ThreadOf) -> Iterator[Json]:
    yield from _self(shown)
    left = ROWS
    for part in shown.sections:
        if part.name not in _SHOWN:
            continue
        rows = part.rows[:left]
        left -= len(rows)
        yield from _section(part, rows, shown, thread)
    yield from _rest(shown)


def _self(shown: Home) -> Iterator[Json]:
    agent = shown.agent
    chosen = agent.presence if agent.presence in dict(_CHOICES) else ""
    choices = [Option(words, value) for value, words in _CHOICES]
    yield section(
        plain(f"{_PRESENCE.get(agent.presence, agent.presence)} · {agent.load} of {agent.capacity} in use"),
        menu("How are you?", controls.PRESENCE, choices, chosen=chosen),
    )
    if shown.told:
        yield context(plain(f"ℹ️ {shown.told}"))
    if agent.closes_at is not None and agent.shift_ends is not None:
        yield context(marked("Your shift ends ", Moment(agent.shift_ends, "clock"), "."))
    for each in shown.warnings[:3]:
        yield context(plain(f"⚠️ {each}"))
    yield actions(
        button("Search", controls.FIND, Handle()),
        button("New ticket", controls.NEW_TICKET, Handle()),
        button("Hand over", controls.HAND_OVER, Handle()),
        button("Help", controls.HELP, Handle()),
        *([link_button("Desk page", controls.DESK_PAGE, shown.page)] if shown.page else []),
    )


def _section(part: Section, rows: Sequence[Row], shown: Home, thread: ThreadOf) -> Iterator[Json]:
    if not part.total and part.name not in ("offers", "mine"):
        return
    yield divider()
    yield header(f"{part.title} · {part.total}" if part.total else part.title)
    if not part.total:
        yield context(plain(part.empty))
    for row in rows:
        yield from _row(row, part.name, shown.drawn_at, thread(row.id))
    more = part.total - len(rows)
    if more > 0:
        words = f"{more} more" if rows else f"{more} wait here"
        yield context(plain(f"{words}: the card of each is in its queue's channel, all are found by Search."))


def _row(row: Row, where: str, now: int, thread: str) -> Iterator[Json]:
    mark = f"{MARKS[row.priority]} " if row.priority in MARKS else ""
    unread = "● " if row.unread else ""
    title = f"{unread}{mark}{row.number}  {one_line(row.preview, 110)}"
    handle = Handle(row.id)
    opened = link_button("Open", f"{controls.OPEN}_{where}", thread) if thread else _button(where, handle)
    yield section(plain(title), opened)
    owed = row.offer or row.deadline
    late = "⏰ " if owed is not None and owed.tone(now) == "late" else ""
    what = "Answer the offer" if row.offer else owed.what if owed else ""
    facts = (
        f"{late}{what}: {owed.words(now)}" if owed is not None else "",
        name(row.who),
        row.product,
        row.status if row.status not in ("new", "open") else "",
        f"{name(row.holder)} has it" if row.holder else "",
        "⚠️ an answer did not arrive" if row.undelivered else "",
        "⚠️ sender not proven" if row.unproven else "",
    )
    yield context(plain(" · ".join(filter(None, facts))))


def _button(where: str, handle: Handle) -> Json:
    if where == "waiting":
        return button("Take", controls.TAKE, handle)
    return button("Open", f"{controls.OPEN}_{where}", handle)


def _rest(shown: Home) -> Iterator[Json]:
    if shown.figures:
        yield divider()
        yield header("Today")
        yield fields(*(plain(f"{one_line(words, 60)}\n{one_line(number, 60)}") for words, number in shown.figures))
    folded = [each for each in shown.sections if each.name not in _SHOWN and each.total]
    words = " · ".join(f"{each.title}: {each.total}" for each in folded)
    yield context(marked("As of ", Moment(shown.drawn_at, "clock")), *([plain(words)] if words else []))
