"""Closing: tickets that have been solved for `close_after` of their queue are closed, as an act of the router.

Solved tickets stand in the index under their queue by when they were solved; whatever opens, closes or merges one takes
it out in the same script. So nothing has to be cancelled, a restart loses nothing, and what the setting says holds from
a reload on for those that are solved already. The moment at which a ticket was solved is the token that the script
checks: one that was opened and solved again meanwhile begins anew. A ticket of which an answer did not arrive stays
solved until somebody has decided about that.

Several processes may do this at once; each ticket is closed once.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

from ..config.desk_settings import QueueSettings
from ..config.quantities import format_duration
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script
from .policy import CurrentPolicy
from .ticket_keys import TicketKeys

AT_ONCE = 1_000  # tickets closed by one look, so that a shorter setting does not flood the feed
MOST_QUEUES = 1_000

_CLOSE = Script.beside(__file__, "close_solved.lua")


class Closing:
    """Closes what is solved for long enough."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)

    async def run_once(self) -> int:
        """Close what is due, at most AT_ONCE of them; returns how many were closed."""
        closed, configured = 0, self._policy().settings.queues
        async for name in self._queues():
            after = configured.get(name, QueueSettings()).close_after
            if after and closed < AT_ONCE:
                closed += await self._close_in(name, after, AT_ONCE - closed)
        return closed

    async def _close_in(self, queue: str, after: timedelta, most: int) -> int:
        head, due = f"solved:{queue}", self._clock.now() - after // timedelta(milliseconds=1)
        bounds = (f"[{head}|", f"({head}|{max(due, 0) + 1:016}", "BYLEX", "LIMIT", 0, most)
        closed = 0
        for member in await self._engine.call("ZRANGE", self._keys.index, *bounds):
            _, solved_at, ticket = member.decode().rsplit("|", 2)
            closed += await self._close(ticket, int(solved_at), f"solved for {format_duration(after)}")
        return closed

    async def _close(self, ticket: str, solved_at: int, reason: str) -> bool:
        reply = await self._engine.run(
            _CLOSE,
            {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk},
            {"now": self._clock.now(), "solved_at": solved_at, "reason": reason},
        )
        return bool(reply == b"CLOSED")

    async def _queues(self) -> AsyncIterator[str]:
        """The queues in which something is solved, those of an earlier configuration too, a step in the index each."""
        after = "[solved:"
        for _ in range(MOST_QUEUES):
            members = await self._engine.call("ZRANGE", self._keys.index, after, "(solved;", "BYLEX", "LIMIT", 0, 1)
            if not members:
                return
            name = members[0].decode().removeprefix("solved:").partition("|")[0]
            yield name
            after = f"[solved:{name}}}"
