"""Services start in order and stop in reverse, whatever goes wrong; a process ends once in order, twice at once."""

import asyncio

import pytest
from structlog.testing import capture_logs

from trunkline.gateway.service_order import InOrder, Later, Steps
from trunkline.gateway.shutdown import Shutdown


class Noted:
    """Writes down what it is told."""

    def __init__(self, name: str, notes: list[str], *, breaks: str = "") -> None:
        self._name = name
        self._notes = notes
        self._breaks = breaks

    async def start(self) -> None:
        self._notes.append(f"+{self._name}")
        if self._breaks == "start":
            raise RuntimeError("cannot start")

    async def stop(self) -> None:
        self._notes.append(f"-{self._name}")
        if self._breaks == "stop":
            raise RuntimeError("cannot stop")


async def test_they_start_in_order_and_stop_in_reverse_once() -> None:
    notes: list[str] = []
    services = InOrder([Noted(name, notes) for name in "abc"])
    for _ in range(2):
        await services.start()
    for _ in range(2):
        await services.stop()
    assert notes == ["+a", "+b", "+c", "-c", "-b", "-a"]


async def test_one_that_cannot_start_stops_those_before_it_and_itself() -> None:
    notes: list[str] = []
    services = InOrder([Noted("a", notes), Noted("b", notes, breaks="start"), Noted("c", notes)])
    with pytest.raises(RuntimeError):
        await services.start()
    assert notes == ["+a", "+b", "-b", "-a"]


async def test_one_that_cannot_stop_is_logged_and_the_others_stop() -> None:
    notes: list[str] = []
    services = InOrder([Noted("a", notes), Noted("b", notes, breaks="stop")])
    await services.start()
    with capture_logs() as lines:
        await services.stop()
    assert notes[-2:] == ["-b", "-a"]
    assert [line["action"] for line in lines] == ["stop_failed"]


async def test_later_ones_are_made_when_it_is_their_turn() -> None:
    notes: list[str] = []
    services = InOrder([Noted("a", notes), Later(lambda: [Noted(f"after {notes[-1]}", notes)])])
    await services.start()
    await services.stop()
    assert notes == ["+a", "+after +a", "-after +a", "-a"]


async def test_steps_do_what_they_are_given() -> None:
    notes: list[str] = []
    noted = Noted("a", notes)
    await InOrder([Steps(stop=noted.stop), Steps(start=noted.start)]).start()
    assert notes == ["+a"]


async def test_asked_once_the_work_is_broken_off_and_asked_twice_it_ends_at_once() -> None:
    at_once: list[bool] = []
    shutdown = Shutdown(lambda: at_once.append(True))
    begun, broken_off = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.set()

    doing = asyncio.create_task(shutdown.unless_asked(work()))
    await begun.wait()
    shutdown.ask()
    assert await doing is False
    assert broken_off.is_set()
    assert at_once == []
    shutdown.ask()
    assert at_once == [True]


async def test_work_that_comes_to_its_end_was_done() -> None:
    shutdown = Shutdown(lambda: None)
    assert await shutdown.unless_asked(asyncio.sleep(0)) is True


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await Shutdown(lambda: None).unless_asked(work())
