"""The pace of a demo: all waiting of simulated people goes through here, and so speed and standing still too."""

import asyncio
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[object]]


class Pace:
    """Waits in seconds of life."""

    def __init__(self, speed: float, *, sleep: Sleep = asyncio.sleep) -> None:
        self._speed = speed
        self._sleep = sleep
        self._going = asyncio.Event()
        self._going.set()

    @property
    def held(self) -> bool:
        """Whether everybody stands still."""
        return not self._going.is_set()

    def hold(self) -> None:
        """From now on no waiting ends."""
        self._going.clear()

    def scaled(self, of_life: float) -> float:
        """Seconds on the clock."""
        return of_life / self._speed

    async def wait(self, of_life: float) -> None:
        """So many seconds of life; for ever once everybody stands still."""
        await self._sleep(self.scaled(of_life))
        await self._going.wait()
