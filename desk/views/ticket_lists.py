"""The tickets that a list needs, read whole from the indexes: each list is bounded, and its tickets are asked for at
once.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...config.errors import Invalid
from ...queue.connection import Engine
from ...router.reader import Reader, TicketFilter
from ...router.records import Status
from ...router.stored_ticket import StoredTicket
from ...router.ticket_keys import TicketKeys


@dataclass(frozen=True, kw_only=True)
class TicketList:
    """Some tickets, and how many there are in all."""

    tickets: Sequence[StoredTicket] = ()
    total: int = 0


class TicketLists:
    """Reads lists of tickets."""

    def __init__(self, engine: Engine, reader: Reader) -> None:
        self._engine = engine
        self._reader = reader
        self._keys = TicketKeys(engine)

    async def offered_to(self, agent: str, limit: int) -> TicketList:
        """What is offered to an agent."""
        return await self._indexed(f"offered:{agent}", limit)

    async def held_by(self, agent: str, status: Status, limit: int) -> TicketList:
        """What an agent has in this status, the newest tickets first."""
        return await self._indexed(f"assignee:{agent}:{status}", limit)

    async def of_customer(self, customer: str, limit: int) -> TicketList:
        """The newest tickets of a customer."""
        return await self._indexed(f"customer:{customer}", limit)

    async def waiting_in(self, queues: Iterable[str], limit: int) -> TicketList:
        """What waits for an agent in these queues, the most due first."""
        found = await asyncio.gather(*(self._waiting(queue, limit) for queue in queues))
        members = sorted((member for part, _ in found for member in part), key=_due)[:limit]
        ids = [member.rpartition("|")[2] for member in members]
        return TicketList(tickets=await self.tickets(ids), total=sum(count for _, count in found))

    async def found(self, words: str, queue: str | None, limit: int) -> TicketList:
        """The newest tickets with these words in number, subject, sender, tags or their beginning."""
        wanted = TicketFilter(q=words, queue=queue)
        try:
            page = await self._reader.tickets(wanted, limit=limit)
        except Invalid:
            return TicketList()
        tickets = await self.tickets([ticket.id for ticket in page.items])
        return TicketList(tickets=tickets, total=len(tickets) + (page.next is not None))

    async def tickets(self, ids: Iterable[str]) -> list[StoredTicket]:
        """These tickets in the same order; what is gone is left out."""
        found = await asyncio.gather(*(self._engine.call("HGETALL", self._keys.ticket(id_)) for id_ in ids))
        return [StoredTicket.from_flat(flat) for flat in found if flat]

    async def _indexed(self, dimension: str, limit: int) -> TicketList:
        low, high = f"[{dimension}|", f"({dimension}}}"  # } is the character after |
        members, total = await asyncio.gather(
            self._engine.call("ZRANGE", self._keys.index, high, low, "BYLEX", "REV", "LIMIT", 0, limit),
            self._engine.call("ZLEXCOUNT", self._keys.index, low, high),
        )
        return TicketList(tickets=await self.tickets(each.decode().rpartition("|")[2] for each in members), total=total)

    async def _waiting(self, queue: str, limit: int) -> tuple[list[str], int]:
        low, high = f"[{queue}|", f"({queue}}}"
        members, total = await asyncio.gather(
            self._engine.call("ZRANGE", self._keys.waiting, low, high, "BYLEX", "LIMIT", 0, limit),
            self._engine.call("ZLEXCOUNT", self._keys.waiting, low, high),
        )
        return [member.decode() for member in members], total


def _due(member: str) -> str:
    return member.split("|")[1]
