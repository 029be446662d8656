"""The customers: a service that lets them come as planned, each on their way; who finds no room comes later."""

from collections.abc import Awaitable, Callable, Iterator, Mapping

from .background_tasks import BackgroundTasks
from .contacts import Contact
from .pace import Pace
from .people import Way

CarryOut = Callable[[Contact], Awaitable[None]]
Room = Callable[[], Awaitable[bool]]
"""Whether there is room for one more customer."""

OUTSIDE = 2.0  # seconds of life before somebody who found no room looks again


class Customers:
    """Begins every contact at its time; each then goes on by itself until all tasks end."""

    def __init__(
        self, plan: Iterator[Contact], pace: Pace, tasks: BackgroundTasks, ways: Mapping[Way, CarryOut], room: Room
    ) -> None:
        self._plan = plan
        self._pace = pace
        self._tasks = tasks
        self._ways = ways
        self._room = room

    async def start(self) -> None:
        """The first ones are on their way."""
        self._tasks.run(self._arrive())

    async def stop(self) -> None:
        """Their tasks end with all others."""

    async def _arrive(self) -> None:
        now = 0.0
        for contact in self._plan:
            await self._pace.wait(contact.at - now)
            now = contact.at
            while not await self._room():
                await self._pace.wait(OUTSIDE)
            self._tasks.run(self._ways[contact.way](contact))
