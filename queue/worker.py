"""Works a queue off: claims lanes, hands their entries to a handler, settles what becomes of them.

The handler either settles the entry itself, in the script that makes its change, and returns True, or returns False
and the entry is finished here. Errors decide what happens next: temporary ones are tried again with growing pauses,
for as long as it takes and not before they ask for it; permanent ones go to the dead letters at once; anything
unexpected is tried again and goes to the dead letters after `MAX_ATTEMPTS`, and so does an entry whose workers died as
often.

While a lane is worked on its lease is extended, for `LONGEST_SECONDS` at most. Who has taken all that was ready sleeps
until the bell rings, something is due, or a second has passed, so a lost bell costs a second at most.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from ..config.errors import Permanent, ScriptFailed, Temporary, TrunklineError
from .clock import Clock
from .work import LEASE_MS, MAX_ATTEMPTS, Entry, WorkQueue

log = structlog.get_logger()

Handler = Callable[[Entry], Awaitable[bool]]

POLL_SECONDS = 1.0
LONGEST_SECONDS = 600.0


def backoff_ms(attempts: int) -> int:
    """Milliseconds before the next attempt: from a second doubling to five minutes, with a fifth of jitter."""
    return int(min(300_000, 1_000 * 2 ** min(attempts, 20)) * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, not a secret)


class Worker:
    """A service that works off one queue, with up to `width` lanes at the same time."""

    def __init__(self, queue: WorkQueue, clock: Clock, handler: Handler, *, width: int = 64) -> None:
        self.queue = queue
        self._clock = clock
        self._handler = handler
        self._width = width
        self._batch = max(1, width // 4)  # lanes that must be free before more are claimed, so that claims are few
        self._pause = POLL_SECONDS
        self._more = False  # whether there may be lanes that are ready and will not ring the bell
        self._lanes: set[asyncio.Task[None]] = set()
        self._begun: dict[Entry, float] = {}
        self._wake = asyncio.Event()
        self._loop: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self) -> None:
        """Begin to claim."""
        if not self._loop:
            self._stopping = False
            self._loop = [asyncio.create_task(job()) for job in (self._run, self._listen, self._keep_leases)]

    async def stop(self) -> None:
        """Claim nothing more; return when the entries under way are settled.

        A claim under way is not broken off, because the engine would carry it out all the same; leases are kept until
        the last entry is done.
        """
        self._stopping = True
        self._wake.set()
        if not self._loop:
            return
        run, *others = self._loop
        await run
        while self._lanes:
            await asyncio.gather(*self._lanes, return_exceptions=True)
        for task in others:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._loop = []

    async def run_once(self) -> int:
        """Claim once and work everything off that was claimed; returns the number of entries."""
        batch = await self.queue.claim(self._clock.now(), lanes=self._width)
        await asyncio.gather(*(self._work(lane) for lane in batch.lanes))
        return sum(len(lane) for lane in batch.lanes)

    async def drain(self) -> None:
        """Work until nothing is ready."""
        while await self.run_once():
            pass

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            if not await self._claim_and_begin():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._pause)

    def _room(self) -> int:
        return self._width - len(self._lanes)

    async def _claim_and_begin(self) -> bool:
        """Claim what there is room for and begin with it; whether to claim on at once."""
        self._pause = POLL_SECONDS
        if self._room() < self._batch:
            self._more = True
            return False
        try:
            batch = await self.queue.claim(self._clock.now(), lanes=self._room())
        except Temporary as error:
            log.warning("a queue cannot be read", action="claim_failed", queue=self.queue.name, error=error.detail)
            self._more = True
            return False
        for lane in batch.lanes:
            task = asyncio.create_task(self._work(lane))
            self._lanes.add(task)
            task.add_done_callback(self._lane_done)
        if batch.due_in is not None:
            self._pause = min(POLL_SECONDS, batch.due_in / 1000)
        self._more = batch.more
        return batch.more

    def _lane_done(self, task: asyncio.Task[None]) -> None:
        self._lanes.discard(task)
        if self._more and self._room() >= self._batch:
            self._wake.set()

    async def _work(self, lane: Sequence[Entry]) -> None:
        begun = asyncio.get_running_loop().time()
        for entry in lane:
            self._begun[entry] = begun
            try:
                if not await self._handler(entry):
                    await self.queue.finish(entry, self._clock.now())
            except Exception as error:  # noqa: BLE001 (what fails is settled by kind, and logged)
                if not await self._failed(entry, error):
                    return
            finally:
                del self._begun[entry]

    async def _failed(self, entry: Entry, error: Exception) -> bool:
        """Settle an entry that was not done; True when the rest of its lane may go on.

        Otherwise the lane waits: for the entry to be tried again, or, when the engine did not hear of it, for the lease
        to run out.
        """
        now = self._clock.now()
        cause = error.detail if isinstance(error, TrunklineError) else f"{type(error).__name__}: {error}"
        hindered = isinstance(error, Temporary) and not isinstance(error, ScriptFailed)
        fatal = isinstance(error, Permanent) or (not hindered and entry.failures + 1 >= MAX_ATTEMPTS)
        if not isinstance(error, TrunklineError):
            log.exception("an entry failed", action="entry_failed", queue=self.queue.name, sequence=entry.sequence)
        try:
            if fatal:
                await self.queue.give_up(entry, now, cause=cause)
                return True
            asked = error.asked if isinstance(error, Temporary) else None
            due = now + max(backoff_ms(entry.attempts), 1_000 * (asked or 0))
            return not await self.queue.park(entry, now, due=due, cause=cause, failed=not hindered)
        except Temporary as trouble:
            log.warning(
                "an entry is left to its lease", action="settle_failed", queue=self.queue.name, error=trouble.detail
            )
            return False

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 3000)
            oldest = asyncio.get_running_loop().time() - LONGEST_SECONDS
            for entry in [entry for entry, begun in self._begun.items() if begun > oldest]:
                with suppress(Temporary):
                    await self.queue.extend(entry, self._clock.now())

    async def _listen(self) -> None:
        while True:
            try:
                async with await self.queue.engine.client(blocking=True) as client, client.pubsub() as bell:
                    await bell.subscribe(self.queue.bell)
                    async for _ in bell.listen():
                        self._wake.set()
            except (RedisError, OSError, TimeoutError, Temporary):
                await asyncio.sleep(POLL_SECONDS)
