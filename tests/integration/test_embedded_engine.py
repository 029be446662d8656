"""One engine per data folder, whatever is killed: started, adopted, restarted, stopped last, and nothing is lost."""

# ruff: noqa: ASYNC240 (the files are small, and nobody else waits for this loop)

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from trunkline.config.errors import EngineUnavailable, Misconfigured
from trunkline.queue.attach import attach
from trunkline.queue.connection import Engine
from trunkline.queue.data_folder import FORMAT, DataFolder
from trunkline.queue.embedded import Supervisor
from trunkline.queue.engine_record import EngineRecord
from trunkline.queue.engine_server import Answer, ask, client
from trunkline.queue.keys import Keys
from trunkline.queue.ownership import FileLock
from trunkline.queue.process_watch import runs
from trunkline.queue.safety import dangers_of
from trunkline.queue.server_binary import ServerBinary

SUPERVISE = """
import asyncio, sys
from pathlib import Path
from trunkline.queue.embedded import Supervisor

async def main():
    supervisor = Supervisor(Path(sys.argv[1]))
    await supervisor.start()
    print("serving", supervisor.pid, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await supervisor.stop()

asyncio.run(main())
"""

pytestmark = pytest.mark.usefixtures("server_binary")

MakeSupervisor = Callable[..., Supervisor]


@pytest.fixture
def data(short_folder: Path) -> Iterator[Path]:
    folder = short_folder / "data"
    yield folder
    left = EngineRecord.read(folder / "engine.json")
    if left is not None and left.pid is not None and runs(left.pid):
        os.kill(left.pid, signal.SIGKILL)


