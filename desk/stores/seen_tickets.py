"""What each agent has looked at, so that lists can mark what is new to them, on every device they use.

Remembered are the newest `REMEMBERED` tickets of each agent; older ones count as seen, because a list that marks
everything marks nothing.
"""

from collections.abc import Sequence

from ...queue.connection import Engine
from ...queue.scripts import Script

REMEMBERED = 2_000

_SEEN = Script.beside(__file__, "seen_tickets.lua")


class SeenTickets:
    """Remembers when an agent looked at a ticket."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def mark(self, agent: str, ticket: str, at: int) -> None:
        """The agent sees the ticket as it is at this moment; an earlier one changes nothing."""
        await self._engine.run(_SEEN, {"seen": self._key(agent)}, {"ticket": ticket, "now": at, "most": REMEMBERED})

    async def of(self, agent: str, tickets: Sequence[str]) -> dict[str, int]:
        """When the agent looked at each of these tickets last; those never looked at are left out."""
        if not tickets:
            return {}
        found = await self._engine.call("ZMSCORE", self._key(agent), *tickets)
        return {ticket: int(float(at)) for ticket, at in zip(tickets, found, strict=True) if at is not None}

    def _key(self, agent: str) -> str:
        return self._engine.keys("desk", "seen", agent)
