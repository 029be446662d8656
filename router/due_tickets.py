"""Tickets in the order in which what they owe is due, the soonest first; those that owe nothing are not among them.

It reads the index `due:<queue>` of ticket.lua, a queue's part at a time, also of queues that are configured no more. A
page may be short when most of what is due is filtered out; it goes on behind (due, ticket).
"""

import asyncio
from dataclasses import dataclass

from ..config.errors import Invalid
from ..queue.connection import Engine
from .reader import Reader, TicketFilter
from .records import Ticket
from .sight import Sight, admits
from .ticket_keys import TicketKeys

QUEUES = 1_000
SCANNED = 2_000
BATCH = 200

Place = tuple[str, str]
"""When it is due, 16 digits, and the ticket."""


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
        before: int | None = None,
        after: Place | None = None,
        limit: int = 50,
        sight: Sight | None = None,
    ) -> DuePage:
        """Tickets of the filter that are due before this instant (ms). Raises Invalid for words."""
        if wanted.words:
            raise Invalid("a search is in no order of due; leave one of them out", field="q")
        records = [each.id for each in await self._reader.records(wanted.customer)] if wanted.customer else []
        queues = [wanted.queue] if wanted.queue is not None else await self._queues()
        found, scanned = list[Ticket](), 0
        while scanned < SCANNED:
            places = await self._places(queues, after, before)
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

    async def _places(self, queues: list[str], after: Place | None, before: int | None) -> list[Place]:
        parts = await asyncio.gather(*(self._of_queue(queue, after, before) for queue in queues))
        return sorted(place for part in parts for place in part)[:BATCH]

    async def _of_queue(self, queue: str, after: Place | None, before: int | None) -> list[Place]:
        begin = f"[due:{queue}|" if after is None else f"[due:{queue}|{after[0]}|{after[1]}"
        end = f"(due:{queue}}}" if before is None else f"(due:{queue}|{before:016d}"
        members = await self._engine.call("ZRANGE", self._index, begin, end, "BYLEX", "LIMIT", 0, BATCH + 1)
        places = [(due, ticket) for due, ticket in (each.decode().split("|")[-2:] for each in members)]
        return [place for place in places if place != after]

    async def _queues(self) -> list[str]:
        """The queues in which something is due, each found by one step in the index."""
        found, begin = list[str](), "[due:"
        while len(found) < QUEUES:
            members = await self._engine.call("ZRANGE", self._index, begin, "(due;", "BYLEX", "LIMIT", 0, 1)
            if not members:
                break
            found.append(members[0].decode().removeprefix("due:").partition("|")[0])
            begin = f"[due:{found[-1]}}}"
        return found
