"""The list of open proposals, which people work through: the strongest first, and of one weight the newest. Reads only.

It stands in the directory of customers (customer_terms.py), so it is always what the records say. Several proposals
about the same two people are one entry, and what has become one person since is left out; so a page can be short, or
even empty, and still say where the next one begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..config.errors import NotFound
from ..queue.connection import Engine
from .customer_records import load_records
from .customer_terms import OPEN, proposed_term
from .person import Entry, Records, as_one, members, relations
from .proposals import open_proposals
from .records import Customer
from .ticket_keys import TicketKeys

SCANNED = 500


@dataclass(frozen=True, kw_only=True)
class OpenProposal:
    """Two people who may be one, the records of theirs by which it is decided, and what the ledgers say."""

    record: str
    other: str
    people: tuple[Customer, Customer]
    entry: Entry


@dataclass(frozen=True, kw_only=True)
class ProposalPage:
    """One page of the list, and where the next one begins."""

    items: Sequence[OpenProposal]
    next: str | None


class OpenProposals:
    """Lists the open proposals of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)

    async def count(self) -> int:
        """How many pairs of records there are; of the same two people there can be several."""
        return int(await self._engine.call("ZLEXCOUNT", self._keys.directory, f"[{OPEN}", f"({OPEN}~"))

    async def page(self, *, after: str | None = None, limit: int = 50) -> ProposalPage:
        """A page of it. Raises NotFound for a place that is none of its."""
        if after is not None and not after.startswith(OPEN):
            raise NotFound("no page begins at this cursor")
        found, upper = list[OpenProposal](), f"({OPEN}~" if after is None else f"({after}"
        bounds = (upper, f"[{OPEN}", "BYLEX", "REV", "LIMIT", 0, SCANNED)
        places = [each.decode() for each in await self._engine.call("ZRANGE", self._keys.directory, *bounds)]
        for place in places:
            proposal = await self._at(place)
            if proposal is not None:
                found.append(proposal)
            if len(found) == limit:
                return ProposalPage(items=found, next=place if place != places[-1] or len(places) == SCANNED else None)
        return ProposalPage(items=found, next=places[-1] if len(places) == SCANNED else None)

    async def _at(self, place: str) -> OpenProposal | None:
        """The proposal of a place; None when it is no more, or another place of the same two people comes first."""
        rest, _, record = place.rpartition("|")
        other = rest[-len(record) :]
        records = await load_records(self._engine, self._keys, [record, other])
        if record not in records or other not in records or other in members(records, record):
            return None
        if place != max(_places(records, record, other), default=""):
            return None
        first, second = (as_one(records[each] for each in members(records, id_)) for id_ in (record, other))
        return OpenProposal(record=record, other=other, people=(first, second), entry=relations(records[record])[other])


def pairs_between(records: Records, one: str, other: str) -> Iterator[tuple[str, str, Entry]]:
    """The open proposals between any record of one person and any of another."""
    theirs = set(members(records, other))
    for id_ in members(records, one):
        yield from ((id_, of, entry) for of, entry in open_proposals(records[id_]) if of in theirs)


def _places(records: Records, one: str, other: str) -> Iterator[str]:
    for id_, of, entry in pairs_between(records, one, other):
        first, second = sorted((id_, of))
        yield proposed_term(entry, second) + first
