"""A follower whose effect lies outside the engine: its handler is given every line of the feed, in order.

One process at a time holds the place, under a lease with a token; when it dies, another goes on from the last line
that was taken. The place moves after the effect, so after a kill a line can be handled a second time: **a handler must
be idempotent**, for which the position of the line serves as the key. Its errors decide what happens next, as for a
worker: temporary ones are waited for, with growing pauses and nothing overtaking; permanent ones make the line a dead
letter at once, unexpected ones after `MAX_ATTEMPTS`. A dead letter that is tried again comes out of order.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from ..config.errors import Gone, Temporary
from .clock import Clock
from .feed import FeedLine
from .feed_place import LEASE_MS, FeedPlace, Holding
from .identifiers import new_id
from .service import Background, Periodic

log = structlog.get_logger()

Handle = Callable[[FeedLine], Awaitable[None]]

POLL_SECONDS = 1.0
LINES = 100


class FeedFollower:
    """Hands the lines of the feed to `handle`, one after another; a service."""

    def __init__(self, place: FeedPlace, clock: Clock, handle: Handle) -> None:
        self.place = place
        self._clock = clock
        self._handle = handle
        self._holder = new_id(clock.now())
        self._holding: Holding | None = None
        self._position = 0
        self._following = Background(f"follower {place.name}", self._follow)
        self._leasing = Periodic(f"lease of follower {place.name}", self._keep_lease, LEASE_MS / 3000)

    async def start(self) -> None:
        """Begin to follow. Idempotent."""
        await self._following.start()
        await self._leasing.start()

    async def stop(self) -> None:
        """End after the line under way is broken off, and let somebody else go on. Idempotent."""
        await self._following.stop()
        await self._leasing.stop()
        with suppress(Temporary):
            await self._let_go()

    async def run_once(self) -> int:
        """Take what is there now, if the place is free; returns how many lines were taken."""
        if await self._claim():
            return 0
        begin = self._position
        while await self._take(lines := await self._read()) and lines:
            pass
        taken = self._position - begin
        await self._let_go()
        return taken

    async def _follow(self) -> None:
        """One turn: hold the place for as long as all goes well."""
        try:
            if pause := await self._claim():
                await asyncio.sleep(min(POLL_SECONDS, pause / 1000))
                return
            async for lines in self.place.feed.follow(self._position):
                if not await self._take(lines):
                    return
        except Gone as gone:
            await self._skip(int(gone.facts["earliest"]))
        except Temporary as error:
            log.warning(
                "the feed is not followed", action="follower_waits", follower=self.place.name, error=error.detail
            )

    async def _claim(self) -> int:
        """Hold the place; else the milliseconds until it is worth another try."""
        claimed = await self.place.claim(self._clock.now(), self._holder)
        if isinstance(claimed, int):
            self._holding = None
            return max(1, claimed)
        self._holding, self._position = claimed, claimed.position
        return 0

    async def _read(self) -> Sequence[FeedLine]:
        try:
            return await self.place.feed.read(self._position, LINES)
        except Gone as gone:
            await self._skip(int(gone.facts["earliest"]))
            return await self.place.feed.read(self._position, LINES)

    async def _take(self, lines: Sequence[FeedLine]) -> bool:
        """Handle what was redriven, then these lines; False when the place was lost or a line has to be tried again."""
        await self._take_again()
        for line in lines:
            if self._holding is None:
                return False
            if await self._handled(self._holding, line):
                if not await self.place.moved(self._holding, line.position, self._clock.now()):
                    return False
            elif (await self.place.position()) < line.position:
                return False
            self._position = line.position
        return True

    async def _take_again(self) -> None:
        for line in await self.place.again():
            if self._holding and await self._handled(self._holding, line):
                await self.place.redone(self._holding, line.position, self._clock.now())

    async def _handled(self, holding: Holding, line: FeedLine) -> bool:
        try:
            await self._handle(line)
        except Exception as error:  # noqa: BLE001 (what fails is settled by kind, and logged)
            log.error(
                "a line of the feed could not be handled",
                action="follower_failed",
                follower=self.place.name,
                position=line.position,
                error=str(error),
            )
            await self.place.failed(holding, line.position, error, self._clock.now())
            return False
        return True

    async def _skip(self, position: int) -> None:
        """Lines that are no longer kept cannot be followed any more: go on with the first that is."""
        log.error("lines were gone before they were followed", action="follower_missed", follower=self.place.name)
        if self._holding and await self.place.moved(self._holding, position, self._clock.now()):
            self._position = position

    async def _keep_lease(self) -> None:
        if self._holding and not await self.place.kept(self._holding, self._clock.now()):
            self._holding = None

    async def _let_go(self) -> None:
        holding, self._holding = self._holding, None
        if holding:
            await self.place.released(holding, self._clock.now())
