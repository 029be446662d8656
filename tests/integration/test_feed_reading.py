"""The feed under many and slow readers: what the engine and this process hold for them is bounded."""

import asyncio
from typing import Any

import pytest
from redis import Redis

from trunkline.queue.connection import Engine
from trunkline.queue.feed import AT_ONCE, BATCH_BYTES, PAGE, Feed

KIB = 1024


async def fill(engine: Engine, lines: int, size: int) -> None:
    """Lines as `feed.lua` appends them, with so many bytes of data."""
    feed, position, _ = Feed(engine).keys.flat
    data = '{"text":"%s"}' % ("x" * size)
    fields = ("type", "ticket.changed", "subject", "t", "sequence", 1, "time", 1, "data", data)
    for number in range(1, lines + 1):
        await engine.call("XADD", feed, f"{number}-0", *fields)
    await engine.call("SET", position, lines)


class Watched:
    """What the engine is asked for at one moment, and how large its answers are."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self._call = engine.call
        self.under_way = self.most = self.longest = 0
        monkeypatch.setattr(engine, "call", self._watched)

    async def _watched(self, *command: Any, **more: Any) -> Any:
        reads = command[0] == "XRANGE"
        self.under_way += reads
        self.most = max(self.most, self.under_way)
        try:
            reply = await self._call(*command, **more)
        finally:
            self.under_way -= reads
        self.longest = max(self.longest, len(reply) if reads else 0)
        return reply


async def test_many_readers_make_the_engine_hold_a_few_pages_at_a_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(engine, 3 * PAGE, KIB)
    feed, watched = Feed(engine), Watched(engine, monkeypatch)
    read = await asyncio.gather(*(feed.read(0, 500) for _ in range(100)))
    assert {len(lines) for lines in read} == {3 * PAGE}
    assert (watched.most, watched.longest) == (AT_ONCE, PAGE)


async def test_a_batch_ends_by_its_bytes_and_the_next_one_goes_on(engine: Engine) -> None:
    await fill(engine, 3 * PAGE, 32 * KIB)
    feed = Feed(engine)
    first = await feed.read(0, 500)
    assert len(first) == PAGE
    assert len(first) * 32 * KIB > BATCH_BYTES
    rest = [*await feed.read(PAGE, 500), *await feed.read(2 * PAGE, 500)]
    assert [line.position for line in [*first, *rest]] == list(range(1, 3 * PAGE + 1))
    assert await feed.read(3 * PAGE, 500) == []


async def test_a_follower_is_handed_a_page_at_a_time_and_asks_no_further_until_it_has_taken_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(engine, 4 * PAGE, KIB)
    watched = Watched(engine, monkeypatch)
    taken = []
    async for lines in Feed(engine).follow(0):
        taken.append(len(lines))
        assert watched.longest <= PAGE
        if not lines:
            break
    assert taken == [PAGE] * 4 + [0]


def test_the_embedded_engine_parts_with_whoever_does_not_take_its_answers(engine_url: str) -> None:
    with Redis.from_url(engine_url) as client:
        limits = str(client.config_get("client-output-buffer-limit"))
    assert "normal 134217728 33554432 30" in limits
    assert "pubsub 8388608 2097152 30" in limits
