"""A blob that is written as it comes: the same blob as one put at once, and nothing where it breaks off."""

import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trunkline.config.errors import TooLarge
from trunkline.queue.blob_collector import BlobCollector
from trunkline.queue.blob_sink import PART, BlobSink
from trunkline.queue.blobs import GRACE_MS, Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine


@pytest.fixture
async def store(engine: Engine, tmp_path: Path) -> AsyncIterator[Blobs]:
    made = Blobs(tmp_path / "blobs", engine)
    await made.start()
    yield made
    await made.stop()


def drafts(store: Blobs) -> list[Path]:
    return list(store.files.drafts.iterdir())


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 3 * PART])
async def test_what_comes_in_parts_is_the_blob_of_the_whole(store: Blobs, size: int) -> None:
    content = (b"0123456789" * (size // 10 + 1))[:size]
    async with BlobSink(store, largest=size) as sink:
        for begin in range(0, size, 300_000):
            await sink.write(content[begin : begin + 300_000])
        poured = await sink.poured()
    assert (poured.sha256, poured.size) == (hashlib.sha256(content).hexdigest(), size)
    assert poured.head == content[:64]
    assert await store.get(poured.sha256) == content
    assert drafts(store) == []


async def test_the_beginning_is_told_also_where_the_bytes_trickle_in(store: Blobs) -> None:
    async with BlobSink(store, largest=200) as sink:
        for byte in range(100):
            await sink.write(bytes([byte]))
        assert (await sink.poured()).head == bytes(range(64))


async def test_more_than_is_taken_is_refused_and_leaves_nothing(store: Blobs) -> None:
    async with BlobSink(store, largest=2 * PART) as sink:
        await sink.write(bytes(2 * PART))
        with pytest.raises(TooLarge):
            await sink.write(b"x")
        assert len(drafts(store)) == 1
    assert drafts(store) == []
    assert store.files.empty()


async def test_a_blob_that_is_there_already_and_condemned_is_kept(store: Blobs) -> None:
    clock, content = ManualClock(), bytes(PART)
    sha = await store.put(content)
    await store.engine.call("ZADD", store.keys["condemned"], clock.now() + GRACE_MS, sha)
    async with BlobSink(store, largest=PART) as sink:
        await sink.write(content)
        assert (await sink.poured()).sha256 == sha
    clock.advance(2 * GRACE_MS)
    assert (await BlobCollector(store, clock).run_once()).removed == 0
    assert await store.get(sha) == content


async def test_a_long_film_never_lies_in_memory(store: Blobs) -> None:
    part = bytes(256 * 1024)
    async with BlobSink(store, largest=100 * PART) as sink:
        tracemalloc.start()
        for _ in range(4 * 32):
            await sink.write(part)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (await sink.poured()).size == 32 * PART
    assert most < 6 * PART
