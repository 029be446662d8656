"""What every background job is: a service.

`start` returns when the job is ready, `stop` waits until what is under way is done; both may be called again. The body
of a periodic job is `run_once`, which tests call themselves.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import structlog

from ..config.errors import Temporary

log = structlog.get_logger()


class Service(Protocol):
    """Something that runs until it is stopped."""

    async def start(self) -> None:
        """Begin; returns when ready. Idempotent."""

    async def stop(self) -> None:
        """End; returns when all is done. Idempotent."""


class Periodic:
    """Calls `run_once` every `seconds`; trouble of the engine is logged and the next turn tries again."""

    def __init__(self, name: str, run_once: Callable[[], Awaitable[object]], seconds: float) -> None:
        self.name = name
        self.run_once = run_once
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The first turn begins at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._turns(), name=self.name)

    async def stop(self) -> None:
        """Ends between turns, or breaks off a turn, which must therefore be safe to repeat."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _turns(self) -> None:
        while True:
            try:
                await self.run_once()
            except Temporary as error:
                log.warning("a periodic job could not run", action="periodic_failed", job=self.name, error=error.detail)
            except Exception:
                log.exception("a periodic job failed", action="periodic_failed", job=self.name)
            await asyncio.sleep(self._seconds)
