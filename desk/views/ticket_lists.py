"""The tickets that a list needs, read whole from the indexes: each list is bounded, and its tickets are asked for at
once.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ...config.errors import Invalid
from ...router.due_tickets import DueTickets, Order
from ...router.promises import promise_of
from ...router.reader import Reader, TicketFilter
from ...router.records import Status, Ticket
from ...router.sight import Sight
from ...router.stored_ticket import StoredTicket
from ...router.ticket_search import Found
from .deadlines import WINDOW_SOON_MS

LATEST = 1 << 53  # behind everything that is due


@dataclass(frozen=True, kw_only=True)
class TicketList:
    """Some tickets, and how many there are in all."""

    tickets: Sequence[StoredTicket] = ()
    total: int = 0
    goes_on: bool = False  # there are more than `total`, nobody knows how many
    found: Mapping[str, Found] = field(default_factory=dict)  # by ticket, where words were asked for


class TicketLists:
    """Reads lists of tickets."""

    def __init__(self, reader: Reader, due: DueTickets) -> None:
        self._reader = reader
        self._due = due
        self._index = reader.index

    async def offered_to(self, agent: str, limit: int) -> TicketList:
        """What is offered to an agent."""
        return await self._indexed(f"offered:{agent}", limit)

    async def held_by(self, agent: str, status: Status, limit: int) -> TicketList:
        """What an agent has in this status, the newest tickets first."""
        return await self._indexed(f"assignee:{agent}:{status}", limit)

    async def of_customer(self, records: Iterable[str], limit: int) -> TicketList:
        """The newest tickets of a customer with these records."""
        lists = await asyncio.gather(*(self._indexed(f"customer:{record}", limit) for record in records))
        tickets = sorted((each for part in lists for each in part.tickets), key=_number, reverse=True)
        return TicketList(tickets=tickets[:limit], total=sum(part.total for part in lists))

    async def waiting_in(self, queues: Iterable[str], limit: int) -> TicketList:
        """What waits for an agent in these queues, the most due first."""
        names = tuple(queues)
        places, counts = await asyncio.gather(
            asyncio.gather(*(self._index.most_due(queue, limit) for queue in names)),
            asyncio.gather(*map(self._index.count_waiting, names)),
        )
        most_due = sorted(chain(*places), key=lambda place: place.order)[:limit]
        return TicketList(tickets=await self.tickets(place.ticket for place in most_due), total=sum(counts))

    async def due_in(self, queues: Iterable[str], limit: int, sight: Sight | None = None) -> TicketList:
        """What is owed in these queues, whoever has it, what is due first first."""
        names = tuple(queues)
        pages, counts = await asyncio.gather(
            asyncio.gather(*(self._due_page(queue, limit, sight) for queue in names)),
            asyncio.gather(*(self._index.count(f"due:{queue}") for queue in names)),
        )
        tickets = await self.tickets(ticket.id for page in pages for ticket in page)
        return TicketList(tickets=sorted(tickets, key=_due)[:limit], total=sum(counts))

    async def shutting_in(
        self, queues: Iterable[str], now: int, limit: int, agent: str = "", sight: Sight | None = None
    ) -> TicketList:
        """Where somebody waits in these queues for an answer that the channel soon takes no more, the first first; of
        an agent's own and of what nobody has, or of all.
        """
        order: Order = "window"
        pages = await asyncio.gather(
            *(
                self._due.page(
                    TicketFilter(queue=queue), order=order, since=now, before=now + WINDOW_SOON_MS, sight=sight
                )
                for queue in queues
            )
        )
        found = [ticket for page in pages for ticket in page.items if not agent or ticket.assignee in (None, agent)]
        first = sorted(found, key=lambda ticket: (ticket.reply_by or LATEST, ticket.id))[:limit]
        return TicketList(tickets=await self.tickets(ticket.id for ticket in first), total=len(found))

    async def _due_page(self, queue: str, limit: int, sight: Sight | None) -> Sequence[Ticket]:
        if not limit:
            return ()
        return (await self._due.page(TicketFilter(queue=queue), limit=limit, sight=sight)).items

    async def count_undelivered(self, queues: Iterable[str]) -> int:
        """How many tickets of these queues miss an answer that did not arrive."""
        return sum(await asyncio.gather(*(self._index.count(f"undelivered:{queue}") for queue in queues)))

    async def found(self, words: str, queue: str | None, limit: int, sight: Sight | None = None) -> TicketList:
        """The newest tickets that are seen and have these words, and where."""
        wanted = TicketFilter(q=words, queue=queue)
        try:
            page = await self._reader.tickets(wanted, limit=limit, sight=sight)
        except Invalid:
            return TicketList()
        tickets = await self.tickets([ticket.id for ticket in page.items])
        return TicketList(tickets=tickets, total=len(tickets), goes_on=page.next is not None, found=page.found)

    async def tickets(self, ids: Iterable[str]) -> list[StoredTicket]:
        """These tickets in the same order; what is gone is left out."""
        return [each for each in await self._reader.stored(ids) if each is not None]

    async def _indexed(self, dimension: str, limit: int) -> TicketList:
        places, total = await asyncio.gather(self._index.newest(dimension, limit), self._index.count(dimension))
        return TicketList(tickets=await self.tickets(place.ticket for place in places), total=total)


def _due(stored: StoredTicket) -> tuple[int, str]:
    promise = promise_of(stored)
    return (promise.due if promise else LATEST, stored.record.id)


def _number(stored: StoredTicket) -> int:
    return int(stored.record.number.removeprefix("T-"))
