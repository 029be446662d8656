"""The tail of all conversation logs: one blocking read a process, however many readers it has.

    async with tail.watch(conversation) as watch:
        while True:
            …read what is new…
            await watch.changed()

A watch never misses a line: it is set when there may be something new, also after every trouble with the engine and
whenever this process has fallen far behind, so a reader sometimes looks in vain but never waits in vain. A mark that
was raised wakes the readers of its conversation as well.
"""

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import Any, Self

import structlog
from redis.exceptions import RedisError

from ..config.errors import Temporary
from .connection import Engine
from .conversation_log import tail_key

log = structlog.get_logger()

BLOCK_MS = 5_000
PATIENCE = 15.0  # seconds without an answer to a blocking read: its connection is dead
MOST = 1_000  # entries of one read; a full one means that we are behind, so everybody looks
PAUSE = 0.5


class Watch:
    """One reader of one conversation."""

    def __init__(self, tail: "LogTail", conversation: str) -> None:
        self._tail = tail
        self._conversation = conversation
        self._news = asyncio.Event()

    async def changed(self) -> None:
        """Return when there may be new lines since this returned last."""
        await self._news.wait()
        self._news.clear()

    def wake(self) -> None:
        """There may be something new."""
        self._news.set()

    async def __aenter__(self) -> Self:
        self._tail.watches[self._conversation].add(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        watches = self._tail.watches[self._conversation]
        watches.discard(self)
        if not watches:
            del self._tail.watches[self._conversation]


class LogTail:
    """A service that wakes the watches of this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._key = tail_key(engine)
        self._task: asyncio.Task[None] | None = None
        self.watches: dict[str, set[Watch]] = defaultdict(set)

    def watch(self, conversation: str) -> Watch:
        """A reader of this conversation; it counts from `async with` on."""
        return Watch(self, conversation)

    async def start(self) -> None:
        """Begin to follow. Idempotent."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="log tail")

    async def stop(self) -> None:
        """Wake nobody any more. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _follow(self) -> None:
        while True:
            try:
                async with await self._engine.client(blocking=True) as client:
                    last = await self._last(client)
                    self._wake_all()
                    while True:
                        last = await self._step(client, last)
            except (RedisError, OSError, TimeoutError, Temporary) as error:
                log.warning("the logs cannot be followed", action="tail_broken", cause=str(error))
                await asyncio.sleep(PAUSE)

    async def _last(self, client: Any) -> bytes:
        found = await client.xrevrange(self._key, count=1)
        return bytes(found[0][0]) if found else b"0-0"

    async def _step(self, client: Any, last: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE):
            reply = await client.xread({self._key: last}, count=MOST, block=BLOCK_MS)
        if not reply:
            return last
        entries = reply[0][1]
        if len(entries) == MOST:
            self._wake_all()
        else:
            self._wake({fields[b"c"].decode() for _, fields in entries})
        return bytes(entries[-1][0])

    def _wake(self, conversations: set[str]) -> None:
        for conversation in conversations & self.watches.keys():
            for watch in self.watches[conversation]:
                watch.wake()

    def _wake_all(self) -> None:
        self._wake(set(self.watches))
