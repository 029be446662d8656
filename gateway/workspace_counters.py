"""Counts that belong to the workspace and not to a process: any process shows the same, and a restart keeps them.

A process counts in memory and hands its counts to the engine every few seconds. What the feed tells (messages filed,
offers and what became of them, replies sent) is counted from the feed itself by a follower, each line once whoever
counts it. The numbers are for operators: after a lost answer of the engine a process hands over the same counts again,
so a count can be a little too high, never too low.
"""

import json
from collections import Counter
from collections.abc import Mapping

from ..config.errors import Temporary
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.feed_place import FeedPlace
from ..queue.scripted_follower import ScriptedFollower
from ..queue.scripts import Script, ScriptKeys

SWEEP_FOUND = "offers:sweep_found"
"""Counts tickets that waited although somebody could have had them; there should be none."""

FLUSH_SECONDS = 5.0
LINES = 1_000  # at once; more would hold up the engine
ROUNDS = 40

_ADD = Script.beside(__file__, "add_counts.lua")
_COUNT = Script.beside(__file__, "count_kinds.lua")


class WorkspaceCounters:
    """Counts by name, `intake:mail:accepted`; `feed:<kind>` are the lines of the feed."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._counts, kinds = engine.keys("tallies"), engine.keys("feed_kinds")
        self._kinds = kinds
        self.follower = ScriptedFollower(
            FeedPlace(engine, "counters", made=[kinds]), clock, self._count_kinds, lines=LINES
        )
        self._counted: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        """Count something."""
        self._counted[name] += amount

    async def run_once(self) -> None:
        """Hand over what was counted here, and count what is new in the feed. Raises EngineUnavailable."""
        await self.hand_over()
        await self.follower.catch_up(ROUNDS)

    async def totals(self) -> Mapping[str, int]:
        """All counts, those of this process included. Raises EngineUnavailable."""
        await self.run_once()
        return await self._all(self._counts, "") | await self._all(self._kinds, "feed:")

    async def hand_over(self) -> None:
        """Give the engine what was counted here. Raises EngineUnavailable."""
        counted, self._counted = self._counted, Counter()
        try:
            if counted:
                await self._engine.run(_ADD, {"counts": self._counts}, {"amounts": json.dumps(counted)})
        except Temporary:
            self._counted.update(counted)
            raise

    async def _all(self, key: str, prefix: str) -> dict[str, int]:
        flat = await self._engine.call("HGETALL", key)
        return {prefix + name.decode(): int(count) for name, count in zip(flat[::2], flat[1::2], strict=True)}

    async def _count_kinds(self, most: int) -> int:
        place = self.follower.place
        keys: ScriptKeys = {"place": place.keys, "feed": place.feed.keys, "kinds": self._kinds}
        return int(await self._engine.run(_COUNT, keys, {"most": most}))