@pytest.fixture
async def supervise(data: Path) -> AsyncIterator[MakeSupervisor]:
    """Makes supervisors of the data folder, and stops them in the end."""
    made: list[Supervisor] = []

    def make(folder: Path = data, **settings: object) -> Supervisor:
        made.append(Supervisor(folder, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for supervisor in made:
        await supervisor.stop()


@contextmanager
def supervising_process(data: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that owns the engine of the folder, and the engine's pid; in the end it is killed, the engine not."""
    command = [sys.executable, "-c", SUPERVISE, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        lines = (line.split() for line in owner.stdout)
        yield owner, next(int(words[1]) for words in lines if words[:1] == ["serving"])
        owner.kill()


async def answer_of(supervisor: Supervisor) -> Answer:
    answer = await ask(DataFolder.at(supervisor.folder.root).socket())
    assert answer is not None
    return answer


async def write(url: str, name: str, value: str = "kept") -> None:
    engine = Engine(url, Keys("main"))
    await engine.call("SET", engine.keys(name), value)
    await engine.close()


async def read(url: str, name: str) -> bytes | None:
    engine = Engine(url, Keys("main"))
    try:
        found: bytes | None = await engine.call("GET", engine.keys(name))
    finally:
        await engine.close()
    return found


async def test_the_engine_that_is_started_is_safe_private_and_without_tcp(supervise: MakeSupervisor) -> None:
    supervisor = supervise(maxmemory=123_000_000)
    await supervisor.start()

    async with client(supervisor.folder.socket()) as server:
        assert await dangers_of(server) == []
        settings = await server.config_get("port", "maxmemory", "aof-load-truncated", "save")
    assert settings == {"port": "0", "maxmemory": "123000000", "aof-load-truncated": "yes", "save": ""}
    for private in (supervisor.folder.root, supervisor.folder.engine, supervisor.folder.socket()):
        assert stat.S_IMODE(private.stat().st_mode) == stat.S_IRWXU


async def test_start_and_stop_may_be_called_again_and_the_data_stays(supervise: MakeSupervisor, data: Path) -> None:
    supervisor = supervise()
    await supervisor.start()
    await supervisor.start()
    await write(supervisor.url, "before")
    first = supervisor.pid
    await supervisor.stop()
    await supervisor.stop()
    assert not supervisor.folder.record.exists()
    assert supervisor.pid is None

    again = supervise()
    await again.start()

    assert again.pid != first
    assert await read(again.url, "before") == b"kept"


async def test_the_engine_lives_in_a_session_of_its_own(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()

    assert supervisor.pid is not None
    assert os.getsid(supervisor.pid) == supervisor.pid


async def test_the_engine_gets_none_of_our_variables(
    supervise: MakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_SECRET_HTTP_FORM", "whsec_of_the_test")
    supervisor = supervise()
    await supervisor.start()

    assert b"whsec_of_the_test" not in Path(f"/proc/{supervisor.pid}/environ").read_bytes()


async def test_a_second_supervisor_in_this_process_is_refused_naming_the_pid(supervise: MakeSupervisor) -> None:
    await supervise().start()

    with pytest.raises(Misconfigured, match=rf"pid {os.getpid()}\b"):
        await supervise().start()


async def test_a_second_supervisor_in_another_process_is_refused_naming_the_pid(
    supervise: MakeSupervisor, data: Path
) -> None:
    with supervising_process(data) as (owner, _):
        with pytest.raises(Misconfigured, match=rf"pid {owner.pid}\b"):
            await supervise().start()
        owner.communicate("")

    await supervise().start()


async def test_an_engine_whose_supervisor_was_killed_is_adopted_as_it_is(supervise: MakeSupervisor, data: Path) -> None:
    with supervising_process(data) as (owner, engine_pid):
        await write(await attach(data), "before")
        before = await ask(DataFolder.at(data).socket())
        owner.kill()

    supervisor = supervise(maxmemory=99_000_000)
    await supervisor.start()

    assert await answer_of(supervisor) == before
    assert supervisor.pid == engine_pid
    assert await read(supervisor.url, "before") == b"kept"
    async with client(supervisor.folder.socket()) as server:
        assert await server.config_get("maxmemory") == {"maxmemory": "99000000"}
    await supervisor.stop()
    assert not runs(engine_pid)


async def test_an_adopted_engine_is_watched_like_one_of_our_own(supervise: MakeSupervisor, data: Path) -> None:
    with supervising_process(data) as (owner, engine_pid):
        owner.kill()
    supervisor = supervise()
    await supervisor.start()

    os.kill(engine_pid, signal.SIGKILL)
    await supervisor.serving(2)

    assert supervisor.pid not in (None, engine_pid)


async def test_an_engine_is_watched_where_there_are_no_pidfds(
    supervise: MakeSupervisor, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.setattr("trunkline.queue.process_watch.LOOK_SECONDS", 0.01)
    with supervising_process(data) as (owner, engine_pid):
        owner.kill()
    supervisor = supervise()
    await supervisor.start()
    assert supervisor.pid == engine_pid

    os.kill(engine_pid, signal.SIGKILL)
    await supervisor.serving(2)
    await supervisor.stop()

    assert not runs(engine_pid)
    assert FileLock.take(supervisor.folder.engine_lock) is not None


async def test_no_second_server_starts_while_an_unrecorded_one_lives(supervise: MakeSupervisor, data: Path) -> None:
    with supervising_process(data) as (owner, engine_pid):
        owner.kill()
    DataFolder.at(data).record.unlink()
    assert FileLock.take(DataFolder.at(data).engine_lock) is None

    supervisor = supervise()
    await supervisor.start()

    assert supervisor.pid == engine_pid


async def test_no_second_server_starts_while_one_lives_that_cannot_be_reached(
    supervise: MakeSupervisor, data: Path
) -> None:
    with supervising_process(data) as (owner, engine_pid):
        owner.kill()
    folder = DataFolder.at(data)
    folder.socket().rename(folder.engine / "elsewhere.sock")

    with pytest.raises(EngineUnavailable, match=f"pid {engine_pid}, holds"):
        await supervise(patience=0).start()

    (folder.engine / "elsewhere.sock").rename(folder.socket())
    supervisor = supervise()
    await supervisor.start()
    assert supervisor.pid == engine_pid


async def test_an_orphan_that_became_unsafe_is_replaced_without_loss(supervise: MakeSupervisor, data: Path) -> None:
    with supervising_process(data) as (owner, engine_pid):
        url = await attach(data)
        async with client(DataFolder.at(data).socket()) as server:
            await server.config_set("appendfsync", "everysec")
        await write(url, "before")
        owner.kill()

    supervisor = supervise()
    await supervisor.start()

    assert supervisor.pid != engine_pid
    assert await read(supervisor.url, "before") == b"kept"
    async with client(supervisor.folder.socket()) as server:
        assert await dangers_of(server) == []


async def test_a_server_that_is_not_the_recorded_one_is_refused(supervise: MakeSupervisor, data: Path) -> None:
    with supervising_process(data) as (owner, engine_pid):
        owner.kill()
    folder = DataFolder.at(data)
    recorded = EngineRecord.read(folder.record)
    assert recorded is not None
    EngineRecord(recorded.socket, engine_pid, "0" * 40).write(folder.record)

    with pytest.raises(Misconfigured, match="is not the one"):
        await supervise().start()
    with pytest.raises(EngineUnavailable, match="is not the one"):
        await attach(data, patience=0)

    recorded.write(folder.record)
    await supervise().start()


async def test_a_killed_engine_is_restarted_and_everything_acknowledged_is_there(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()
    url, killed = supervisor.url, supervisor.pid
    assert killed is not None
    engine = Engine(url, Keys("main"))
    acknowledged: list[str] = []

    async def deliver(sender: int) -> None:
        for number in range(2_000):
            entry = f"{sender}:{number}"
            try:
                await engine.call("SADD", engine.keys("stored"), entry)
            except EngineUnavailable:
                return
            acknowledged.append(entry)
            if len(acknowledged) == 1_000:
                os.kill(killed, signal.SIGKILL)

    await asyncio.gather(*(deliver(sender) for sender in range(8)))
    await supervisor.serving(2)

    assert supervisor.url == url
    assert supervisor.generation == 2
    stored = set(await engine.call("SMEMBERS", engine.keys("stored")))
    await engine.close()
    assert len(acknowledged) >= 1_000
    assert {entry.encode() for entry in acknowledged} <= stored


async def test_a_looking_supervisor_leaves_a_living_engine_alone(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()
    before = supervisor.pid

    await supervisor.run_once()

    assert supervisor.pid == before
    assert supervisor.generation == 1


async def test_several_looks_at_once_start_one_engine(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)

    await asyncio.gather(*(supervisor.run_once() for _ in range(5)), supervisor.serving(2))

    assert supervisor.generation == 2


async def test_a_held_lock_without_its_engine_is_waited_for(supervise: MakeSupervisor, data: Path) -> None:
    folder = DataFolder.at(data)
    folder.prepare()
    left_by_a_killed_engine = FileLock.take(folder.engine_lock)
    assert left_by_a_killed_engine is not None

    with pytest.raises(EngineUnavailable, match=r"engine\.lock is held"):
        await supervise(patience=0).start()

    supervisor = supervise()
    starting = asyncio.create_task(supervisor.start())
    await asyncio.wait({starting}, timeout=0.1)
    assert not starting.done()
    left_by_a_killed_engine.release()
    await starting
    assert supervisor.pid is not None


async def test_the_engine_lock_is_free_when_the_engine_is_gone_and_not_before(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()
    assert FileLock.take(supervisor.folder.engine_lock) is None

    await supervisor.stop()

    lock = FileLock.take(supervisor.folder.engine_lock)
    assert lock is not None
    lock.release()


async def test_a_damaged_append_only_file_stops_the_start_with_the_engines_words(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()
    for number in range(50):
        await write(supervisor.url, f"before-{number}")
    await supervisor.stop()
    (file,) = supervisor.folder.engine.glob("appendonlydir/*.incr.aof")
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = b"\0" * 40
    file.write_bytes(content)

    for _ in range(2):  # the refused start let go of the folder
        with pytest.raises(Misconfigured, match="Bad file format"):
            await supervise().start()


async def test_a_torn_end_of_the_append_only_file_is_cut_off_with_an_alarm(supervise: MakeSupervisor) -> None:
    supervisor = supervise()
    await supervisor.start()
    await write(supervisor.url, "before")
    await supervisor.stop()
    (file,) = supervisor.folder.engine.glob("appendonlydir/*.incr.aof")
    with file.open("ab") as end:
        end.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")

    again = supervise()
    with capture_logs() as logs:
        await again.start()

    assert "engine_truncated" in [line["action"] for line in logs]
    assert await read(again.url, "before") == b"kept"


async def test_a_newer_format_of_the_data_folder_is_refused(supervise: MakeSupervisor, data: Path) -> None:
    data.mkdir()
    (data / "format").write_text(f"{FORMAT + 1}\n")

    with pytest.raises(Misconfigured, match="knows formats up to"):
        await supervise().start()
    with pytest.raises(Misconfigured, match="knows formats up to"):
        await attach(data, patience=0)


async def test_a_data_folder_that_everybody_may_write_to_is_refused(supervise: MakeSupervisor, data: Path) -> None:
    data.mkdir()
    data.chmod(0o777)

    with pytest.raises(Misconfigured, match="chmod o-w"):
        await supervise().start()


async def test_a_long_path_moves_the_socket_to_a_private_runtime_folder(
    supervise: MakeSupervisor, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    long = short_folder / ("a" * 60) / ("b" * 60) / "data"
    supervisor = supervise(long)
    await supervisor.start()
    await write(supervisor.url, "before")

    socket = Path(supervisor.url.removeprefix("unix://"))
    assert len(os.fsencode(socket)) <= 100
    assert socket.parent.parent == short_folder
    assert stat.S_IMODE(socket.parent.stat().st_mode) == stat.S_IRWXU
    monkeypatch.delenv("XDG_RUNTIME_DIR")  # another process may see another runtime folder
    assert await attach(long) == supervisor.url


async def test_a_runtime_folder_that_somebody_else_has_made_is_refused(
    supervise: MakeSupervisor, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    long = DataFolder.at(short_folder / ("c" * 100) / "data")
    expected = long.socket().parent
    expected.rmdir()
    (short_folder / "elsewhere").mkdir()
    expected.symlink_to(short_folder / "elsewhere")

    with pytest.raises(Misconfigured, match="must be a folder that belongs to"):
        await supervise(long.root).start()


async def test_attaching_never_starts_an_engine(data: Path) -> None:
    with pytest.raises(EngineUnavailable, match="trunkline engine"):
        await attach(data, patience=0)
    assert not data.exists()


async def test_attaching_waits_for_an_engine_that_starts_again(supervise: MakeSupervisor, data: Path) -> None:
    supervisor = supervise()
    await supervisor.start()
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)

    assert await attach(data) == supervisor.url
    assert supervisor.generation == 2


async def test_a_copied_data_folder_does_not_lead_to_the_engine_of_the_original(
    supervise: MakeSupervisor, data: Path, short_folder: Path
) -> None:
    await supervise().start()
    copy = short_folder / "copy"
    copy.mkdir()
    for name in ("engine.json", "format"):
        shutil.copy(data / name, copy / name)

    with pytest.raises(EngineUnavailable, match="is not the one"):
        await attach(copy, patience=0)


async def test_the_record_tells_where_the_engine_is_and_who(supervise: MakeSupervisor, data: Path) -> None:
    supervisor = supervise()
    await supervisor.start()

    answer = await answer_of(supervisor)
    assert json.loads((data / "engine.json").read_bytes()) == {
        "socket": str(data / "engine" / "redis.sock"),
        "pid": supervisor.pid,
        "run_id": answer.run_id,
    }


async def test_left_over_rewrite_files_are_swept_when_a_server_is_started(
    supervise: MakeSupervisor, data: Path
) -> None:
    folder = DataFolder.at(data)
    folder.prepare()
    (folder.engine / "temp-rewriteaof-bg-4711.aof").write_bytes(b"half")

    await supervise().start()

    assert not list(folder.engine.glob("temp-*"))


async def test_a_server_that_cannot_be_run_leaves_the_folder_free(supervise: MakeSupervisor, data: Path) -> None:
    missing = ServerBinary(Path("/nonexistent/redis-server"), "redis 7.0")
    for _ in range(2):
        with pytest.raises((OSError, Misconfigured)):
            await supervise(binary=missing).start()

    await supervise().start()
