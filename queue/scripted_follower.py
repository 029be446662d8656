"""A follower whose effect lies in the engine: its script takes lines and moves the place in one step.

Any number of processes may call it, at any time: each line is taken once, because the script that makes its effect
includes `feed_place.lua`. It must check a line before it writes, as every script. What it has made is as new as the
last `catch_up`; whoever shows it calls that first.
"""

from collections.abc import Awaitable, Callable

import structlog

from ..config.errors import ScriptFailed
from .clock import Clock
from .feed_place import FeedPlace

log = structlog.get_logger()

Take = Callable[[int], Awaitable[int]]
"""Takes up to so many lines; returns how many there were."""


class ScriptedFollower:
    """Takes what is new in the feed, `lines` at once; more would hold up the engine."""

    def __init__(self, place: FeedPlace, clock: Clock, take: Take, *, lines: int) -> None:
        self.place = place
        self._clock = clock
        self._take = take
        self._lines = lines

    async def catch_up(self, rounds: int) -> bool:
        """Go to the end of the feed; False when that is more than so many rounds, or a line stands in the way.

        Raises EngineUnavailable.
        """
        for _ in range(rounds):
            try:
                if await self._take(self._lines) < self._lines:
                    return True
            except ScriptFailed:
                if not await self._one_by_one():
                    return False
        return False

    async def _one_by_one(self) -> bool:
        """Take the lines before the one that fails; True when that one was given up."""
        try:
            while await self._take(1):
                pass
        except ScriptFailed as error:
            position = await self.place.due()
            log.error(
                "a line of the feed cannot be taken",
                action="follower_failed",
                follower=self.place.name,
                position=position,
                error=error.detail,
            )
            return await self.place.failed(None, position, error, self._clock.now())
        return True
