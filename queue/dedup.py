"""What was seen stays known for `dedup.keep`, and not a TTL but a sweep forgets it.

A record is a digest with the intake sequence of its time; that of a raw message also holds its id, its position in a
log, and a digest of what it said, so that another message under its id is told from a repeat (one without that digest,
of an earlier Trunkline, is repeated by whatever comes). The sweep notes the sequence with the time every now and then
and forgets what lies before the note that is old enough. A step of the clock over an hour ahead, or a downtime of half
the time for which records are kept, stops it, with an alarm, because forgetting too early would let a message in twice
(a clock that is set back only lets it forget later). It stays stopped, over restarts and in every process, until the
operator has looked at the clock and says `resume`.
"""

import hashlib

import structlog

from .clock import Clock
from .connection import Engine
from .script_head import Group, KeyGroup
from .scripts import Script, ScriptKeys

log = structlog.get_logger()

STEP_MS = 3_600_000
MOST = 1_000

_SWEEP = Script.beside(__file__, "dedup_sweep.lua")
_REGISTER = Group.beside(__file__, "dedup.lua", "dedup_register")


def digest(*parts: str) -> bytes:
    """16 bytes that stand for a dedup key."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).digest()


def short_digest(said: bytes) -> bytes:
    """8 bytes that stand for what was said."""
    return hashlib.blake2b(said, digest_size=8).digest()


def dedup_register(engine: Engine, name: str) -> KeyGroup:
    """The keys of one register: `raw` of intake, `filed`, `copies`, `awaited` of filing, `slack_desk`."""
    return _REGISTER(records=engine.keys("dedup", name), ages=engine.keys("dedup", name, "ages"))


class DedupSweep:
    """Whether old records are forgotten; any process can tell, and let it go on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._swept = engine.keys("dedup", "swept")
        self._stopped = engine.keys("dedup", "stopped")

    async def stopped_at(self) -> int | None:
        """When it was stopped, in milliseconds; None while it goes on. Raises EngineUnavailable."""
        found = await self._engine.call("GET", self._stopped)
        return int(found) if found else None

    async def swept_at(self) -> int | None:
        """When it last went over the records, in milliseconds. Raises EngineUnavailable."""
        found = await self._engine.call("GET", self._swept)
        return int(found) if found else None

    async def stop(self, now: int) -> None:
        """From now on nothing is forgotten."""
        await self._engine.call("SET", self._stopped, now, "NX")

    async def note(self, now: int) -> None:
        """It goes over the records now."""
        await self._engine.call("SET", self._swept, now)

    async def resume(self, now: int) -> None:
        """The operator has looked at the clock."""
        await self.note(now)
        await self._engine.call("DEL", self._stopped)


class DedupSweeper:
    """Forgets old records; `run_once` is called every few minutes."""

    def __init__(self, engine: Engine, clock: Clock, *, keep_ms: int, intake_state: str) -> None:
        self._engine = engine
        self._clock = clock
        self._keep = keep_ms
        self._keys: ScriptKeys = {
            "marks": engine.keys("dedup", "marks"),
            "intake_state": intake_state,
            "registers": [dedup_register(engine, name) for name in ("raw", "filed", "copies", "awaited", "slack_desk")],
        }
        self._sweep = DedupSweep(engine)
        self._runs = False

    async def run_once(self) -> int:
        """Sweep once; returns how many records were forgotten."""
        now = self._clock.now()
        if await self._stops(now):
            return 0
        self._runs = True
        await self._sweep.note(now)
        forgotten = 0
        args = {"now": now, "keep": self._keep, "most": MOST}
        while swept := await self._engine.run(_SWEEP, self._keys, args):
            forgotten += swept
        return forgotten

    async def _stops(self, now: int) -> bool:
        """Whether nothing may be forgotten, with an alarm each time."""
        if await self._stepped(now):
            await self._sweep.stop(now)
        elif await self._sweep.stopped_at() is None:
            return False
        remedy = "see that the clock is right, then run `trunkline dedup resume`"
        log.error("the clock stepped too far; old dedup records are kept", action="dedup_sweep_stopped", remedy=remedy)
        return True

    async def _stepped(self, now: int) -> bool:
        """While it runs an hour is too much; over a downtime, half of the time for which records are kept.

        Counted from the last sweep of any process, or from `resume`, which every process then goes by.
        """
        before = await self._sweep.swept_at()
        return before is not None and now - before > (STEP_MS if self._runs else self._keep / 2)
