"""Tickets in the order of a time that they have, the soonest first; those that have none are not among them.

    due      what they owe is due then
    window   until then the channel takes a free answer, and somebody waits for one

It reads the index `due:<queue>` or `window:<queue>` of ticket.lua, a queue's part at a time, also of queues that are
configured no more. A page may be short when most of it is filtered out; it goes on behind (time, ticket).
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

from ..config.errors import Invalid
from ..queue.connection import Engine
from .reader import Reader, TicketFilter
from .records import Ticket
from .sight import Sight, admits
from .ticket_keys import TicketKeys

QUEUES = 1_000
SCANNED = 2_000
BATCH = 200

Order = Literal["due", "window"]

Place = tuple[str, str]
"""The time, 16 digits, and the ticket."""


@dataclass(frozen=True, kw_only=True)
class DuePage:
    """One page; `next` is the place behind which it goes on."""

    items: list[Ticket]
    next: Place | None


class DueTickets:
    """Lists what is due."""

    def __init__(self, engine: Engine, reader: Reader) -> None:
        self._engine = engine
        self._reader = reader
        self._index = TicketKeys(engine).index

    async def page(
        self,
        wanted: TicketFilter,
        *,
        order: Order = "due",
        since: int = 0,
        before: int | None = None,
        after: Place | None = None,
        limit: int = 50,
        sight: Sight | None = None,
    ) -> DuePage:
        """Tickets of the filter whose time is from `since` on and before the other instant (ms). Raises Invalid for
        words.
        """
        if wanted.words:
            raise Invalid(f"a search is in no order of {order}; leave one of them out", field="q")
        after = after or (f"{since:016d}", "")
        records = [each.id for each in await self._reader.records(wanted.customer)] if wanted.customer else []
        heads = [f"{order}:{wanted.queue}"] if wanted.queue is not None else await self._heads(order)
        found, scanned = list[Ticket](), 0
        while scanned < SCANNED:
            places = await self._places(heads, after, before)
            stored = await self._reader.stored(ticket for _, ticket in places)
            for place, each in zip(places, stored, strict=True):
                scanned, after = scanned + 1, place
                if each is not None and wanted.admits(each.record, records) and admits(sight, each.record):
                    found.append(each.record)
                    if len(found) == limit:
                        return DuePage(items=found, next=after)
            if len(places) < BATCH:
                return DuePage(items=found, next=None)
        return DuePage(items=found, next=after)

    async def _places(self, heads: list[str], after: Place, before: int | None) -> list[Place]:
        parts = await asyncio.gather(*(self._of_queue(head, after, before) for head in heads))
        return sorted(place for part in parts for place in part)[:BATCH]

    async def _of_queue(self, head: str, after: Place, before: int | None) -> list[Place]:
        begin = f"[{head}|{after[0]}|{after[1]}"
        end = f"({head}}}" if before is None else f"({head}|{before:016d}"
        members = await self._engine.call("ZRANGE", self._index, begin, end, "BYLEX", "LIMIT", 0, BATCH + 1)
        places = [(due, ticket) for due, ticket in (each.decode().split("|")[-2:] for each in members)]
        return [place for place in places if place != after]

    async def _heads(self, order: Order) -> list[str]:
        """Of the queues in which something has such a time, each found by one step in the index."""
        found, begin = list[str](), f"[{order}:"
        while len(found) < QUEUES:
            members = await self._engine.call("ZRANGE", self._index, begin, f"({order};", "BYLEX", "LIMIT", 0, 1)
            if not members:
                break
            found.append(members[0].decode().partition("|")[0])
            begin = f"[{found[-1]}}}"
        return found
