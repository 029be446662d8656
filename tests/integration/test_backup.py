"""A backup made while messages come in holds everything that was acknowledged before it began, and can be started."""

# ruff: noqa: ASYNC240 (the files are small, and nobody else waits for this loop)

import asyncio
import hashlib
import json
import random
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from trunkline.config.errors import EngineUnavailable, Misconfigured, Unreadable
from trunkline.queue import backup
from trunkline.queue.backup import BASE, back_up, restore, verify
from trunkline.queue.blob_collector import BlobCollector, Collected, collection_lock
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.embedded import Supervisor
from trunkline.queue.keys import Keys
from trunkline.queue.recognition import Recognition
from trunkline.queue.snapshot import take_snapshot

StartServer = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
async def store(engine: Engine, tmp_path: Path) -> AsyncIterator[Blobs]:
    made = Blobs(tmp_path / "data" / "blobs", engine)
    await made.start()
    await Recognition(engine, made.files).start()
    yield made
    await made.stop()


async def test_everything_acknowledged_before_the_backup_is_in_it(
    store: Blobs, tmp_path: Path, short_folder: Path
) -> None:
    acknowledged: dict[str, str] = {}
    enough, done = asyncio.Event(), asyncio.Event()

    async def deliver(sender: int) -> None:
        number = 0
        while not done.is_set():
            sha = await store.put(f"message {sender}:{number}".encode())
            await store.engine.call("HSET", store.engine.keys("messages"), f"{sender}:{number}", sha)
            acknowledged[f"{sender}:{number}"] = sha
            number += 1
            if len(acknowledged) >= 200:
                enough.set()

    senders = [asyncio.create_task(deliver(sender)) for sender in range(4)]
    await enough.wait()
    promised = dict(acknowledged)
    manifest = await back_up(store.engine, store.files, tmp_path / "backup")
    done.set()
    await asyncio.gather(*senders)

    assert manifest.blobs >= len(promised)
    assert len(acknowledged) > len(promised)
    assert await messages_after_restore(tmp_path / "backup", short_folder / "data", store.engine.keys) >= set(promised)


async def messages_after_restore(source: Path, data: Path, keys: Keys) -> set[str]:
    """Start from the backup; the messages that are there, each with its blob."""
    assert restore(source, data) == verify(source)
    supervisor = Supervisor(data)
    await supervisor.start()
    engine = Engine(supervisor.url, keys)
    store = Blobs(data / "blobs", engine)
    try:
        await store.start()
        fields = await engine.call("HGETALL", engine.keys("messages"))
        for name, sha in zip(fields[::2], fields[1::2], strict=True):
            assert await store.get(sha.decode()) == b"message " + name
        return {name.decode() for name in fields[::2]}
    finally:
        await store.stop()
        await engine.close()
        await supervisor.stop()


async def test_a_backup_can_be_checked_with_sha256sum(store: Blobs, tmp_path: Path) -> None:
    sha = await store.put(b"content")
    await back_up(store.engine, store.files, tmp_path / "backup")

    checking = await asyncio.create_subprocess_exec(
        "sha256sum", "--check", "--strict", "--quiet", "files.sha256", cwd=tmp_path / "backup"
    )
    assert await checking.wait() == 0
    assert f"blobs/{sha[0]}/{sha[1]}/{sha}" in (tmp_path / "backup" / "files.sha256").read_text()


@pytest.mark.parametrize("name", ["blob", str(BASE), "format", "files.sha256"])
async def test_a_damaged_backup_is_refused_naming_the_file(
    store: Blobs, tmp_path: Path, short_folder: Path, name: str
) -> None:
    sha = await store.put(b"content")
    await back_up(store.engine, store.files, tmp_path / "backup")
    damaged = tmp_path / "backup" / (name if name != "blob" else f"blobs/{sha[0]}/{sha[1]}/{sha}")
    damaged.write_bytes(damaged.read_bytes() + b"x")

    with pytest.raises(Unreadable, match=damaged.name.replace(".", r"\.")):
        restore(tmp_path / "backup", short_folder / "data")
    assert not (short_folder / "data").exists()


async def test_a_backup_without_a_file_is_refused(store: Blobs, tmp_path: Path) -> None:
    sha = await store.put(b"content")
    await back_up(store.engine, store.files, tmp_path / "backup")
    (tmp_path / "backup" / "blobs" / sha[0] / sha[1] / sha).unlink()

    with pytest.raises(Unreadable, match=f"1 files .* are missing or damaged: .*{sha}"):
        verify(tmp_path / "backup")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not a complete backup"):
        verify(tmp_path)


async def test_a_backup_that_names_files_outside_itself_is_refused(store: Blobs, tmp_path: Path) -> None:
    await back_up(store.engine, store.files, tmp_path / "backup")
    (tmp_path / "outside").write_bytes(b"")
    listing = f"{hashlib.sha256(b'').hexdigest()}  ../outside\n".encode()
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_bytes())
    manifest["files_sha256"] = hashlib.sha256(listing).hexdigest()
    (tmp_path / "backup" / "files.sha256").write_bytes(listing)
    (tmp_path / "backup" / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(Unreadable, match="outside itself"):
        restore(tmp_path / "backup", tmp_path / "restored")


async def test_a_backup_of_a_newer_format_is_refused(store: Blobs, tmp_path: Path) -> None:
    await back_up(store.engine, store.files, tmp_path / "backup")
    file = tmp_path / "backup" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"format": 99}))

    with pytest.raises(Misconfigured, match="format 99"):
        verify(tmp_path / "backup")


