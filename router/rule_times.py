"""What brings triggers their events and times: the follower of the feed, and the sweep after a changed configuration.

The follower lays events and times into the queue `rules` in the step that moves its place (rule_events.lua), so each is
laid once. Times of tickets that were in their status before a trigger was there, or that it now counts otherwise, are
laid by the sweep: it goes over all tickets of the statuses in question once for every such change. To lay a time twice
does no harm.

Whoever takes lines writes down by which times it does. Where that was by others before, times may be missing, so it
sweeps; while two processes have different times, as during a restart of many, each sweeps at most every `AGAIN_MS`, and
the last of them once more.
"""

import hashlib
import json
from collections.abc import Iterable

from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.feed_place import FeedPlace
from ..queue.mark import Mark
from ..queue.scripted_follower import ScriptedFollower
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import WorkQueue
from .policy import CurrentPolicy
from .reader import Reader
from .records import json_bytes

SECONDS = 1.0
LINES = 200  # at once
ROUNDS = 50
AGAIN_MS = 5 * 60 * 1000
_PAGE = 200
_OWED = "?"  # behind the mark of times that are not laid for all tickets yet

_EVENTS = Script.beside(__file__, "rule_events.lua")


class RuleTimes:
    """Lays events and times; any process may call it."""

    def __init__(self, engine: Engine, clock: Clock, policy: CurrentPolicy, reader: Reader) -> None:
        self._engine = engine
        self._policy = policy
        self._reader = reader
        self._queue = WorkQueue(engine, "rules")
        self._clock = clock
        self._swept = Mark(engine, "rules", "swept")
        self._swept_last: tuple[str, int] = ("", 0)
        self.follower = ScriptedFollower(FeedPlace(engine, "triggers"), clock, self._take, lines=LINES)

    async def run_once(self) -> None:
        """Take what is new in the feed, and sweep where the times have changed. Raises EngineUnavailable."""
        timed = self._policy().triggers.timed
        mark = hashlib.sha256(json.dumps(timed, sort_keys=True).encode()).hexdigest()
        is_other, is_owed = await self._swept.differs(mark), await self._swept.differs(mark + _OWED)
        if is_other and is_owed:
            await self._swept.set(mark + _OWED)
        await self.follower.catch_up(ROUNDS)
        if is_other and self._may_sweep(mark):
            await self._sweep_all(timed, mark)

    def _may_sweep(self, mark: str) -> bool:
        swept, at = self._swept_last
        return swept != mark or self._clock.now() >= at + AGAIN_MS

    async def _sweep_all(self, timed: Iterable[str], mark: str) -> None:
        for status in timed:
            await self._sweep(status)
        self._swept_last = (mark, self._clock.now())
        if not await self._swept.differs(mark + _OWED):
            await self._swept.set(mark)

    async def _take(self, most: int) -> int:
        triggers, place = self._policy().triggers, self.follower.place
        keys: ScriptKeys = {"place": place.keys, "feed": place.feed.keys, "queue": self._queue.keys}
        args: ScriptArguments = {"most": most, "kinds": json.dumps(triggers.kinds), "timed": json.dumps(triggers.timed)}
        return int(await self._engine.run(_EVENTS, keys, args))

    async def _sweep(self, status: str) -> None:
        """Lay the times of all tickets in this status."""
        rules, after = self._policy().triggers.timed.get(status, ()), None
        while True:
            page = await self._reader.index.newest(f"status:{status}", _PAGE, after=after)
            for stored in await self._reader.stored(place.ticket for place in page):
                if stored is None:
                    continue
                ticket = stored.record
                since = ticket.status_since or ticket.created_at
                for name, after_ms in rules:
                    order = {"ticket": ticket.id, "rule": name, "since": since}
                    if stored.work.fired.get(name) != f"since {since}":
                        await self._queue.push(f"ticket:{ticket.id}", json_bytes(order), due=since + after_ms)
            if len(page) < _PAGE:
                return
            after = page[-1].order
