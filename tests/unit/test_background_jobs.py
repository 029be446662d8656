"""Background jobs run until they are stopped, whatever breaks; listeners are found by their topic."""

import asyncio
from collections.abc import Callable

import pytest

from trunkline.config.errors import EngineUnavailable
from trunkline.queue import service
from trunkline.queue.listeners import Listeners
from trunkline.queue.service import Background, Periodic


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AGAIN", 0.0)


async def test_a_body_runs_once_until_it_is_stopped() -> None:
    begun, ended = list[str](), list[str]()

    async def body() -> None:
        begun.append("one")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("one")

    job = Background("job", body)
    for _ in range(2):
        await job.start()
        await asyncio.sleep(0)
    assert (begun, ended, job.running) == (["one"], [], True)
    for _ in range(2):
        await job.stop()
    assert (ended, job.running) == (["one"], False)
    await job.start()
    await asyncio.sleep(0)
    await job.stop()
    assert begun == ended == ["one", "one"]


async def test_who_stops_a_job_and_is_broken_off_is_broken_off() -> None:
    release = asyncio.Event()

    async def body() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await release.wait()

    job = Background("job", body)
    await job.start()
    await asyncio.sleep(0)
    stopping = asyncio.create_task(job.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    release.set()


async def test_a_job_that_breaks_while_it_is_stopped_is_stopped() -> None:
    async def body() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError

    job = Background("job", body)
    await job.start()
    await asyncio.sleep(0)
    await asyncio.wait_for(job.stop(), 5)


async def test_a_job_that_swallows_being_stopped_is_stopped_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "INSIST", 0.01)
    swallowed = 0

    async def body() -> None:
        nonlocal swallowed
        while swallowed < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1

    job = Background("job", body)
    await job.start()
    await asyncio.sleep(0)
    await asyncio.wait_for(job.stop(), 5)
    assert swallowed == 3


async def test_a_job_that_was_broken_off_by_something_else_begins_again() -> None:
    tries, second = 0, asyncio.Event()

    async def body() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise asyncio.CancelledError
        second.set()
        await asyncio.Event().wait()

    job = Background("job", body)
    await job.start()
    await asyncio.wait_for(second.wait(), 5)
    await job.stop()


@pytest.mark.parametrize("trouble", [EngineUnavailable("away"), ZeroDivisionError()])
@pytest.mark.parametrize("job_of", [lambda body: Background("job", body), lambda turn: Periodic("job", turn, 0.0)])
async def test_what_fails_does_not_end_a_job(job_of: Callable[..., Background | Periodic], trouble: Exception) -> None:
    tries, third = 0, asyncio.Event()

    async def body() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise trouble
        third.set()
        await asyncio.Event().wait()

    job = job_of(body)
    await job.start()
    await asyncio.wait_for(third.wait(), 5)
    await job.stop()
    assert tries == 3


def test_listeners_are_found_by_topic_while_they_listen() -> None:
    listeners = Listeners[str]()
    with listeners.added("a", "one"), listeners.added("a", "two"), listeners.added("b", "three"):
        assert sorted(listeners.of(["a", "c"])) == ["one", "two"]
        assert sorted(listeners.everybody()) == ["one", "three", "two"]
        assert len(listeners) == 3
    assert (list(listeners.everybody()), len(listeners)) == ([], 0)
