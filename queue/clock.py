"""Time as the whole workspace sees it: the engine's, in milliseconds since 1970, and it never goes back by itself.

Between two looks at the engine the monotonic clock carries it on. A step back of the engine's clock is ignored until
real time has caught up; the highest time seen is kept in the workspace, so that this holds over restarts. A step
forward of more than a minute fires nothing until it has been seen twice, ten seconds apart; then it counts, and is
reported. Nobody else calls the engine's TIME.

What others wrote (timestamps of signed posts, `exp` of signed identities) is judged by `true_now`, the engine's time as
it is, for they know nothing of our mark; and so is what we write for others to judge. When both differ by more than
`TOLERANCE_MS`, which is the length of time for which such timestamps are good, that is our trouble and not theirs:
`demand_agreement` says so. Only a person sets the mark back (clock_reset.py); all processes follow within a second.
"""

import time
from collections.abc import Callable

import structlog

from ..config.errors import ClockAstray
from .connection import Engine
from .scripts import Script

log = structlog.get_logger()

_KEEP = Script.beside(__file__, "clock_keep.lua")

STEP_MS = 60_000
CONFIRM_MS = 10_000
TOLERANCE_MS = 300_000


class Clock:
    """Engine time; `run_once` looks at the engine and is called about once a second."""

    def __init__(self, engine: Engine | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._base = 0
        self._base_at = monotonic()
        self._ahead = 0
        self._resets = 0
        self._step_seen_at: float | None = None
        self._astray = False
        self.steps = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._base + int((self._monotonic() - self._base_at) * 1000)

    def true_now(self) -> int:
        """The engine's time as it is, in milliseconds; it can go back."""
        return self.now() - self._ahead

    @property
    def ahead(self) -> int:
        """By how many milliseconds the workspace's time is before the engine's; below 0 behind it."""
        return self._ahead

    @property
    def trouble(self) -> str:
        """What is to be done when both differ too much; empty while they agree."""
        if abs(self._ahead) <= TOLERANCE_MS:
            return ""
        if self._ahead < 0:
            return (
                f"the engine's clock stepped forward by {-self._ahead // 1000} s; it is believed when it is seen again"
            )
        return (
            f"the workspace's clock is {self._ahead // 1000} s ahead of the engine's; see that the engine's host has "
            "the right time, then run `trunkline clock reset`"
        )

    def demand_agreement(self) -> None:
        """Raises ClockAstray while times that others wrote cannot be judged."""
        if self.trouble:
            raise ClockAstray(self.trouble)

    async def start(self) -> None:
        """Read the time for the first time; raises EngineUnavailable."""
        if self._base == 0:
            await self._keep()
            engine_ms = await self._engine_ms()
            self._set(max(engine_ms, self._base))
            self.follow(engine_ms)

    async def run_once(self) -> None:
        """Follow the engine and keep the high-water mark."""
        engine_ms = await self._engine_ms()
        self.follow(engine_ms)
        if await self._keep():
            self.follow(engine_ms)

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
        self._ahead = self.now() - engine_ms
        self._alarm()

    def _alarm(self) -> None:
        astray = bool(self.trouble)
        if astray and not self._astray:
            log.error("times that others wrote cannot be judged", action="clock_astray", remedy=self.trouble)
        self._astray = astray

    def _set(self, value: int) -> None:
        self._base, self._base_at = value, self._monotonic()

    async def _keep(self) -> bool:
        """Raise the mark; True when a person had set it back, and it was followed instead."""
        assert self._engine is not None
        keys = {"mark": self._engine.keys("clock"), "resets": self._engine.keys("clock", "resets")}
        args = {"now": self.now(), "known": self._resets if self._base else None}
        mark, resets = await self._engine.run(_KEEP, keys, args)
        if resets == self._resets and self._base:
            return False
        self._resets = resets
        self._set(mark)
        return True

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

    def lead(self, milliseconds: int) -> None:
        """Be so far ahead of the engine's clock, which stays as it is."""
        self._set(self.now() - self._ahead + milliseconds)
        self._ahead = milliseconds
