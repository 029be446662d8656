"""A blob that a record names is there: written first, kept while needed, removed an hour after the last need."""

import asyncio
import errno
import hashlib
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config import durable_file
from trunkline.config.errors import EngineFull, EngineUnavailable, Misconfigured, Unreadable
from trunkline.queue import blobs
from trunkline.queue.blob_collector import BlobCollector, Collected, collection_lock
from trunkline.queue.blob_files import DIGITS, BlobFiles
from trunkline.queue.blobs import GRACE_MS, Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.scripts import Script

HOUR = GRACE_MS
INCLUDE = Path(blobs.__file__).with_name("blob_reference.lua")
REFERENCE = f"""#!lua
--#keys blobs
--#args sha, owner
--#include {INCLUDE}
if not blob_reference(blobs, sha, owner) then return 'BLOB_CONDEMNED' end
return 'OK'
"""

Reference = Callable[[str, str], Awaitable[bytes]]


@pytest.fixture
async def store(engine: Engine, tmp_path: Path) -> AsyncIterator[Blobs]:
    made = Blobs(tmp_path / "blobs", engine)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def collector(store: Blobs, clock: ManualClock) -> BlobCollector:
    return BlobCollector(store, clock)


@pytest.fixture
def reference(store: Blobs, tmp_path: Path) -> Reference:
    """Names a blob in a record, as intake and filing do."""
    (tmp_path / "reference.lua").write_text(REFERENCE)
    script = Script.beside(str(tmp_path / "module.py"), "reference.lua")

    async def run(sha: str, owner: str) -> bytes:
        reply: bytes = await store.engine.run(script, {"blobs": store.keys}, {"sha": sha, "owner": owner})
        return reply

    return run


async def collect_all(collector: BlobCollector) -> Collected:
    """One run for each part of the folder."""
    runs = [await collector.run_once() for _ in DIGITS]
    return Collected(sum(run.condemned for run in runs), sum(run.removed for run in runs))


def age(store: Blobs, sha: str, seconds: int = 3_700) -> None:
    path = store.files.path(sha)
    written = path.stat().st_mtime - seconds
    os.utime(path, (written, written))


async def test_a_content_comes_back_under_its_sha256(store: Blobs) -> None:
    sha = await store.put(b"content")

    assert sha == hashlib.sha256(b"content").hexdigest()
    assert await store.get(sha) == b"content"
    with await store.open(sha) as file:
        assert file.read() == b"content"


async def test_many_contents_are_put_at_once_and_equal_ones_are_one_file(store: Blobs) -> None:
    large = os.urandom(300_000)

    names = await store.put_many([b"one", large, b"one", b""])

    assert [await store.get(name) for name in names] == [b"one", large, b"one", b""]
    assert names[0] == names[2]
    assert await store.put_many([]) == []


