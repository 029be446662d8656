"""Counts that belong to the workspace and not to a process: any process shows the same, and a restart keeps them.

A process counts in memory and hands its counts to the engine every few seconds. What the feed tells (messages filed,
offers and what became of them, replies sent) is counted from the feed itself, each line once whoever counts it. The
numbers are for operators: after a lost answer of the engine a process hands over the same counts again, so a count can
be a little too high, never too low.
"""

from collections import Counter
from collections.abc import Mapping

from ..config.errors import Temporary
from ..queue.connection import Argument, Engine
from ..queue.feed import Feed
from ..queue.scripts import Script

FLUSH_SECONDS = 5.0
LINES = 1_000  # at once; more would hold up the engine
ROUNDS = 40

_TALLY = Script.beside(__file__, "tally.lua")


class Tallies:
    """Counts by name, `intake:mail:accepted`; `feed:<kind>` are the lines of the feed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = [engine.keys("tallies"), Feed(engine).keys[0]]
        self._counted: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        """Count something."""
        self._counted[name] += amount

    async def run_once(self) -> None:
        """Hand over what was counted here, and count what is new in the feed. Raises EngineUnavailable."""
        for _ in range(ROUNDS):
            if await self.hand_over() < LINES:
                return

    async def totals(self) -> Mapping[str, int]:
        """All counts, those of this process included. Raises EngineUnavailable."""
        await self.run_once()
        flat = await self._engine.call("HGETALL", self._keys[0])
        return {name.decode(): int(count) for name, count in zip(flat[::2], flat[1::2], strict=True)}

    async def hand_over(self) -> int:
        """One step of it; returns how many lines of the feed were counted."""
        counted, self._counted = self._counted, Counter()
        args: list[Argument] = [LINES]
        for name, amount in counted.items():
            args += [name, amount]
        try:
            return int(await self._engine.run(_TALLY, self._keys, args))
        except Temporary:
            self._counted.update(counted)
            raise