async def test_nothing_is_overwritten(store: Blobs, tmp_path: Path) -> None:
    await back_up(store.engine, store.files, tmp_path / "backup")

    with pytest.raises(Misconfigured, match="exists"):
        await back_up(store.engine, store.files, tmp_path / "backup")
    with pytest.raises(Misconfigured, match="not empty"):
        restore(tmp_path / "backup", tmp_path)
    verify(tmp_path / "backup")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Longer ones cannot be written by this process: what a full disk is like."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("fails_at", ["base", "blob", "secrets"])
async def test_a_restore_that_finds_no_room_says_so_leaves_nothing_and_can_be_repeated(
    store: Blobs, tmp_path: Path, short_folder: Path, fails_at: str
) -> None:
    await store.put(b"x" * 100_000)
    if fails_at == "base":
        await store.engine.call("SET", store.engine.keys("large"), random.randbytes(200_000))
    await back_up(store.engine, store.files, tmp_path / "backup")
    data = short_folder / "data"

    def secrets(_: backup.Manifest) -> None:
        (data / "secrets").mkdir(exist_ok=True)
        (data / "secrets" / "token").write_bytes(b"x" * (100_000 if fails_at == "secrets" else 1))

    with files_of_at_most(50_000), pytest.raises(Misconfigured, match=f"{data}: .*File too large.* restore again"):
        restore(tmp_path / "backup", data, secrets)
    assert [path.name for path in data.iterdir()] == ["secrets"]
    assert restore(tmp_path / "backup", data, secrets) == verify(tmp_path / "backup")


async def test_a_restore_into_what_is_no_folder_is_refused_and_touches_nothing(store: Blobs, tmp_path: Path) -> None:
    await back_up(store.engine, store.files, tmp_path / "backup")
    (tmp_path / "file").write_bytes(b"mine")

    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Misconfigured, match=f"cannot be restored into {place}: .*Not a directory"):
            restore(tmp_path / "backup", place)
    assert (tmp_path / "file").read_bytes() == b"mine"


async def test_a_damaged_blob_is_named_and_left_out(store: Blobs, tmp_path: Path) -> None:
    damaged, sound = await store.put_many([b"content", b"other"])
    store.files.path(damaged).write_bytes(b"CONTENT")

    manifest = await back_up(store.engine, store.files, tmp_path / "backup")

    assert manifest.damaged == (damaged,)
    assert manifest.blobs == 1
    assert sound in (tmp_path / "backup" / "files.sha256").read_text()
    assert verify(tmp_path / "backup").damaged == (damaged,)


async def test_nothing_is_collected_while_a_backup_runs(
    store: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = await store.put(b"content")
    await store.engine.call("ZADD", store.keys["condemned"], 1, sha)
    collector = BlobCollector(store, ManualClock())
    during: list[Collected] = []

    async def snapshot(engine: Engine, target: Path) -> None:
        await take_snapshot(engine, target)
        during.append(await collector.run_once())

    monkeypatch.setattr(backup, "take_snapshot", snapshot)
    manifest = await back_up(store.engine, store.files, tmp_path / "backup")

    assert during == [Collected()]
    assert manifest.blobs == 1
    assert (await collector.run_once()).removed == 1


async def test_a_collector_that_does_not_end_is_a_temporary_error(
    store: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "LOCK_SECONDS", 0)
    lock = collection_lock(store.files)
    assert lock is not None

    with pytest.raises(EngineUnavailable, match="collected"):
        await back_up(store.engine, store.files, tmp_path / "backup")
    lock.release()
    await back_up(store.engine, store.files, tmp_path / "backup")


async def test_a_backup_that_breaks_off_leaves_nothing_behind(
    start_server: StartServer, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_server() as server:
        engine = Engine(server.url, keys)
        store = Blobs(tmp_path / "blobs", engine)
        await store.start()
        server.kill()
        with pytest.raises(EngineUnavailable):
            await back_up(engine, store.files, tmp_path / "backup")
        await store.stop()
        await engine.close()

    assert [path.name for path in tmp_path.iterdir()] == ["blobs"]


async def test_a_snapshot_that_was_begun_for_somebody_else_is_taken_again(
    start_server: StartServer, keys: Keys, tmp_path: Path
) -> None:
    """While a server saves for one replica it hands the same file to the next (Redis, replication.c: syncCommand)."""
    with start_server() as server:
        engine = Engine(server.url, keys)
        await engine.call("MSET", *[word for number in range(200) for word in (engine.keys(str(number)), number)])
        await engine.call("CONFIG", "SET", "rdb-key-save-delay", 1_000)  # microseconds a key
        reader, writer = await asyncio.open_unix_connection(str(server.socket))
        writer.write(b"REPLCONF rdb-only 1\r\n")
        await reader.readline()
        writer.write(b"SYNC\r\n")
        await asyncio.to_thread(server.until, "Background saving started")
        await engine.call("SET", engine.keys("acknowledged"), "before the backup")
        await take_snapshot(engine, tmp_path / "snapshot.rdb")
        started = [line for line in server.said if "Background saving started" in line]
        writer.close()
        await engine.close()

    assert len(started) == 2
    assert b"before the backup" in (tmp_path / "snapshot.rdb").read_bytes()


async def test_a_snapshot_of_a_cluster_is_of_the_primary_that_serves_the_workspace(
    cluster_engine: Engine, tmp_path: Path
) -> None:
    await cluster_engine.call("SET", cluster_engine.keys("acknowledged"), "in the cluster")

    await take_snapshot(cluster_engine, tmp_path / "snapshot.rdb")

    assert b"in the cluster" in (tmp_path / "snapshot.rdb").read_bytes()