async def test_small_contents_that_come_together_share_a_file_and_its_reference(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    contents = [f"message {number}".encode() * number for number in range(60)]
    names = await asyncio.gather(*(store.put_packed(content) for content in contents))
    files = [name for first in DIGITS for name in store.files.names(first)]
    assert len(files) < 10

    for number, name in enumerate(names):
        assert await reference(name, f"raw-{number}") == b"OK"
    for number in range(59):
        assert await store.release(f"raw-{number}", clock.now()) in (0, 1)
    clock.advance(HOUR)
    await collect_all(collector)

    assert await store.get(names[59]) == contents[59]
    assert await store.release("raw-59", clock.now()) == 1
    assert await reference(names[59], "raw-60") == b"BLOB_CONDEMNED"


async def test_a_damaged_pack_gives_out_what_is_sound_in_it(store: Blobs) -> None:
    one, two = await asyncio.gather(store.put_packed(b"first"), store.put_packed(b"second"))
    path = store.files.path(one[:64])
    path.write_bytes(path.read_bytes().replace(b"sec", b"SEC"))

    assert await store.get(one) == b"first"
    with pytest.raises(Unreadable, match="damaged"):
        await store.get(two)
    path.write_bytes(path.read_bytes()[:7])
    with pytest.raises(Unreadable, match="damaged"):
        await store.get(two)


async def test_file_and_folder_are_fsynced_in_this_order(store: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.put(b"makes the folder known")
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        done.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        fsync(descriptor)

    def note_replace(self: Path, target: Path) -> Path:
        done.append(f"rename {self.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    sha = await store.put(b"content")

    steps = [step.replace(f".{sha}", "blob").split(".")[0] for step in done]
    assert steps[-3:] == ["fsync blob", "rename blob", f"fsync {sha[1]}"]
    assert {f"fsync {sha[0]}", "fsync blobs"} <= set(steps)  # the new folders have names on the disk, too


async def test_an_existing_file_is_touched_and_fsynced(store: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = await store.put(b"content")
    age(store, sha)
    old = store.files.path(sha).stat()
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))

    await store.put(b"content")

    young = store.files.path(sha).stat()
    assert young.st_ino == old.st_ino
    assert young.st_mtime > old.st_mtime + 3_000
    assert synced == [young.st_ino, store.files.path(sha).parent.stat().st_ino]


async def test_a_file_of_the_wrong_size_is_written_anew(store: Blobs) -> None:
    sha = await store.put(b"content")
    store.files.path(sha).write_bytes(b"cont")

    await store.put(b"content")

    assert await store.get(sha) == b"content"


async def test_a_missing_or_damaged_blob_is_never_handed_out(store: Blobs) -> None:
    sha = await store.put(b"content")
    store.files.path(sha).write_bytes(b"CONTENT")
    with pytest.raises(Unreadable, match="damaged"):
        await store.get(sha)

    store.files.path(sha).unlink()
    with pytest.raises(Unreadable, match="missing"):
        await store.get(sha)
    with pytest.raises(Unreadable, match="missing"):
        await store.open(sha)


@given(st.text())
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(Unreadable, match="no name"):
        BlobFiles(Path("/blobs")).path(name)


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, EngineFull), (errno.EDQUOT, EngineFull), (errno.EIO, EngineUnavailable)]
)
async def test_trouble_with_the_disk_is_temporary_and_leaves_no_half_file(
    store: Blobs, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    def fail(path: Path, content: bytes) -> None:
        path.write_bytes(content[:3])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(durable_file, "write_synced", fail)
    with pytest.raises(expected):
        await store.put(b"content")

    assert store.files.empty()
    assert list(store.files.drafts.iterdir()) == []


async def test_a_referenced_blob_stays(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    sha = await store.put(b"content")
    assert await reference(sha, "raw-1") == b"OK"
    age(store, sha)

    clock.advance(10 * HOUR)
    assert await collect_all(collector) == Collected()
    assert await store.get(sha) == b"content"


async def test_a_released_blob_goes_an_hour_later_and_not_before(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    sha = await store.put(b"content")
    await reference(sha, "raw-1")

    assert await store.release("raw-1", clock.now()) == 1
    clock.advance(HOUR - 1)
    assert await collect_all(collector) == Collected()
    assert await store.get(sha) == b"content"
    clock.advance(1)
    assert await collect_all(collector) == Collected(removed=1)

    assert store.files.empty()
    assert await store.engine.call("EXISTS", *store.keys.flat) == 0


async def test_a_blob_stays_while_another_owner_needs_it(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    shared, own = await store.put_many([b"shared", b"own"])
    for sha, owner in ((shared, "raw-1"), (own, "raw-1"), (shared, "raw-2"), (shared, "raw-1")):
        await reference(sha, owner)

    assert await store.release("raw-1", clock.now()) == 1
    assert await store.release("raw-1", clock.now()) == 0
    clock.advance(HOUR)
    await collect_all(collector)

    assert await store.get(shared) == b"shared"
    assert not store.files.path(own).exists()
    assert await store.release("raw-2", clock.now()) == 1


async def test_owners_whose_names_begin_alike_are_different_owners(
    store: Blobs, clock: ManualClock, reference: Reference
) -> None:
    sha = await store.put(b"content")
    for owner in ("raw-1", "raw-11"):
        await reference(sha, owner)

    assert await store.release("raw-1", clock.now()) == 0
    assert await store.release("raw-11", clock.now()) == 1


async def test_what_a_killed_writer_left_is_found_condemned_and_removed(
    store: Blobs, collector: BlobCollector, clock: ManualClock
) -> None:
    old, young = await store.put_many([b"never named", b"just written"])
    age(store, old)
    draft = store.files.drafts / "half"
    draft.write_bytes(b"ha")
    os.utime(draft, (1, 1))

    assert await collect_all(collector) == Collected(condemned=1)
    assert await collect_all(collector) == Collected()
    clock.advance(HOUR)
    assert await collect_all(collector) == Collected(removed=1)

    assert not store.files.path(old).exists()
    assert store.files.path(young).exists()
    assert not draft.exists()


async def test_a_condemned_blob_cannot_be_named_until_it_is_put_again(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    sha = await store.put(b"content")
    await reference(sha, "raw-1")
    await store.release("raw-1", clock.now())

    assert await reference(sha, "raw-2") == b"BLOB_CONDEMNED"
    assert await store.put(b"content") == sha
    assert await reference(sha, "raw-2") == b"OK"

    clock.advance(HOUR)
    assert await collect_all(collector) == Collected()
    assert await store.get(sha) == b"content"


async def test_a_writer_waits_while_the_blob_is_being_removed(store: Blobs) -> None:
    sha = await store.put(b"content")
    await store.engine.call("ZADD", store.keys["condemned"], -1, sha)

    writing = asyncio.create_task(store.put(b"content"))
    await asyncio.wait({writing}, timeout=0.1)
    assert not writing.done()
    store.files.path(sha).unlink()
    await store.engine.call("ZREM", store.keys["condemned"], sha)

    assert await writing == sha
    assert await store.get(sha) == b"content"


async def test_a_removal_that_does_not_end_is_a_temporary_error(store: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "WAITS", 1)
    await store.engine.call("ZADD", store.keys["condemned"], -1, hashlib.sha256(b"content").hexdigest())

    with pytest.raises(EngineUnavailable):
        await store.put(b"content")


async def test_what_a_collector_that_died_had_claimed_is_removed_by_the_next(
    store: Blobs, collector: BlobCollector
) -> None:
    gone, left = await store.put_many([b"its file is gone already", b"its file is still there"])
    store.files.path(gone).unlink()
    await store.engine.call("ZADD", store.keys["condemned"], -1, gone, -1, left)

    assert (await collector.run_once()).removed == 2

    assert store.files.empty()
    assert await store.put(b"its file is still there") == left


async def test_one_collects_at_a_time(store: Blobs, collector: BlobCollector, clock: ManualClock) -> None:
    age(store, await store.put(b"never named"))
    other = collection_lock(store.files, shared=True)
    assert other is not None

    assert await collect_all(collector) == Collected()
    other.release()
    assert await collect_all(collector) == Collected(condemned=1)


class HeldRemoval:
    """Holds the collector right before it removes files, until it may go on."""

    def __init__(self, store: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._remove = store.files.remove
        monkeypatch.setattr(store.files, "remove", self._held)

    def _held(self, names: list[str]) -> None:
        self._loop.call_soon_threadsafe(self.begun.set)
        asyncio.run_coroutine_threadsafe(self.go_on.wait(), self._loop).result()
        self._remove(names)


@pytest.fixture
async def removal(store: Blobs, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HeldRemoval]:
    held = HeldRemoval(store, monkeypatch)
    yield held
    held.go_on.set()


async def test_what_is_wanted_again_while_it_is_removed_is_written_again(
    store: Blobs, collector: BlobCollector, reference: Reference, removal: HeldRemoval
) -> None:
    sha = await store.put(b"content")
    await store.engine.call("ZADD", store.keys["condemned"], 1, sha)
    run = asyncio.create_task(collector.run_once())
    await removal.begun.wait()

    assert await reference(sha, "raw-1") == b"BLOB_CONDEMNED"
    writing = asyncio.create_task(store.put(b"content"))
    await asyncio.wait({writing}, timeout=0.1)
    removal.go_on.set()
    await asyncio.gather(run, writing)

    assert await reference(sha, "raw-1") == b"OK"
    assert await store.get(sha) == b"content"


async def test_a_broken_off_run_keeps_the_lock_until_its_files_are_removed(
    store: Blobs, collector: BlobCollector, removal: HeldRemoval
) -> None:
    await store.engine.call("ZADD", store.keys["condemned"], 1, await store.put(b"content"))
    run = asyncio.create_task(collector.run_once())
    await removal.begun.wait()
    run.cancel()
    await asyncio.sleep(0)
    assert collection_lock(store.files) is None
    removal.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert store.files.empty()
    lock = collection_lock(store.files)
    assert lock is not None
    lock.release()


async def test_whatever_writers_and_collectors_do_at_once_a_named_blob_is_there(
    store: Blobs, clock: ManualClock, reference: Reference
) -> None:
    chance = random.Random(7)
    contents = [f"content {number}".encode() for number in range(6)]
    collectors = [BlobCollector(store, clock) for _ in range(2)]
    owners: dict[str, str] = {}

    async def write(owner: str, content: bytes) -> None:
        for _ in range(10):
            sha = await store.put(content)
            if await reference(sha, owner) == b"OK":
                owners[owner] = sha
                return
        raise AssertionError("condemned again and again")

    for turn in range(40):
        for owner in chance.sample(sorted(owners), len(owners) * 2 // 3):
            del owners[owner]
            await store.release(owner, clock.now())
        clock.advance(HOUR)  # what nobody needs may go now, while it is wanted again
        writers = [write(f"owner-{turn}-{number}", chance.choice(contents)) for number in range(4)]
        jobs: list[Awaitable[Any]] = [*writers, *(collector.run_once() for collector in collectors)]
        chance.shuffle(jobs)
        await asyncio.gather(*jobs)
        for sha in owners.values():
            await store.get(sha)


async def test_a_folder_that_cannot_be_written_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file is in the way")
    store = Blobs(tmp_path / "blobs", engine)

    with pytest.raises(Misconfigured, match="cannot be kept"):
        await store.start()
    await store.stop()


async def test_everything_works_on_a_cluster(cluster_engine: Engine, tmp_path: Path, clock: ManualClock) -> None:
    store = Blobs(tmp_path / "blobs", cluster_engine)
    await store.start()
    sha = await store.put(b"content")
    age(store, sha)
    collector = BlobCollector(store, clock)

    assert await collect_all(collector) == Collected(condemned=1)
    clock.advance(HOUR)
    assert await collect_all(collector) == Collected(removed=1)
    assert await store.release("nobody", clock.now()) == 0
    await store.stop()


async def test_a_blob_that_nobody_needs_goes_at_once_when_it_must_and_one_that_is_needed_stays(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    needed, free = await store.put_many([b"needed", b"free"])
    assert await reference(needed, "a") == await reference(free, "b") == b"OK"
    await store.release("b", clock.now())
    assert await collector.remove_now([needed, free]) == [needed]
    assert (store.files.path(needed).exists(), store.files.path(free).exists()) == (True, False)
    assert await collector.remove_now([free]) == []


async def test_a_writer_that_was_about_to_name_a_blob_which_went_at_once_puts_it_again(
    store: Blobs, collector: BlobCollector, clock: ManualClock, reference: Reference
) -> None:
    sha = await store.put(b"said by two")
    await collector.remove_now([sha])
    assert await reference(sha, "b") == b"BLOB_CONDEMNED"
    assert await store.put(b"said by two") == sha
    assert await reference(sha, "b") == b"OK"
    clock.advance(HOUR + 1)
    assert (await collect_all(collector)).removed == 0
    assert await store.get(sha) == b"said by two"


async def test_nothing_goes_at_once_while_a_backup_runs(store: Blobs, collector: BlobCollector) -> None:
    sha = await store.put(b"in the backup")
    lock = collection_lock(store.files, shared=True)
    assert lock is not None
    with pytest.raises(EngineUnavailable, match="backed up"):
        await collector.remove_now([sha])
    lock.release()
    assert await collector.remove_now([sha]) == []
