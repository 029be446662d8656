"""What was seen stays known for `dedup.keep`, and not a TTL but a sweep forgets it.

A record is a digest with the intake sequence of its time; that of a raw message also holds its id, its position in a
log, and a digest of what it said, so that another message under its id is told from a repeat (one without that digest,
of an earlier Trunkline, is repeated by whatever comes). The sweep notes the sequence with the time every now and then
and forgets what lies before the note that is old enough. A step of the clock over an hour, or a downtime of half the
time for which records are kept, stops it, with an alarm, until the operator has looked (`resume`), because forgetting
too early would let a message in twice.
"""

import hashlib

import structlog

from .clock import Clock
from .connection import Engine
from .scripts import Script

log = structlog.get_logger()

STEP_MS = 3_600_000
MOST = 1_000

_SWEEP = Script.beside(__file__, "dedup_sweep.lua")


def digest(*parts: str) -> bytes:
    """16 bytes that stand for a dedup key."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).digest()


def short_digest(said: bytes) -> bytes:
    """8 bytes that stand for what was said."""
    return hashlib.blake2b(said, digest_size=8).digest()


def dedup_keys(engine: Engine, name: str) -> list[str]:
    """The records and the ages of one register: `raw` for intake, `filed` for filing."""
    return [engine.keys("dedup", name), engine.keys("dedup", name, "ages")]


class DedupSweeper:
    """Forgets old records; `run_once` is called every few minutes."""

    def __init__(self, engine: Engine, clock: Clock, *, keep_ms: int, intake_state: str) -> None:
        self._engine = engine
        self._clock = clock
        self._keep = keep_ms
        self._keys = [engine.keys("dedup", "marks"), intake_state]
        self._keys += [*dedup_keys(engine, "raw"), *dedup_keys(engine, "filed")]
        self._swept = engine.keys("dedup", "swept")
        self._last = 0
        self.stopped = False

    async def run_once(self) -> int:
        """Sweep once; returns how many records were forgotten."""
        now = self._clock.now()
        if await self._stepped(now):
            self.stopped = True
            log.error("the clock stepped too far; old dedup records are kept", action="dedup_sweep_stopped")
        self._last = now
        if self.stopped:
            return 0
        await self._engine.call("SET", self._swept, now)
        forgotten = 0
        while swept := await self._engine.run(_SWEEP, self._keys, [now, self._keep, MOST]):
            forgotten += swept
        return forgotten

    async def _stepped(self, now: int) -> bool:
        """While it runs an hour is too much; over a downtime, half of the time for which records are kept."""
        if self._last:
            return abs(now - self._last) > STEP_MS
        before = await self._engine.call("GET", self._swept)
        return before is not None and abs(now - int(before)) > self._keep / 2

    def resume(self) -> None:
        """The operator has looked at the clock."""
        self.stopped = False
