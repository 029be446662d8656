"""The first column as data: what waits for an agent, in sections, each a list of rows. Pure functions of what was read.

Offers come first, the one that runs out soonest at the top; then what waits for an answer that its channel soon takes
no more, of the agent's own and of what nobody has; then tickets in whose notes a colleague names the agent, until they
read them; then the agent's own tickets, those whose answer is due, or whose window shuts, soonest at the top and those
that wait for nobody at the end; then what is folded: waiting without an agent, what is owed whoever has it, parked,
solved. A section says what it means that it is empty.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...normalizer.channel_facts import Channels
from ...router.excerpts import Part
from ...router.stored_ticket import StoredTicket
from ...router.ticket_search import Found
from .deadlines import Deadline, first_deadline
from .person_names import person_name
from .products import ticket_product
from .ticket_head import offer_deadline
from .ticket_lists import TicketList

NEVER = 1 << 53
MOST = 40  # rows of the agent's own tickets
PREVIEW = 90  # characters of a line
NOTHING = TicketList()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """For whom a list is made."""

    agent: str
    languages: Sequence[str]
    seen: Mapping[str, int]
    channels: Channels
    names: Mapping[str, str] = field(default_factory=dict)  # of the agents
    presence: str = "available"
    selected: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One ticket in a list."""

    id: str
    number: str
    channel: str
    product: str  # what people know the channel by
    who: str
    preview: str
    found: Sequence[Part]  # instead of the preview, the line with the words of a search
    files: int
    at: int
    status: str
    priority: int
    language: str  # empty when the agent speaks it
    unread: bool
    unproven: bool
    undelivered: bool
    within: str  # the ticket merged into it that has these words
    selected: bool
    holder: str  # who has it or is offered it, when that is somebody else
    deadline: Deadline | None
    offer: Deadline | None


@dataclass(frozen=True, kw_only=True)
class Section:
    """One list under its heading."""

    name: str
    title: str
    rows: Sequence[Row]
    total: int
    empty: str = ""
    folds: bool = False
    folded: bool = False  # its rows were not read
    goes_on: bool = False  # there are more than `total`

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(0, self.total - len(self.rows))


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the sections are made of."""

    offers: TicketList = NOTHING
    mentions: TicketList = NOTHING
    shutting: TicketList = NOTHING
    mine: Sequence[TicketList] = ()
    waiting: TicketList = NOTHING
    due: TicketList = NOTHING
    parked: Sequence[TicketList] = ()
    solved: TicketList = NOTHING


_FOLDING = {
    "waiting": ("Unassigned", "Nobody waits for an agent in your queues."),
    "due": ("Due first", "Nothing is owed in your queues."),
    "parked": ("Pending", "What waits for a customer or for somebody else is kept here."),
    "solved": ("Solved", "What you solve stays here."),
}

_BY_DUE = ("waiting", "due")  # which come in the order in which they are due, and of the queue that is asked for


def sections(
    needs: Needs, reading: Reading, *, queue: str | None, unfolded: Collection[str] = frozenset(), most: int = MOST
) -> list[Section]:
    """The column of an agent; `queue` leaves only what is in it, `unfolded` names what was read of the folding ones."""
    offers = sorted(_rows(needs.offers.tickets, reading, None), key=_runs_out)  # which wait in whatever queue
    mine = sorted(_rows(_all(needs.mine), reading, queue), key=_urgency)
    held = sum(each.total for each in needs.mine) if queue is None else len(mine)
    folding = {"waiting": (needs.waiting,), "due": (needs.due,), "parked": needs.parked, "solved": (needs.solved,)}
    return [
        Section(
            name="offers",
            title="Offers",
            rows=offers,
            total=max(needs.offers.total, len(offers)),
            empty=_no_offers(reading.presence, needs.waiting.total),
        ),
        *_if_any("shutting", "Free answers end soon", needs.shutting, reading),
        *_if_any("mentions", "You are named in a note", needs.mentions, reading),
        Section(name="mine", title="Mine", rows=mine[:most], total=held, empty="Nothing of yours is open."),
        *(_folding(name, lists, reading, queue, folded=name not in unfolded) for name, lists in folding.items()),
    ]


def _if_any(name: str, title: str, told: TicketList, reading: Reading) -> list[Section]:
    """Only where there are any."""
    rows = _rows(told.tickets, reading, None)
    return [Section(name=name, title=title, rows=rows, total=told.total)] if rows else []


def _folding(name: str, lists: Sequence[TicketList], reading: Reading, queue: str | None, *, folded: bool) -> Section:
    rows = _rows(_all(lists), reading, queue)
    if name not in _BY_DUE:
        rows = sorted(rows, key=_newest)
    # the counts of an agent's tickets are over all queues
    total = sum(each.total for each in lists) if queue is None or name in _BY_DUE else len(rows)
    title, empty = _FOLDING[name]
    return Section(name=name, title=title, rows=rows, total=total, empty=empty, folds=True, folded=folded)


def search_section(found: TicketList, reading: Reading, words: str) -> Section:
    """What a search found."""
    rows = [row(stored, reading, found.found.get(stored.record.id)) for stored in found.tickets]
    empty = f"No ticket has “{words}” in its number, subject, tags, messages, notes, names or file names."
    return Section(name="found", title="Found", rows=rows, total=found.total, goes_on=found.goes_on, empty=empty)


def row(stored: StoredTicket, reading: Reading, found: Found | None = None) -> Row:
    """One ticket as a row."""
    ticket, preview = stored.record, stored.work.said_last
    at = ticket.last_message_at or ticket.created_at
    foreign = ticket.language not in ("unknown", *reading.languages)
    offered = ticket.offer.agent if ticket.offer else None
    holder = ticket.assignee or offered or ""
    held = bool(reading.agent) and reading.agent in (ticket.assignee, offered)
    return Row(
        id=ticket.id,
        number=ticket.number,
        channel=ticket.channel,
        product=ticket_product(stored, reading.channels).words,
        who=person_name(preview.by, preview.key, reading.channels),
        preview=(preview.text or ticket.subject)[:PREVIEW],
        found=found.parts if found else (),
        files=preview.files,
        at=at,
        status=ticket.status,
        priority=ticket.priority,
        language=ticket.language if foreign else "",
        unread=held and reading.seen.get(ticket.id, 0) < at,
        unproven=ticket.unproven,
        undelivered=ticket.undelivered,
        within=found.number if found and found.ticket != ticket.id else "",
        selected=ticket.id == reading.selected,
        holder=reading.names.get(holder, holder) if holder != reading.agent else "",
        deadline=first_deadline(stored),
        offer=offer_deadline(stored) if offered == reading.agent else None,
    )


def _rows(tickets: Iterable[StoredTicket], reading: Reading, queue: str | None) -> list[Row]:
    return [row(stored, reading) for stored in tickets if queue in (None, stored.record.queue)]


def _all(lists: Iterable[TicketList]) -> list[StoredTicket]:
    return [stored for each in lists for stored in each.tickets]


def _runs_out(row: Row) -> int:
    return row.offer.due if row.offer else NEVER


def _urgency(row: Row) -> tuple[int, int]:
    return (row.deadline.due if row.deadline else NEVER, -row.at)


def _newest(row: Row) -> int:
    return -row.at


def _no_offers(presence: str, waiting: int) -> str:
    if presence != "available":
        return f"No offers while you are {presence}. Say that you are available to be offered work."
    if not waiting:
        return "No offers. You are available; your queues are empty."
    return "No offers just now. What waits is below; you may take it."
