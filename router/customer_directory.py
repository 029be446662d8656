"""The directory of customers: found by words of theirs, their ids, a segment, a company or a field. Reads only.

The directory is a sorted set that every step which changes a record writes along (customer.lua, customer_terms.py). A
list follows the one thing asked for that fewest records have; the rest is looked at record by record, over a bounded
number a page, so a page can be short, or even empty, and still say where the next one begins. A person with several
records stands in it once, with the last of their places.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ..config.errors import NotFound
from ..queue.connection import Engine
from .customer_records import load_records
from .customer_terms import CustomerFilter, terms_of
from .person import Records, as_one, members
from .records import Customer
from .ticket_keys import TicketKeys

SCANNED = 1_000
BATCH = 100


@dataclass(frozen=True, kw_only=True)
class CustomerPage:
    """One page of a list, and where the next one begins."""

    items: Sequence[Customer]
    next: str | None


class CustomerDirectory:
    """Lists the customers of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)

    async def page(self, wanted: CustomerFilter, *, after: str | None = None, limit: int = 50) -> CustomerPage:
        """A page; without anything asked for the newest first. Raises NotFound for a place that is none of its."""
        head, found = await self._head(wanted, after), list[Customer]()
        for _ in range(SCANNED // BATCH):
            batch = await self._places(head, after)
            records = await load_records(self._engine, self._keys, {place.rpartition("|")[2] for place in batch})
            for place in batch:
                person = _person_at(records, place, head)
                if person is not None and wanted.admits(person):
                    found.append(person)
                if len(found) == limit:
                    return CustomerPage(items=found, next=place)
            after = batch[-1] if batch else after
            if len(batch) < BATCH:
                return CustomerPage(items=found, next=None)
        return CustomerPage(items=found, next=after)

    async def _head(self, wanted: CustomerFilter, after: str | None) -> str:
        """What the places begin with that are looked at: of the list that the cursor is of, or of the shortest."""
        heads = wanted.heads()
        if after is not None:
            head = next((head for head in heads if after.startswith(head)), None)
            if head is None:
                raise NotFound("no page begins at this cursor")
            return head
        counts = await asyncio.gather(*map(self._count, heads))
        return min(zip(counts, heads, strict=True))[1]

    async def _count(self, head: str) -> int:
        return int(await self._engine.call("ZLEXCOUNT", self._keys.directory, f"[{head}", _end(head)))

    async def _places(self, head: str, after: str | None) -> list[str]:
        upper = _end(head) if after is None else f"({after}"
        words = (upper, f"[{head}", "BYLEX", "REV", "LIMIT", 0, BATCH)
        return [place.decode() for place in await self._engine.call("ZRANGE", self._keys.directory, *words)]


def _end(head: str) -> bytes:
    """Behind everything that begins so: no UTF-8 has this byte."""
    return b"(" + head.encode() + b"\xff"


def _person_at(records: Records, place: str, head: str) -> Customer | None:
    """The person of a place, when it is the last of theirs."""
    id_ = place.rpartition("|")[2]
    if id_ not in records:
        return None
    theirs = [records[each] for each in members(records, id_)]
    places = (each for record in theirs for each in terms_of(record) if each.startswith(head))
    return as_one(theirs) if place.encode() == max(each.encode() for each in places) else None
