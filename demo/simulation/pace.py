"""The pace of a demo: all waiting of simulated people goes through here, and so speed and standing still too."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Sleep = Callable[[float], Awaitable[object]]
Result = TypeVar("Result")


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

    async def within(self, of_life: float, what: Awaitable[Result]) -> Result | None:
        """What comes within so many seconds of life; None when nothing does."""
        coming = asyncio.ensure_future(what)
        waiting = asyncio.create_task(self.wait(of_life))
        try:
            await asyncio.wait({coming, waiting}, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            waiting.cancel()
