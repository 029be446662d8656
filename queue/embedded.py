"""Owns the embedded engine: starts or adopts it, restarts it when it ends, stops it last.

One process owns the engine of a data folder (`data/supervisor.lock`); a second one is refused, naming the pid of the
first. How a server is started or adopted is in takeover.py. The server may end at any time (it exits by itself when
the disk is full); it is started again after pauses that grow, for as long as it takes, and its address stays the same.

A server that hangs without ending is not restarted: that would not help a disk that hangs, and readiness shows it.
"""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import structlog

from ..config.errors import TrunklineError
from .data_folder import DataFolder
from .engine_record import socket_url
from .engine_server import said
from .ownership import FileLock, own
from .server_binary import ServerBinary, find
from .takeover import PATIENCE_SECONDS, Running, shut_down, take_over

log = structlog.get_logger()

LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
GIGABYTE = 1 << 30


class Supervisor:
    """The one owner of a data folder's engine."""

    def __init__(
        self,
        data: Path,
        *,
        binary: ServerBinary | None = None,
        maxmemory: int = GIGABYTE,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.folder = DataFolder.at(data)
        self.generation = 0  # how often the engine has come to serve
        self._binary = binary
        self._maxmemory = maxmemory
        self._patience = patience
        self._pauses = Pauses()
        self._lock: FileLock | None = None
        self._engine: Running | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._served = asyncio.Condition()
        self._looking = asyncio.Lock()

    @property
    def url(self) -> str:
        """The address of the engine; it stays the same over restarts of the engine."""
        return socket_url(self.folder.socket() if self._engine is None else self._engine.socket)

    @property
    def pid(self) -> int | None:
        """The server's process id, while one runs."""
        return self._engine.process.pid if self._engine is not None and self._engine.process.alive else None

    async def start(self) -> None:
        """Returns when the engine serves, its data loaded. Raises Misconfigured or EngineUnavailable."""
        if self._lock is not None:
            return
        self.folder.prepare()
        self._lock = own(self.folder.supervisor_lock)
        try:
            await self._take_over()
        except BaseException:
            self._let_go()
            raise
        self._keeper = asyncio.create_task(self._keep(), name="engine supervisor")

    async def stop(self) -> None:
        """Shut the engine down in order and let go of the folder."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if self._engine is not None:
            await shut_down(self._engine)
            self._engine = None
            self.folder.record.unlink(missing_ok=True)
        self._let_go()

    async def run_once(self) -> None:
        """Look once: an engine that has ended is started again, after a pause that grows."""
        async with self._looking:
            if self._engine is not None and not self._engine.process.alive:
                await self._restart()

    async def _restart(self) -> None:
        pause = self._pauses.next(time.monotonic())
        log.error("the engine ended", action="engine_ended", restart_in=pause, said=said(self.folder.log)[-300:])
        await asyncio.sleep(pause)
        try:
            await self._take_over()
        except (TrunklineError, OSError) as error:
            log.error("the engine could not be started again", action="engine_start_failed", error=str(error))
        else:
            log.warning("the engine serves again", action="engine_restarted", pid=self.pid)

    async def serving(self, generation: int) -> None:
        """Returns when the engine has come to serve this many times."""
        async with self._served:
            await self._served.wait_for(lambda: self.generation >= generation)

    async def _keep(self) -> None:
        while self._engine is not None:
            await self._engine.process.gone()
            await self.run_once()

    async def _take_over(self) -> None:
        if self._binary is None:
            self._binary = await asyncio.to_thread(find)
        before = self._engine
        self._engine = await take_over(self.folder, self._binary, self._maxmemory, self._patience)
        if before is not None:
            before.process.close()
        self._pauses.served(time.monotonic())
        async with self._served:
            self.generation += 1
            self._served.notify_all()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


class Pauses:
    """How long to wait before the next start, in seconds: doubling from a tenth, and anew once it ran steadily."""

    def __init__(self) -> None:
        self._starts = 0
        self._served_at = 0.0

    def served(self, now: float) -> None:
        """It serves."""
        self._served_at = now

    def next(self, now: float) -> float:
        """It has ended, or did not start."""
        if self._served_at and now - self._served_at >= STEADY_SECONDS:
            self._starts = 0
        self._served_at = 0.0
        self._starts += 1
        return float(min(LONGEST_PAUSE_SECONDS, 0.05 * 2 ** min(self._starts, 20)))
