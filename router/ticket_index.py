"""Where tickets stand: the newest of a dimension (`queue:support:open`), the most due that wait in a queue. Reads only.

Dimensions are written by `ticket.lua`. A member is `<dimension>|<order>|<ticket>`, and `}` is the character after `|`.
"""

from typing import NamedTuple

from ..queue.connection import Engine
from .ticket_keys import TicketKeys


class Place(NamedTuple):
    """A ticket in one of the orders."""

    order: str  # the ticket's number, or when it should have an agent (milliseconds), with leading zeros
    ticket: str


class TicketIndex:
    """Reads the orders of a workspace's tickets."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        keys = TicketKeys(engine)
        self._index, self._waiting = keys.index, keys.waiting

    async def newest(self, dimension: str, limit: int, *, after: str | None = None) -> list[Place]:
        """The newest tickets of a dimension, behind the order `after`."""
        upper = f"({dimension}}}" if after is None else f"({dimension}|{after}"
        return await self._places(self._index, upper, f"[{dimension}|", "BYLEX", "REV", "LIMIT", 0, limit)

    async def most_due(self, queue: str, limit: int) -> list[Place]:
        """The tickets that wait longest for an agent by what was promised; those on offer do not wait."""
        return await self._places(self._waiting, f"[{queue}|", f"({queue}}}", "BYLEX", "LIMIT", 0, limit)

    async def count(self, dimension: str) -> int:
        """How many tickets the dimension has."""
        return await self._count(self._index, dimension)

    async def count_waiting(self, queue: str) -> int:
        """How many tickets wait in the queue."""
        return await self._count(self._waiting, queue)

    async def _places(self, key: str, *words: str | int) -> list[Place]:
        members = await self._engine.call("ZRANGE", key, *words)
        return [Place(*member.decode().split("|")[-2:]) for member in members]

    async def _count(self, key: str, name: str) -> int:
        return int(await self._engine.call("ZLEXCOUNT", key, f"[{name}|", f"({name}}}"))
