"""The waiting room as the offers read it: tickets in want of an agent with their facts, the most due first.

Somebody who has room for one ticket mostly takes the first, so each queue is read two at first, and twice as many each
time more are asked for. Every page costs two trips to the engine.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from ..queue.connection import Engine
from ..queue.script_head import names_beside
from .ticket_keys import TicketKeys

FIRST_PAGE = 2  # tickets of a queue that are read together
LARGEST_PAGE = 200

_FACTS = names_beside(__file__, "ticket.lua", "choice_facts")


class Waiting(NamedTuple):
    """A ticket that waits; `due` is the sortable time by which it is due."""

    due: bytes
    ticket: str
    facts: dict[str, Any]


class WaitingRoom:
    """The tickets of one workspace that wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)

    async def facts(self, ticket: str) -> dict[str, Any] | None:
        """What its candidates are chosen by; None when it does not wait."""
        stored = await self._engine.call("HMGET", self._keys.ticket(ticket), "_queue_position", *_FACTS)
        if stored[0] in (None, b"null"):
            return None
        return {name: json.loads(piece) for name, piece in zip(_FACTS, stored[1:], strict=True)}

    async def most_due(self, queues: Sequence[str]) -> AsyncIterator[Waiting]:
        """The waiting tickets of these queues, the most due of all of them first."""
        lines = [self._line(queue) for queue in queues]
        firsts = await asyncio.gather(*(anext(line, None) for line in lines))
        heads = [(head, line) for head, line in zip(firsts, lines, strict=True) if head]
        while heads:
            first, line = nearest = min(heads, key=lambda each: each[0][:2])
            heads.remove(nearest)
            yield first
            if following := await anext(line, None):
                heads.append((following, line))

    async def _line(self, queue: str) -> AsyncIterator[Waiting]:
        begin, size = f"[{queue}|", FIRST_PAGE
        while begin:
            words = (self._keys.waiting, begin, f"({queue}}}", "BYLEX", "LIMIT", 0, size)
            members = await self._engine.call("ZRANGE", *words)
            page = [(due, ticket.decode()) for _, due, ticket in (member.split(b"|") for member in members)]
            for (due, ticket), facts in zip(page, await self._facts_of(page), strict=True):
                if facts is not None:
                    yield Waiting(due, ticket, facts)
            begin = f"({members[-1].decode()}" if len(members) == size else ""
            size = min(2 * size, LARGEST_PAGE)

    async def _facts_of(self, page: Sequence[tuple[bytes, str]]) -> list[dict[str, Any] | None]:
        return await asyncio.gather(*(self.facts(ticket) for _, ticket in page))
