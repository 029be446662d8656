"""Things that simulated people do side by side; all of them end with the play."""

import asyncio
from collections.abc import Awaitable

import structlog

from .desk_client import Unreachable

log = structlog.get_logger()


class Errands:
    """A service that runs what it is given."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, errand: Awaitable[None]) -> None:
        """Begin it."""
        task = asyncio.create_task(self._done(errand))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self) -> None:
        """Nothing to do before the first errand."""

    async def stop(self) -> None:
        """Break everything off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _done(self, errand: Awaitable[None]) -> None:
        try:
            await errand
        except Unreachable as error:
            log.info("an errand of the demo was in vain", action="errand_failed", error=error)
        except Exception:
            log.exception("an errand of the demo broke", action="errand_broke")
