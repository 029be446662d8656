"""Intake is refused before there is too little room to finish what was accepted, and resumes when there is room."""

import asyncio
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from trunkline.config.errors import EngineFull, EngineUnavailable
from trunkline.queue.connection import Engine
from trunkline.queue.fullness import FIRST_GUESS, Fullness
from trunkline.queue.keys import Keys
from trunkline.queue.work import WorkQueue

from ..conftest import MEGABYTE, StartServer

Disk = namedtuple("Disk", "total used free")


class Learned:
    """What a filed message leaves behind, as the test says."""

    def __init__(self, size: float | None = None) -> None:
        self.size = size
        self.asked = 0

    async def __call__(self) -> float | None:
        self.asked += 1
        return self.size


@pytest.fixture
async def small(start_server: StartServer, keys: Keys) -> AsyncIterator[Engine]:
    """An engine of 32 MiB."""
    with start_server(maxmemory=32 * MEGABYTE) as server:
        engine = Engine(server.url, keys)
        yield engine
        await engine.close()


def _fullness(engine: Engine, folder: Path, learned: Learned, **marks: int) -> Fullness:
    return Fullness(engine, folder, **{"memory_mark": 75, "disk_mark": 99} | marks, bytes_per_message=learned)


async def test_that_it_fills_up_is_said_in_time_with_what_to_do(small: Engine, tmp_path: Path) -> None:
    fullness = _fullness(small, tmp_path, Learned(10_240))
    await fullness.run_once()
    assert fullness.warning == ""
    await _fill(small, 62)
    with capture_logs() as logs:
        await fullness.run_once()
        await fullness.run_once()
    assert [line["action"] for line in logs] == ["engine_filling"]
    assert fullness.is_open
    assert fullness.level.room is not None
    assert 300 < fullness.level.room < 450  # 13 % of 32 MiB
    assert "10.0 KiB each" in fullness.warning
    assert "engine.maxmemory" in fullness.warning


async def _used(engine: Engine) -> float:
    """Percent of the limit."""
    facts = (await engine.call("INFO", "memory")).decode()
    used = next(line for line in facts.splitlines() if line.startswith("used_memory:"))
    return 100 * int(used.partition(":")[2]) / (32 * MEGABYTE)


async def _fill(engine: Engine, percent: float) -> None:
    """Ballast, so that the engine is at this share of its limit, or a little over it."""
    await engine.call("DEL", engine.keys("ballast"))
    while await _used(engine) < percent:
        await engine.call("RPUSH", engine.keys("ballast"), *[b"x" * 10_000] * 8)


async def test_it_closes_at_the_mark_and_opens_five_points_lower(small: Engine, tmp_path: Path) -> None:
    fullness = _fullness(small, tmp_path, Learned(), memory_mark=75)
    for percent, is_open in [(60, True), (77, False), (72, False), (68, True), (73, True)]:
        await _fill(small, percent)
        await fullness.run_once()
        assert fullness.is_open is is_open, (percent, fullness.level)


async def test_while_it_is_closed_intake_hears_why(small: Engine, tmp_path: Path) -> None:
    fullness = _fullness(small, tmp_path, Learned(), memory_mark=50)
    fullness.check()
    await _fill(small, 60)
    with capture_logs() as lines:
        await fullness.run_once()
        await fullness.run_once()
    assert [line["action"] for line in lines] == ["intake_closed", "intake_stuck"], "each is said once"
    with pytest.raises(EngineFull, match=r"memory, backlog included, is at 6\d %, the mark is 50 %"):
        fullness.check()
    await _fill(small, 10)
    with capture_logs() as lines:
        await fullness.run_once()
    assert [line["action"] for line in lines] == ["intake_open"]
    fullness.check()


async def test_what_the_backlog_will_take_counts_as_taken(small: Engine, tmp_path: Path) -> None:
    intake = WorkQueue(small, "intake")
    for number in range(100):
        await intake.push(f"lane{number}", b"small")
    heavy = _fullness(small, tmp_path, Learned(400 * 1024), memory_mark=75)
    light = _fullness(small, tmp_path, Learned(1024), memory_mark=75)
    for fullness in (heavy, light):
        await fullness.run_once()
        assert fullness.level.backlog == 100
    assert light.is_open
    assert not heavy.is_open
    batch = await intake.claim(1, lanes=200)
    for (entry,) in batch.lanes[:90]:
        await intake.finish(entry, 1)
    with capture_logs() as lines:
        await heavy.run_once()
    assert heavy.is_open, "a backlog that is worked off makes room by itself"
    assert [line["action"] for line in lines] == ["intake_open"]


async def test_dead_letters_are_no_backlog(small: Engine, tmp_path: Path) -> None:
    intake = WorkQueue(small, "intake")
    for number in range(10):
        await intake.push(f"lane{number}", b"small")
    batch = await intake.claim(1, lanes=10)
    for (entry,) in batch.lanes[:4]:
        await intake.give_up(entry, 1, cause="unreadable")
    assert await _fullness(small, tmp_path, Learned()).backlog() == 6


async def test_what_a_message_leaves_behind_is_a_running_mean_and_asked_now_and_then(
    small: Engine, tmp_path: Path
) -> None:
    learned = Learned()
    fullness = _fullness(small, tmp_path, learned)

    async def look_for_a_while(size: float | None) -> float:
        learned.size = size
        for _ in range(10):
            await fullness.run_once()
        return fullness.mean_bytes

    assert await look_for_a_while(None) == FIRST_GUESS
    assert await look_for_a_while(1000) == 1000
    assert await look_for_a_while(2000) == pytest.approx(1300)
    assert await look_for_a_while(None) == pytest.approx(1300)
    assert learned.asked == 4


async def test_a_full_disk_closes_it_too(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fullness = _fullness(engine, tmp_path, Learned(), disk_mark=90)
    for used, is_open in [(80, True), (91, False), (86, False), (84, True)]:
        monkeypatch.setattr(shutil, "disk_usage", lambda _, used=used: Disk(110, used, 100 - used))
        await fullness.run_once()
        assert fullness.is_open is is_open
        assert fullness.level.disk == used


async def test_an_engine_that_does_not_answer_leaves_the_verdict_as_it_was(
    start_server: StartServer, keys: Keys, tmp_path: Path
) -> None:
    with start_server(maxmemory=32 * MEGABYTE) as server:
        engine = Engine(server.url, keys)
        fullness = _fullness(engine, tmp_path, Learned(), memory_mark=50)
        await _fill(engine, 60)
        await fullness.run_once()
        await asyncio.to_thread(server.kill)
        with pytest.raises(EngineUnavailable):
            await fullness.run_once()
        assert not fullness.is_open
        await engine.close()


async def test_an_engine_without_a_limit_has_no_measure_for_memory(
    start_server: StartServer, keys: Keys, tmp_path: Path
) -> None:
    with start_server(maxmemory=0) as server:
        engine = Engine(server.url, keys)
        fullness = _fullness(engine, tmp_path, Learned(), memory_mark=10)
        await fullness.run_once()
        assert (fullness.is_open, fullness.level.memory) == (True, 0.0)
        await engine.close()
