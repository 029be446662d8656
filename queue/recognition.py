"""Makes sure that engine and data folder belong together, so that an engine that was lost is never taken for a new one.

Both carry the birth mark of the workspace (birth_mark.py). `start` compares, before anything else is done with the
engine: on a fresh pair the mark is made on both sides; an engine that does not have the folder's mark is refused, and
so is a folder without the engine's. From then on the engine's connection asks for the mark with every script and after
every reconnect (connection.py), and `run_once`, every second, compares both sides and writes down the ticket numbers.
What does not fit closes everything until it fits again: the way back is the right engine, or `trunkline engine adopt`
and a new start of all processes. A process keeps the mark it began with.

Limits: an earlier state of the same engine has the same mark. Plain reads can go on for a second after a FLUSHALL.
"""

import asyncio

import structlog

from ..config.durable_file import in_thread
from ..config.errors import Misconfigured
from .birth_mark import BirthMark, MarkFile
from .blob_files import BlobFiles
from .connection import Engine
from .scripts import Script

log = structlog.get_logger()

CHECK_SECONDS = 1.0
NUMBERS_AHEAD = 10_000
"""More tickets than can be opened between two looks, twice over."""

_CLAIM = Script.beside(__file__, "birth_claim.lua")


def counters_key(engine: Engine) -> str:
    """The hash whose field `ticket` is the last ticket number."""
    return engine.keys("counters")


async def last_ticket_number(engine: Engine) -> int:
    """The last one that was given; 0 when none was."""
    return int(await engine.call("HGET", counters_key(engine), "ticket") or 0)


class Recognition:
    """Compares."""

    def __init__(self, engine: Engine, files: BlobFiles) -> None:
        self._engine = engine
        self._files = files
        self._file = MarkFile(files.root)
        self._counters = counters_key(engine)
        self._numbers = 0

    async def start(self) -> None:
        """Compare, and on a fresh pair make the mark. Raises Misconfigured with the remedy, or EngineUnavailable."""
        if self._engine.born:
            return
        try:
            await asyncio.to_thread(self._files.prepare)
        except OSError as error:
            raise Misconfigured(f"blobs cannot be kept in {self._files.root}: {error}") from error
        mark = await in_thread(self._file.read_or_make, self._engine.keys.workspace)
        kept = await self._claimed(mark)
        if kept != mark.id:
            raise Misconfigured(self._sentence(mark, kept))
        if mark.state != "settled":
            await in_thread(self._file.put, BirthMark(mark.id))
        self._engine.born = mark.id
        await self._write_numbers()

    async def run_once(self) -> None:
        """Look at both sides. Raises EngineUnavailable when the engine does not answer."""
        kept, mark = await self._engine.mark(), await in_thread(self._file.read)
        if mark is not None and kept == mark.id == self._engine.born:
            self._known_again()
            await self._write_numbers()
        else:
            self._strange(self._sentence(mark, kept))

    async def _claimed(self, mark: BirthMark) -> str:
        """The mark that the engine has, after it was given ours where that may be."""
        owner = mark.id.rpartition(":")[0]
        fresh = mark.state == "new" and await in_thread(self._files.empty)
        if owner != self._engine.keys.workspace or not (fresh or mark.state == "adopted"):
            return await self._engine.mark()
        keys = self._engine.keys
        numbers = await in_thread(self._file.numbers)
        kept: bytes = await self._engine.run(
            _CLAIM,
            {"mark": keys("blobs", "home"), "clock": keys("clock"), "counters": self._counters},
            {"id": mark.id, "state": mark.state, "numbers": numbers},
        )
        return kept.decode()

    async def _write_numbers(self) -> None:
        last = await last_ticket_number(self._engine)
        if last > self._numbers - NUMBERS_AHEAD // 2:
            self._numbers = last + NUMBERS_AHEAD
            await in_thread(self._file.put_numbers, self._numbers)

    def _strange(self, why: str) -> None:
        if self._engine.stranger != why:
            log.error("the engine is not the one of the data folder", action="engine_strange", reason=why)
        self._engine.stranger = why

    def _known_again(self) -> None:
        if self._engine.stranger:
            log.warning("the engine is the one of the data folder again", action="engine_known")
        self._engine.stranger = ""

    def _sentence(self, mark: BirthMark | None, kept: str) -> str:
        """What does not fit, and what to do."""
        if mark is not None and kept == mark.id:
            return f"the engine of {self._files.root} was adopted anew; start this process again"
        ours = f"is {mark.id}" if mark else "has no mark"
        said = f"the folder {kept}" if kept else "nothing"
        return (
            f"the folder {self._files.root} {ours}, and the engine knows of {said} for the workspace "
            f"{self._engine.keys.workspace!r}. All processes of a workspace must see the same engine and the same data "
            "folder: bring back the engine that the folder belongs to (its volume, its files, or a backup of both), "
            "mount the shared folder, or name an empty folder in `data`. To give up what is missing and go on with "
            "this engine: trunkline engine adopt"
        )
