"""How many bytes of the engine a filed message leaves behind, measured on what is there.

The newest tickets are asked for the memory of their own records, and the registers that all of them share (feed, index,
identities, threads, dedup records) for theirs, divided by the messages filed. It is an estimate for the gate of intake
(queue/fullness.py), a little on the high side: it counts what agents add to a ticket as well.
"""

import asyncio

from ..config.errors import Temporary
from ..queue.connection import Engine
from .ticket_index import TicketIndex
from .ticket_keys import TicketKeys

TICKETS = 12
ARTICLES = 4  # of one ticket


class BytesPerMessage:
    """Looks at a few tickets; call it for the estimate."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._index = TicketIndex(engine)
        keys = self._keys
        shared = (*keys.filed.flat, *keys.copies.flat, *keys.blobs.flat)
        self._shared = [keys.feed["lines"], keys.index, keys.identities, keys.threads, *shared]

    async def __call__(self) -> float | None:
        """Bytes for one message; None when nothing is filed yet or the engine does not tell."""
        try:
            tickets = [place.ticket for place in await self._index.newest("all", TICKETS)]
            return await self._own(tickets) + await self._common() if tickets else None
        except Temporary:
            return None

    async def _own(self, tickets: list[str]) -> float:
        return max(1.0, sum(await asyncio.gather(*map(self._ticket, tickets))) / len(tickets))

    async def _ticket(self, ticket: str) -> float:
        keys = self._keys
        records = [keys.ticket(ticket), keys.articles(ticket), keys.scopes(ticket), keys.decisions(ticket)]
        count = int(await self._engine.call("ZCARD", keys.articles(ticket)))
        members = await self._engine.call("ZRANGE", keys.articles(ticket), 0, ARTICLES - 1)
        articles = [await self._memory([keys.article(member[-36:].decode())]) for member in members]
        mean = sum(articles) / len(articles) if articles else 0.0
        # The first message of a ticket brings two articles: itself and its acknowledgement.
        return (await self._memory(records) + count * mean) / max(1, count - 1)

    async def _common(self) -> float:
        filed, opened = await asyncio.gather(
            self._engine.call("HLEN", self._keys.filed["records"]),
            self._engine.call("HGET", self._keys.counters, "ticket"),
        )
        return await self._memory(self._shared) / max(1, int(filed), int(opened or 0))

    async def _memory(self, keys: list[str]) -> float:
        asked = (self._engine.call("MEMORY", "USAGE", key) for key in keys)
        return float(sum(int(size or 0) for size in await asyncio.gather(*asked)))
