"""Time as the whole workspace sees it: the engine's, in milliseconds since 1970, and it never goes back.

Between two looks at the engine the monotonic clock carries it on. A step back of the engine's clock is ignored until
real time has caught up; the highest time seen is kept in the workspace, so that this holds over restarts. A step
forward of more than a minute fires nothing until it has been seen twice, ten seconds apart; then it counts, and is
reported. Nobody else calls the engine's TIME.
"""

import time
from collections.abc import Callable

import structlog

from .connection import Engine
from .scripts import Script

log = structlog.get_logger()

_KEEP = Script.beside(__file__, "clock_keep.lua")

STEP_MS = 60_000
CONFIRM_MS = 10_000


class Clock:
    """Engine time; `run_once` looks at the engine and is called about once a second."""

    def __init__(self, engine: Engine | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._base = 0
        self._base_at = monotonic()
        self._step_seen_at: float | None = None
        self.steps = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._base + int((self._monotonic() - self._base_at) * 1000)

    async def start(self) -> None:
        """Read the time for the first time; raises EngineUnavailable."""
        if self._base == 0:
            stored = await self._kept()
            self._set(max(await self._engine_ms(), stored))

    async def stop(self) -> None:
        """Nothing to wait for."""

    async def run_once(self) -> None:
        """Follow the engine and keep the high-water mark."""
        self.follow(await self._engine_ms())
        assert self._engine is not None
        await self._engine.run(_KEEP, [self._engine.keys("clock")], [self.now()])

    def follow(self, engine_ms: int) -> None:
        """Take note of what the engine's clock says now."""
        ahead = engine_ms - self.now()
        if ahead <= STEP_MS:
            self._step_seen_at = None
            if ahead > 0:
                self._set(engine_ms)
        elif self._step_seen_at is None:
            self._step_seen_at = self._monotonic()
            log.warning(
                "the engine's clock stepped forward; waiting for a second look", action="clock_step", by_ms=ahead
            )
        elif (self._monotonic() - self._step_seen_at) * 1000 >= CONFIRM_MS:
            self._step_seen_at = None
            self.steps += 1
            log.error("the engine's clock stepped forward for good", action="clock_stepped", by_ms=ahead)
            self._set(engine_ms)

    def _set(self, value: int) -> None:
        self._base, self._base_at = value, self._monotonic()

    async def _kept(self) -> int:
        assert self._engine is not None
        return int(await self._engine.call("GET", self._engine.keys("clock")) or 0)

    async def _engine_ms(self) -> int:
        assert self._engine is not None
        seconds, micros = await self._engine.call("TIME")
        return int(seconds) * 1000 + int(micros) // 1000


class ManualClock(Clock):
    """A clock that stands still until it is told; for tests and simulations."""

    def __init__(self, start: int = 1_800_000_000_000) -> None:
        super().__init__(None, monotonic=lambda: 0.0)
        self._set(start)

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self._set(self.now() + milliseconds)
