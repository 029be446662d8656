"""What simulated people do side by side; all of it ends with the demo."""

import asyncio
from collections.abc import Awaitable

import structlog

from .desk_client import Unreachable

log = structlog.get_logger()


class BackgroundTasks:
    """A service that runs what it is given."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Awaitable[None]) -> None:
        """Begin it."""
        task = asyncio.create_task(self._done(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self) -> None:
        """Nothing to do before the first task."""

    async def stop(self) -> None:
        """Break everything off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _done(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Unreachable as error:
            log.info("a task of the demo was in vain", action="task_failed", error=error)
        except Exception:
            log.exception("a task of the demo broke", action="task_broke")
