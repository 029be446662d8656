"""What every background job is: a service.

`start` returns when the job is ready, `stop` waits until what is under way is done; both may be called again. The body
of a periodic job is `run_once`, which tests call themselves. Nothing ends a job but `stop`: what breaks is logged and
begun again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from ..config.errors import Temporary

log = structlog.get_logger()

AGAIN = 1.0  # seconds until a job that broke begins again
INSIST = 5.0  # seconds until a job that goes on is broken off again


class Service(Protocol):
    """Something that runs until it is stopped."""

    async def start(self) -> None:
        """Begin; returns when ready. Idempotent."""

    async def stop(self) -> None:
        """End; returns when all is done. Idempotent."""


class Background:
    """Runs `body`, which goes on until it is broken off."""

    def __init__(self, name: str, body: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._body = body
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._task is not None

    async def start(self) -> None:
        """The body begins with the next turn of the loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Returns when the body has been broken off."""
        task, self._task = self._task, None
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=INSIST)  # libraries now and then swallow a cancellation

    async def _run(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        while not task.cancelling():
            try:
                await self._body()
            except asyncio.CancelledError:
                if task.cancelling():
                    raise
                log.error("a background job was broken off", action="background_failed", job=self.name)
            except Exception:
                log.exception("a background job failed", action="background_failed", job=self.name)
            await asyncio.sleep(AGAIN)


class Periodic:
    """Calls `run_once` every `seconds`; trouble of the engine is logged and the next turn tries again."""

    def __init__(self, name: str, run_once: Callable[[], Awaitable[object]], seconds: float) -> None:
        self.name = name
        self.run_once = run_once
        self._seconds = seconds
        self._background = Background(name, self._turns)

    async def start(self) -> None:
        """The first turn begins at once."""
        await self._background.start()

    async def stop(self) -> None:
        """Ends between turns, or breaks off a turn, which must therefore be safe to repeat."""
        await self._background.stop()

    async def _turns(self) -> None:
        while True:
            try:
                await self.run_once()
            except Temporary as error:
                log.warning("a periodic job could not run", action="periodic_failed", job=self.name, error=error.detail)
            except Exception:
                log.exception("a periodic job failed", action="periodic_failed", job=self.name)
            await asyncio.sleep(self._seconds)
