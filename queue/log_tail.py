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
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from redis.exceptions import RedisError

from ..config.errors import Temporary
from .connection import Engine
from .conversation_log import tail_key
from .listeners import Listeners
from .service import Background

log = structlog.get_logger()

BLOCK_MS = 5_000
PATIENCE = 15.0  # seconds without an answer to a blocking read: its connection is dead
MOST = 1_000  # entries of one read; a full one means that we are behind, so everybody looks
PAUSE = 0.5
EVERYBODY = ""  # in place of a conversation, when entries were taken away (log_forget.lua)


class Watch:
    """One reader of one conversation."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    async def changed(self) -> None:
        """Return when there may be new lines since this returned last."""
        await self._news.wait()
        self._news.clear()

    def wake(self) -> None:
        """There may be something new."""
        self._news.set()


class LogTail:
    """A service that wakes the watches of this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._key = tail_key(engine)
        self._following = Background("log tail", self._follow)
        self.watches: Listeners[Watch] = Listeners()

    @asynccontextmanager
    async def watch(self, conversation: str) -> AsyncIterator[Watch]:
        """A reader of this conversation."""
        with self.watches.added(conversation, Watch()) as watch:
            yield watch

    async def start(self) -> None:
        """Begin to follow. Idempotent."""
        await self._following.start()

    async def stop(self) -> None:
        """Wake nobody any more. Idempotent."""
        await self._following.stop()

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
        async with asyncio.timeout(PATIENCE):
            found = await client.xrevrange(self._key, count=1)
        return bytes(found[0][0]) if found else b"0-0"

    async def _step(self, client: Any, last: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE):
            reply = await client.xread({self._key: last}, count=MOST, block=BLOCK_MS)
        if not reply:
            return last
        entries = reply[0][1]
        named = {fields[b"c"].decode() for _, fields in entries}
        if len(entries) == MOST or EVERYBODY in named:
            self._wake_all()
        else:
            _wake(self.watches.of(named))
        return bytes(entries[-1][0])

    def _wake_all(self) -> None:
        _wake(self.watches.everybody())


def _wake(watches: Iterable[Watch]) -> None:
    for watch in watches:
        watch.wake()
