"""Up to where a vendor was asked, and the lease of the one process that asks, in the engine.

For channels that ask for their messages, or look for those that never came. What the place counts is the channel's to
say. A process that has lost its lease moves nothing any more: whoever has it goes on from what is stored.
"""

import secrets

from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments

LEASE_MS = 60_000

_LEASE = Script.beside(__file__, "poll_lease.lua")


class PollPlace:
    """The lease on an account of a channel, and up to where it was asked."""

    def __init__(self, engine: Engine, clock: Clock, channel: str, account: str) -> None:
        self._engine = engine
        self._clock = clock
        self._key = engine.keys(channel, "poll", account)
        self._holder = secrets.token_hex(8)

    async def take(self, offset: int | None = None, *, lease: int = LEASE_MS) -> int | None:
        """The first that is not stored yet, 0 when none was; None while somebody else has the lease."""
        args: ScriptArguments = {"now": self._clock.now(), "holder": self._holder, "lease": lease, "offset": offset}
        reply = await self._engine.run(_LEASE, {"poll": self._key}, args)
        return int(reply[1]) if reply[0] == b"MINE" else None

    async def leave(self) -> None:
        """Let the next one begin at once, if it is ours."""
        await self.take(lease=0)
