"""A follower's place in the feed: how far a named consumer has come, kept by the engine.

A follower is a consumer with a name. Its place is moved in the step that makes the effect of the lines (a script that
includes `feed_place.lua`; see scripted_follower.py) or, where the effect lies outside the engine, after it (see
feed_follower.py). So a place is never ahead of the effect, whatever is killed. A line that fails is tried again with
growing pauses and nothing overtakes it; one that fails for good becomes a dead letter and the follower goes on. A dead
letter that is redriven comes before the next lines, out of its order, once: if it fails it is a dead letter again.

What a follower has made of the feed can be made anew: `rebuild` forgets it, and the place is before the first line.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..config.errors import Conflict, Permanent, ScriptFailed, Temporary, TrunklineError
from .connection import Engine
from .dead_letters import DeadLetters, Decision
from .feed import Feed, FeedLine
from .script_head import Group
from .scripts import Script, ScriptArguments, ScriptKeys
from .work import MAX_ATTEMPTS
from .worker import backoff_ms

LEASE_MS = 10_000
AT_ONCE = 16  # dead letters that are tried again between two pages of lines

_CLAIM = Script.beside(__file__, "feed_place_claim.lua")
_SETTLE = Script.beside(__file__, "feed_place_settle.lua")
_REDRIVE = Script.beside(__file__, "feed_place_redrive.lua")
_REBUILD = Script.beside(__file__, "feed_place_rebuild.lua")
_PLACE = Group.beside(__file__, "feed_place.lua", "feed_place")


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How far a follower is behind."""

    lines: int
    since: int | None  # ms; when the first line was written that it has not taken, None when it has taken all


@dataclass(frozen=True, kw_only=True)
class Holding:
    """The right to take lines, until another holder's token replaces this one."""

    token: int
    position: int


class FeedPlace(DeadLetters):
    """The place of one follower; `made` are the keys that hold what it makes of the feed in the engine."""

    kind = "a follower of the feed"

    def __init__(self, engine: Engine, name: str, *, made: Sequence[str] = ()) -> None:
        parts = {part: engine.keys("follower", name, part) for part in ("dead", "causes", "again")}
        super().__init__(engine, name, dead=parts["dead"], causes=parts["causes"])
        self.feed = Feed(engine)
        self._made = made
        self.keys = _PLACE(state=engine.keys("follower", name), **parts)

    async def position(self) -> int:
        """The position of the last line that was taken; 0 before the first. Raises EngineUnavailable."""
        return int(await self.engine.call("HGET", self.keys["state"], "position") or 0)

    async def lag(self) -> Lag:
        """How far it is behind. Raises EngineUnavailable."""
        position = await self.position()
        lines = await self.feed.read(position, 1)
        return Lag(lines=max(0, await self.feed.last() - position), since=lines[0].time if lines else None)

    async def rebuild(self) -> None:
        """Forget what was made of the feed, dead letters included; it is made anew from the first line."""
        await self.engine.run(_REBUILD, {"place": self.keys, "made": self._made}, {})

    async def claim(self, now: int, holder: str) -> Holding | int:
        """Hold the place for LEASE_MS; else the milliseconds until it is worth another try."""
        args: ScriptArguments = {"now": now, "lease": LEASE_MS, "holder": holder}
        token, position = await self.engine.run(_CLAIM, {"place": self.keys}, args)
        return Holding(token=token, position=position) if token else int(position)

    async def moved(self, holding: Holding, position: int, now: int) -> bool:
        """All lines up to `position` are taken. False when the place was lost."""
        return await self._settle("moved", holding.token, now, position=position) == b"OK"

    async def kept(self, holding: Holding, now: int) -> bool:
        """The lease holds longer. False when the place was lost."""
        return await self._settle("kept", holding.token, now, due=now + LEASE_MS) == b"OK"

    async def redone(self, holding: Holding, position: int, now: int) -> bool:
        """A dead letter was taken after all. False when the place was lost."""
        return await self._settle("redone", holding.token, now, position=position) == b"OK"

    async def released(self, holding: Holding, now: int) -> None:
        """Somebody else may hold it."""
        await self._settle("released", holding.token, now)

    async def failed(self, holding: Holding | None, position: int, error: Exception, now: int) -> bool:
        """The line at `position` failed; True when it was given up, by whomever, so that the next one is due.

        A hindrance is waited for as long as it takes, a permanent error is final, and anything else after MAX_ATTEMPTS.
        """
        hindered = isinstance(error, Temporary) and not isinstance(error, ScriptFailed)
        most = 1 if isinstance(error, Permanent) else 1_000_000_000 if hindered else MAX_ATTEMPTS
        cause = error.detail if isinstance(error, TrunklineError) else f"{type(error).__name__}: {error}"
        failures = int(await self.engine.call("HGET", self.keys["state"], "failures") or 0)
        due = now + backoff_ms(failures)
        token = holding.token if holding else None
        answer = await self._settle("failed", token, now, position=position, due=due, cause=cause, most=most)
        return answer in (b"DEAD", b"GONE")

    async def _settle(
        self,
        what: str,
        token: int | None,
        now: int,
        *,
        position: int | None = None,
        due: int | None = None,
        cause: str | None = None,
        most: int | None = None,
    ) -> bytes:
        args: ScriptArguments = {
            "what": what,
            "token": token,
            "now": now,
            "position": position,
            "due": due,
            "cause": cause,
            "most": most,
        }
        return bytes(await self.engine.run(_SETTLE, {"place": self.keys}, args))

    async def again(self) -> Sequence[FeedLine]:
        """Dead letters that somebody has redriven and that nobody has taken yet, the first ones."""
        found = await self.engine.call("ZRANGE", self.keys["again"], 0, AT_ONCE - 1)
        return [line for position in found if (line := await self.feed.line(int(position)))]

    async def due(self) -> int:
        """The position of the line that comes next: one that is tried again, else the first that was not taken."""
        again = await self.again()
        return again[0].position if again else await self.position() + 1

    async def _payload(self, sequence: int) -> bytes:
        line = await self.feed.line(sequence)
        return json.dumps(line.cloud_event(self.engine.keys.workspace)).encode() if line else b""

    async def _decided(self, sequence: int, what: Decision) -> bool:
        keys: ScriptKeys = {"place": self.keys, "feed": self.feed.keys}
        told = await self.engine.run(_REDRIVE, keys, {"what": what, "position": sequence})
        if told == b"LOST":
            raise Conflict(f"the feed does not keep line {sequence} any more, so it can only be dropped")
        return bool(told == b"OK")
