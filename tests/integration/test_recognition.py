"""An engine that was lost is never taken for a new one: not at the start, not while running, not by the collector."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from trunkline.config.errors import EngineUnavailable, Misconfigured, StrangeEngine
from trunkline.queue.birth_mark import BirthMark, MarkFile
from trunkline.queue.blob_collector import BlobCollector
from trunkline.queue.blob_files import DIGITS, BlobFiles
from trunkline.queue.blobs import GRACE_MS, Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.intake import Intake
from trunkline.queue.keys import Keys
from trunkline.queue.recognition import NUMBERS_AHEAD, Recognition
from trunkline.queue.work import WorkQueue

StartServer = Callable[..., AbstractContextManager[Any]]


def recognition(engine: Engine, folder: Path) -> Recognition:
    return Recognition(engine, BlobFiles(folder))


async def mark_in(engine: Engine) -> str:
    async with Redis.from_url(engine.url) as server:
        return (await server.get(engine.keys("blobs", "home")) or b"").decode()


@pytest.fixture
async def anew(engine: Engine) -> AsyncIterator[Callable[[], Engine]]:
    """Makes connections of further processes."""
    made: list[Engine] = []

    def connect() -> Engine:
        made.append(Engine(engine.url, engine.keys))
        return made[-1]

    yield connect
    for each in made:
        await each.close()


async def forget(engine: Engine) -> None:
    """What FLUSHALL does, for one workspace; there are others of other tests."""
    async with Redis.from_url(engine.url) as server:
        names = [key async for key in server.scan_iter(f"{engine.keys()}:*")]
        if names:
            await server.delete(*names)


async def kept_keys(engine: Engine) -> int:
    async with Redis.from_url(engine.url) as server:
        return len([key async for key in server.scan_iter(f"{engine.keys()}:*")])


@pytest.fixture
async def known(engine: Engine, tmp_path: Path) -> Recognition:
    """A pair that has been started."""
    made = recognition(engine, tmp_path / "blobs")
    await made.start()
    return made


async def test_a_fresh_pair_gets_one_mark_on_both_sides(engine: Engine, tmp_path: Path) -> None:
    await recognition(engine, tmp_path / "blobs").start()

    mark = MarkFile(tmp_path / "blobs").read()
    assert mark == BirthMark(await mark_in(engine), "settled")
    assert mark.id == engine.born
    assert mark.id.startswith(f"{engine.keys.workspace}:")


async def test_it_works_on_a_cluster(cluster_engine: Engine, tmp_path: Path) -> None:
    known = recognition(cluster_engine, tmp_path / "blobs")
    await known.start()
    await known.run_once()
    await WorkQueue(cluster_engine, "intake").push("a:lane", b"payload")


async def test_a_known_pair_starts_again(
    known: Recognition, engine: Engine, anew: Callable[[], Engine], tmp_path: Path
) -> None:
    await recognition(anew(), tmp_path / "blobs").start()


@pytest.mark.parametrize("blobs", [True, False])
async def test_an_engine_that_forgot_everything_is_refused_at_the_start(
    known: Recognition, engine: Engine, anew: Callable[[], Engine], tmp_path: Path, blobs: bool
) -> None:
    if blobs:
        await Blobs(tmp_path / "blobs", engine).put(b"content")
    await forget(engine)

    with pytest.raises(Misconfigured, match=r"knows of nothing.* trunkline engine adopt"):
        await recognition(anew(), tmp_path / "blobs").start()
    assert await kept_keys(engine) == 0


async def test_an_engine_of_another_life_is_refused_at_the_start(
    known: Recognition, engine: Engine, anew: Callable[[], Engine], tmp_path: Path
) -> None:
    await forget(engine)
    await recognition(anew(), tmp_path / "other" / "blobs").start()

    with pytest.raises(Misconfigured, match="knows of the folder"):
        await recognition(anew(), tmp_path / "blobs").start()


async def test_another_folder_on_the_same_engine_is_refused(
    known: Recognition, engine: Engine, anew: Callable[[], Engine], tmp_path: Path
) -> None:
    for _ in range(2):  # what the first try left behind is no claim
        with pytest.raises(Misconfigured, match="the same data folder"):
            await recognition(anew(), tmp_path / "not shared" / "blobs").start()


async def test_a_folder_of_another_workspace_is_refused(known: Recognition, engine: Engine, tmp_path: Path) -> None:
    other = Engine(engine.url, Keys("another"))
    with pytest.raises(Misconfigured, match="'another'"):
        await recognition(other, tmp_path / "blobs").start()
    await other.close()


async def test_a_folder_with_blobs_that_lost_its_mark_is_no_new_folder(engine: Engine, tmp_path: Path) -> None:
    files = BlobFiles(tmp_path / "blobs")
    files.prepare()
    files.write("a" * 64, b"content")

    with pytest.raises(Misconfigured, match="knows of nothing"):
        await recognition(engine, tmp_path / "blobs").start()


async def test_a_workspace_that_has_lived_is_not_taken_for_new_by_an_empty_folder(
    engine: Engine, tmp_path: Path
) -> None:
    await engine.call("SET", engine.keys("clock"), 1)

    with pytest.raises(Misconfigured, match="knows of nothing"):
        await recognition(engine, tmp_path / "blobs").start()


@pytest.mark.parametrize("given", [True, False])
async def test_a_first_start_that_was_killed_half_way_is_ended_by_the_next(
    engine: Engine, tmp_path: Path, given: bool
) -> None:
    files = BlobFiles(tmp_path / "blobs")
    files.prepare()
    mark = MarkFile(files.root).read_or_make(engine.keys.workspace)
    if given:
        await engine.call("SET", engine.keys("blobs", "home"), mark.id)

    await recognition(engine, files.root).start()

    assert MarkFile(files.root).read() == BirthMark(mark.id)
    assert await mark_in(engine) == mark.id


async def test_processes_that_start_at_the_same_moment_agree(
    engine: Engine, anew: Callable[[], Engine], tmp_path: Path
) -> None:
    engines = [anew() for _ in range(8)]

    await asyncio.gather(*(recognition(each, tmp_path / "blobs").start() for each in engines))

    assert {each.born for each in engines} == {await mark_in(engine)}


async def test_of_processes_with_folders_of_their_own_one_wins(
    engine: Engine, anew: Callable[[], Engine], tmp_path: Path
) -> None:
    engines = [anew() for _ in range(4)]
    starts = (recognition(each, tmp_path / str(number) / "blobs").start() for number, each in enumerate(engines))

    ended = await asyncio.gather(*starts, return_exceptions=True)

    assert sum(isinstance(each, Misconfigured) for each in ended) == 3


async def post(engine: Engine, folder: Path) -> object:
    return await Intake(engine, ManualClock(), Blobs(folder, engine)).accept(
        channel="test", account="", external_id="1", kind="message", lane="l", content=b"text", transport={}
    )


ACTS: dict[str, Callable[[Engine, Path], Awaitable[object]]] = {
    "take in": post,
    "push": lambda engine, _: WorkQueue(engine, "outbox").push("lane", b"payload"),
    "put a blob": lambda engine, folder: Blobs(folder, engine).put(b"content"),
    "release": lambda engine, folder: Blobs(folder, engine).release("owner", 0),
    "collect": lambda engine, folder: BlobCollector(Blobs(folder, engine), ManualClock()).run_once(),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_an_engine_that_is_emptied_under_our_feet_does_nothing_more(
    known: Recognition, engine: Engine, tmp_path: Path, act: Callable[[Engine, Path], Awaitable[object]]
) -> None:
    sha = await Blobs(tmp_path / "blobs", engine).put(b"content")
    os.utime(BlobFiles(tmp_path / "blobs").path(sha), (0, 0))
    await forget(engine)

    with pytest.raises(StrangeEngine):
        await act(engine, tmp_path / "blobs")
    with pytest.raises(StrangeEngine):
        await engine.call("GET", engine.keys("clock"))  # what is not there is not told as missing
    assert await kept_keys(engine) == 0


async def test_no_file_goes_on_the_word_of_an_engine_that_does_not_know_the_folder(
    known: Recognition, engine: Engine, tmp_path: Path
) -> None:
    blobs, clock = Blobs(tmp_path / "blobs", engine), ManualClock()
    sha = await blobs.put(b"content")
    os.utime(blobs.files.path(sha), (0, 0))
    await forget(engine)
    collector = BlobCollector(blobs, clock)

    for _ in range(2 * len(DIGITS)):
        engine.stranger = ""  # the scripts themselves refuse, not only what this process remembers
        with pytest.raises(StrangeEngine):
            await collector.run_once()
        clock.advance(GRACE_MS)

    assert await asyncio.to_thread(blobs.files.read, sha) == b"content"


async def test_every_script_asks_for_the_mark() -> None:
    """Whoever writes one cannot forget it."""
    from trunkline.queue.scripts import STRANGER, Script

    root = Path(__file__).parents[2]
    for path in (*root.glob("*/*.lua"), *root.glob("*/*/*.lua")):
        if path.read_text(encoding="utf-8").startswith("#!lua"):
            assert STRANGER.encode() in Script.beside(str(path), path.name).source


async def test_an_engine_in_the_place_of_ours_gets_no_command_and_ours_is_welcome_back(
    start_server: StartServer, keys: Keys, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
    words, url = ("--bind", "127.0.0.1", "--port", port), f"redis://127.0.0.1:{port}"
    engine = Engine(url, keys)
    known = recognition(engine, tmp_path / "blobs")
    with start_server(*words):
        await known.start()
        born = engine.born
        await post(engine, tmp_path / "blobs")

    with start_server(*words):
        with pytest.raises(StrangeEngine):
            await engine.call("HGET", engine.keys("tokens"), "digest")  # a plain read is the first on the connection
        with capture_logs() as logs:
            for _ in range(2):
                await known.run_once()
        assert [line["action"] for line in logs] == ["engine_strange"]
        assert "trunkline engine adopt" in logs[0]["reason"]
        with pytest.raises(StrangeEngine, match="trunkline engine adopt"):
            await post(engine, tmp_path / "blobs")
        async with Redis.from_url(url) as server:
            assert await server.dbsize() == 0
            await server.set(keys("blobs", "home"), born)  # as if ours had come back

    with start_server(*words):
        with pytest.raises(EngineUnavailable):
            await engine.call("PING")
        async with Redis.from_url(url) as server:
            await server.set(keys("blobs", "home"), born)
        with capture_logs() as logs:
            await known.run_once()
        assert [line["action"] for line in logs] == ["engine_known"]
        await post(engine, tmp_path / "blobs")
    await engine.close()


@pytest.mark.parametrize("how", ["gone", "another", "adopted"])
async def test_a_folder_that_is_not_ours_any_more_closes_too(
    known: Recognition, engine: Engine, tmp_path: Path, how: str
) -> None:
    file = MarkFile(tmp_path / "blobs")
    before = file.read()
    assert before is not None
    if how == "gone":
        file.path.unlink()
    else:
        file.put(BirthMark.drawn(engine.keys.workspace, "settled"))
    if how == "adopted":
        await engine.call("SET", engine.keys("blobs", "home"), (file.read() or before).id)

    await known.run_once()

    with pytest.raises(StrangeEngine, match="start this process again" if how == "adopted" else "bring back"):
        await post(engine, tmp_path / "blobs")


async def test_an_adopted_engine_gives_no_ticket_number_twice(
    known: Recognition, engine: Engine, anew: Callable[[], Engine], tmp_path: Path
) -> None:
    await engine.call("HSET", engine.keys("counters"), "ticket", 40_000)
    await known.run_once()
    await engine.call("HSET", engine.keys("counters"), "ticket", 43_000)  # given before the next look
    await forget(engine)
    MarkFile(tmp_path / "blobs").put(BirthMark.drawn(engine.keys.workspace, "adopted"))

    again = anew()
    await recognition(again, tmp_path / "blobs").start()

    assert int(await again.call("HGET", again.keys("counters"), "ticket")) == 40_000 + NUMBERS_AHEAD
    with pytest.raises(StrangeEngine):
        await post(engine, tmp_path / "blobs")  # a process of the first life
