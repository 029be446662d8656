"""Services in order: started one after the other, stopped in reverse.

A service that cannot start stops those before it. One that cannot stop is logged and does not keep the others from
stopping.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from ..queue.service import Service

log = structlog.get_logger()


class InOrder:
    """Several services as one."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services = services
        self._started: list[Service] = []

    async def start(self) -> None:
        """Start all of them; returns when the last one is ready."""
        if self._started:
            return
        try:
            for service in self._services:
                self._started.append(service)
                await service.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all that were started, the last one first."""
        while self._started:
            service = self._started.pop()
            try:
                await service.stop()
            except Exception:
                log.exception("a service did not stop in order", action="stop_failed", service=type(service).__name__)


async def _nothing() -> None:
    """Nothing to do at this end."""


class Steps:
    """A service made of two functions: what to do at the start, and at the stop."""

    def __init__(
        self,
        *,
        start: Callable[[], Awaitable[object]] = _nothing,
        stop: Callable[[], Awaitable[object]] = _nothing,
    ) -> None:
        self._start = start
        self._stop = stop

    async def start(self) -> None:
        """Do the first."""
        await self._start()

    async def stop(self) -> None:
        """Do the second."""
        await self._stop()


class Later:
    """Services that are made only when it is their turn, because they need to know where others listen."""

    def __init__(self, make: Callable[[], Sequence[Service]]) -> None:
        self._make = make
        self._made = InOrder([])

    async def start(self) -> None:
        """Make and start them."""
        self._made = InOrder(self._make())
        await self._made.start()

    async def stop(self) -> None:
        """Stop them."""
        await self._made.stop()
