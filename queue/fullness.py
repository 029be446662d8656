"""The gate of intake: closed while there is too little room to finish what was accepted.

Filing takes memory, so the measure is not only what the engine uses now: what filing the backlog will add counts as
used already, that is, unfiled entries times the running mean of the bytes that a filed message leaves behind. Intake is
refused when that passes `memory_mark` percent of maxmemory, or the data folder's disk `disk_mark` percent; it resumes
5 points lower. Both are said in the log once each time, and are to be seen in the attributes.

What is filed stays (closed tickets and the feed are the record of the desk), so a desk fills up. From four fifths of
the memory mark on, `warning` tells for how many more messages there is room, and the log says it once.

Only intake is refused: filing, offers and the outbox go on, so a full system drains without help. When the backlog is
worked off and there is still no room, that is said too: then only more memory or disk helps. An engine that does
not answer leaves the verdict as it was, since intake then fails by itself; one without maxmemory gives memory no
measure, which safety.py warns of. How much a filed message leaves behind is asked of `bytes_per_message`, which is
handed in, because this folder knows nothing of records.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from ..config.durable_file import in_thread
from ..config.errors import EngineFull
from .connection import Engine
from .work import WorkQueue

log = structlog.get_logger()

CHECK_SECONDS = 1.0
RESUME_POINTS = 5
WARN_SHARE = 0.8  # of the memory mark
ASKED_EVERY = 10  # turns; what a message leaves behind changes slowly
FIRST_GUESS = 16 * 1024  # bytes that a filed message leaves behind, until there are some to look at
NEWEST_COUNTS = 0.3

BytesPerMessage = Callable[[], Awaitable[float | None]]
"""Gives the bytes in the engine for one filed message, as far as can be seen now."""


@dataclass(frozen=True)
class Level:
    """How full it is, in percent of what there is; 0 where there is no measure."""

    memory: float = 0.0
    disk: float = 0.0
    backlog: int = 0
    room: int | None = None  # for so many more messages, as far as memory goes; None where it has no measure


class Fullness:
    """Looks at the room once a second; `check` is asked before every intake."""

    def __init__(
        self, engine: Engine, folder: Path, *, memory_mark: int, disk_mark: int, bytes_per_message: BytesPerMessage
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._marks = {"memory": memory_mark, "disk": disk_mark}
        self._measure = bytes_per_message
        self._intake = WorkQueue(engine, "intake")
        self._turn = 0
        self._learned = False
        self._over: frozenset[str] = frozenset()
        self._drained = False
        self._warned = False
        self.mean_bytes = float(FIRST_GUESS)
        self.level = Level()

    @property
    def is_open(self) -> bool:
        """Whether there is room for more."""
        return not self._over

    @property
    def reason(self) -> str:
        """Why intake is refused, for operators; empty while it is not."""
        return "; ".join(self._sentence(name) for name in sorted(self._over))

    @property
    def warning(self) -> str:
        """That it fills up, and what to do, while there is still time; empty while there is room enough."""
        level = self.level
        if not self.is_open or level.room is None or level.memory < WARN_SHARE * self._marks["memory"]:
            return ""
        return (
            f"the engine's memory is at {level.memory:.0f} % and has room for about {_rounded(level.room):,} more "
            f"messages, {self.mean_bytes / 1024:.1f} KiB each; give it more: engine.maxmemory for the embedded "
            "engine (and restart), CONFIG SET maxmemory for a Redis of your own"
        )

    def check(self) -> None:
        """Raises EngineFull while intake is refused."""
        if self._over:
            raise EngineFull(self.reason)

    async def run_once(self) -> None:
        """Measure and decide. Raises EngineUnavailable when the engine cannot be asked."""
        if self._turn % ASKED_EVERY == 0:
            await self._learn()
        self._turn += 1
        backlog = await self.backlog()
        memory, room = await self._memory(backlog)
        self.level = Level(memory, await self._disk(), backlog, room)
        self._decide()
        self._warn()

    async def backlog(self) -> int:
        """Accepted and not yet filed; what lies on the dead-letter list is not waiting."""
        entries, dead = await asyncio.gather(
            self._engine.call("HLEN", self._intake.keys["entries"]),
            self._engine.call("ZCARD", self._intake.settling["dead"]),
        )
        return max(0, int(entries) - int(dead))

    async def _learn(self) -> None:
        seen = await self._measure()
        if seen is None:
            return
        share = NEWEST_COUNTS if self._learned else 1.0
        self.mean_bytes += share * (seen - self.mean_bytes)
        self._learned = True

    async def _memory(self, backlog: int) -> tuple[float, int | None]:
        """How full it is in percent, and for how many more messages there is room below the mark."""
        facts = _facts(await self._engine.call("INFO", "memory"))
        limit = facts.get("maxmemory", 0)
        if not limit:
            return 0.0, None
        used = facts.get("used_memory", 0) - facts.get("mem_not_counted_for_evict", 0)
        taken = used + backlog * self.mean_bytes
        room = (limit * self._marks["memory"] / 100 - taken) / self.mean_bytes
        return 100 * taken / limit, max(0, int(room))

    async def _disk(self) -> float:
        disk = await in_thread(shutil.disk_usage, self._folder)
        return 100 * disk.used / (disk.used + disk.free)  # as df counts: what is kept for root is not there

    def _decide(self) -> None:
        before = self._over
        self._over = frozenset(name for name, mark in self._marks.items() if self._is_over(name, mark))
        if self._over and self._over != before:
            log.error("intake is refused until there is room", action="intake_closed", reason=self.reason)
        elif before and not self._over:
            log.warning("there is room again and intake resumes", action="intake_open", backlog=self.level.backlog)
        drained = bool(self._over) and self.level.backlog == 0
        if drained and not self._drained:
            log.error("the backlog is worked off and there is still no room", action="intake_stuck", reason=self.reason)
        self._drained = drained

    def _warn(self) -> None:
        warning = self.warning
        if warning and not self._warned:
            log.warning("the engine fills up", action="engine_filling", remedy=warning)
        self._warned = bool(warning)

    def _is_over(self, name: str, mark: int) -> bool:
        level: float = getattr(self.level, name)
        return level >= (mark - RESUME_POINTS if name in self._over else mark)

    def _sentence(self, name: str) -> str:
        level, mark = getattr(self.level, name), self._marks[name]
        what = "the engine's memory, backlog included," if name == "memory" else "the disk of the data folder"
        return f"{what} is at {level:.0f} %, the mark is {mark} %, and intake resumes below {mark - RESUME_POINTS} %"


def _rounded(count: int) -> int:
    """To two digits, since it is an estimate."""
    step = int("1" + "0" * max(0, len(str(count)) - 2))
    return count // step * step


def _facts(answer: bytes) -> dict[str, int]:
    """The whole numbers in an answer to INFO."""
    lines = (line.partition(":") for line in answer.decode(errors="replace").splitlines())
    return {name: int(value) for name, _, value in lines if value.isdecimal()}
