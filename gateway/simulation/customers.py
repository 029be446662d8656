"""The customers: a service that lets them come as planned, each on their way."""

from collections.abc import Awaitable, Callable, Iterator, Mapping

from .cast import Way
from .errands import Errands
from .pace import Pace
from .visits import Visit

Play = Callable[[Visit], Awaitable[None]]


class Customers:
    """Begins every visit at its time; each then goes on by itself until all errands end."""

    def __init__(self, plan: Iterator[Visit], pace: Pace, errands: Errands, ways: Mapping[Way, Play]) -> None:
        self._plan = plan
        self._pace = pace
        self._errands = errands
        self._ways = ways

    async def start(self) -> None:
        """The first ones are on their way."""
        self._errands.run(self._arrive())

    async def stop(self) -> None:
        """Their errands end with all others."""

    async def _arrive(self) -> None:
        now = 0.0
        for visit in self._plan:
            await self._pace.wait(visit.at - now)
            now = visit.at
            self._errands.run(self._ways[visit.way](visit))
