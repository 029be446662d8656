"""Comes to a running engine on a data folder: starts one, or adopts one that a killed supervisor left behind.

The server process holds `data/engine.lock`. Whoever gets that lock may start a server, so two servers can never write
to one folder, whatever became of their owners: two servers on one folder start without complaint and lose acknowledged
writes. While the lock is held a server lives, and it is adopted when it is the one that `data/engine.json` records and
its settings are safe, shut down in order and replaced when they are not, refused when it is a stranger. Children of a
killed server can hold the lock a little longer; that is waited for. Only the owner of the folder calls this. Before a
server is started its files are looked at (append_only_files.py), since one that misses them would begin anew.
"""

import asyncio
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from redis.exceptions import RedisError

from ..config.errors import EngineUnavailable, Misconfigured
from .append_only_files import check_append_only_files
from .data_folder import DataFolder
from .engine_record import EngineRecord
from .engine_server import Answer, arguments, ask, client, launch, said, sweep
from .ownership import FileLock
from .process_watch import WatchedProcess, runs
from .safety import dangers_of
from .server_binary import ServerBinary

log = structlog.get_logger()

PATIENCE_SECONDS = 30.0  # for a held lock and for a first answer; a server that is loading has all the time it needs
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.01


@dataclass(frozen=True)
class Running:
    """An engine that serves."""

    process: WatchedProcess
    socket: Path


class Patience:
    """Time that is running out, and begins anew while something moves."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """Begin anew."""
        self._end = time.monotonic() + self._seconds

    @property
    def over(self) -> bool:
        """Whether it has run out."""
        return time.monotonic() > self._end


async def take_over(folder: DataFolder, binary: ServerBinary, maxmemory: int, seconds: float) -> Running:
    """The engine of the folder, data loaded. Raises Misconfigured or EngineUnavailable."""
    patience = Patience(seconds)
    while True:
        lock = FileLock.take(folder.engine_lock)
        if lock is not None:
            return await _start(folder, binary, maxmemory, lock, Patience(seconds))
        found = EngineRecord.read(folder.record) or EngineRecord(folder.socket())
        answer = await ask(found.socket)
        if answer is not None and answer.loading:
            patience.renew()
        elif answer is not None and (adopted := await _adopt(folder, found, answer, maxmemory)):
            return adopted
        if patience.over:
            raise EngineUnavailable(_who_holds(folder, found))
        await asyncio.sleep(LOOK_SECONDS)


async def shut_down(running: Running) -> None:
    """Let the server save and end; a server that does not hear is killed, which loses nothing that was acknowledged."""
    process = running.process
    try:
        async with client(running.socket) as server:
            await server.execute_command("SHUTDOWN", "NOSAVE")  # type: ignore[no-untyped-call]
    except (RedisError, OSError, TimeoutError):
        process.send(signal.SIGTERM)  # the broken connection is the usual answer; a second request changes nothing
    try:
        await asyncio.wait_for(process.gone(), STOP_SECONDS)
    except TimeoutError:
        log.error("the engine did not stop and is killed", action="engine_killed", pid=process.pid)
        process.send(signal.SIGKILL)
        await process.gone()
    process.close()


async def _adopt(folder: DataFolder, found: EngineRecord, answer: Answer, maxmemory: int) -> Running | None:
    """The server that was left behind; None when it was unsafe and has been shut down, or has just ended."""
    recorded = found.run_id in (None, answer.run_id) and found.pid in (None, answer.pid)
    if not recorded or not answer.lives_in(folder.engine):
        raise Misconfigured(
            f"the server on {found.socket} (pid {answer.pid}, run {answer.run_id}) is not the one that "
            f"{folder.record} records (pid {found.pid}, run {found.run_id}); stop it"
        )
    try:
        async with client(found.socket) as server:
            dangers = [danger for danger in await dangers_of(server) if danger.grave]
            await server.config_set("maxmemory", maxmemory)
        process = WatchedProcess(answer.pid)
    except (RedisError, OSError, TimeoutError):
        return None
    if dangers:
        log.warning("an unsafe engine is replaced", action="engine_replaced", dangers=[str(one) for one in dangers])
        await shut_down(Running(process, found.socket))
        return None
    EngineRecord(found.socket, answer.pid, answer.run_id).write(folder.record)
    log.warning("an engine that was left behind is adopted", action="engine_adopted", pid=answer.pid)
    return Running(process, found.socket)


async def _start(
    folder: DataFolder, binary: ServerBinary, maxmemory: int, lock: FileLock, patience: Patience
) -> Running:
    socket, log_begin = folder.socket(), _size(folder.log)
    try:
        check_append_only_files(folder)
        EngineRecord(socket).write(folder.record)
        sweep(folder.engine)
        words = arguments(folder.engine, socket, maxmemory)
        child = launch(binary.path, words, folder.engine, folder.log, lock)
    finally:
        lock.hand_over()
    process = WatchedProcess(child.pid, child)
    try:
        EngineRecord(socket, child.pid).write(folder.record)
        answer = await _first_answer(process, socket, folder, patience)
        EngineRecord(socket, child.pid, answer.run_id).write(folder.record)
    except BaseException:
        process.send(signal.SIGKILL)  # it has not served yet
        child.wait()
        process.close()
        raise
    if "loaded anyway" in said(folder.log, log_begin):  # what aof-load-truncated says
        log.error("the end of the append-only file was torn and is cut off", action="engine_truncated")
    return Running(process, socket)


async def _first_answer(process: WatchedProcess, socket: Path, folder: DataFolder, patience: Patience) -> Answer:
    while process.alive:
        answer = await ask(socket)
        if answer is not None and not answer.loading:
            return answer
        if answer is not None:
            patience.renew()
        if patience.over:
            raise EngineUnavailable(f"the engine, pid {process.pid}, was started and does not answer on {socket}")
        await asyncio.sleep(LOOK_SECONDS)
    raise Misconfigured(f"the engine ended while it started; see {folder.log}: {said(folder.log)[-600:]}")


def _who_holds(folder: DataFolder, found: EngineRecord) -> str:
    if found.pid is not None and runs(found.pid):
        return f"the engine, pid {found.pid}, holds {folder.engine_lock} and does not answer on {found.socket}"
    return f"{folder.engine_lock} is held by a process that is not the recorded engine, perhaps a child that it left"


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
