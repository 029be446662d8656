"""The pace of the demo: life on the clock, faster or slower, and standing still."""

import asyncio

from trunkline.demo.simulation.demo_options import DemoOptions
from trunkline.demo.simulation.pace import Pace


class Slept:
    """A sleep that only writes down how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def test_at_twice_the_speed_everything_takes_half_the_time() -> None:
    slept = Slept()
    pace = Pace(2.0, sleep=slept)
    await pace.wait(10)
    assert slept.seconds == [5.0]
    assert pace.scaled(3) == DemoOptions(speed=2.0).seconds(3) == 1.5


async def test_once_everybody_stands_still_no_waiting_ends() -> None:
    pace = Pace(1.0, sleep=Slept())
    before = asyncio.create_task(pace.wait(1))
    await before
    pace.hold()
    after = asyncio.create_task(pace.wait(1))
    done, _ = await asyncio.wait({after}, timeout=0)
    for _ in range(10):
        await asyncio.sleep(0)
    assert pace.held
    assert not done
    assert not after.done()
    after.cancel()
