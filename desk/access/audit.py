"""What was allowed to somebody by their role, and what was refused, as lines of the feed: `access.allowed`,
`access.refused`.

Noted are acts that not everybody may do: forcing, taking work from others, saying how others are, and what
administrators change. A line names who, with which role, what and about whom; what came of it is told by the line of
the act itself. One who is refused again and again is noted `BURST` times and then `PER_MINUTE`, so that nobody fills
the feed with refusals.
"""

from collections.abc import Mapping
from typing import Literal

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.feed import Feed
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ...router.records import json_bytes
from ...web.peers import PeerLimiter
from .authority import Authority
from .trail import KEPT

PER_MINUTE, BURST = 6, 20

Act = Literal["force", "reassign", "release", "move", "presence", "administer"]

_NOTE = Script.beside(__file__, "audit_note.lua")


class Audit:
    """Notes what was allowed and refused in a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys: ScriptKeys = {
            "feed": Feed(engine).keys,
            "sequences": engine.keys("access", "sequences"),
            "trail": engine.keys("access", "trail"),
        }
        self._limiter = PeerLimiter(per_minute=PER_MINUTE, burst=BURST)

    async def allowed(self, authority: Authority, act: Act, about: str, **more: str) -> None:
        """It is about to be done. Raises EngineUnavailable, and then it must not be done."""
        await self._note("access.allowed", authority, act, about, more)

    async def refused(self, authority: Authority, act: Act, about: str, **more: str) -> None:
        """It is not done."""
        if self._limiter.wait(authority.who) == 0:
            await self._note("access.refused", authority, act, about, more)

    async def _note(self, kind: str, authority: Authority, act: Act, about: str, more: Mapping[str, str]) -> None:
        access = {"act": act, "about": about, "role": authority.role or "", **more}
        data = json_bytes({"access": access, "actor": authority.who})
        args: ScriptArguments = {
            "now": self._clock.now(),
            "kind": kind,
            "who": authority.who,
            "about": about,
            "data": data,
            "kept": KEPT,
        }
        await self._engine.run(_NOTE, self._keys, args)
