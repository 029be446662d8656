"""Signals: things that matter only now, such as that somebody is typing. Told to whoever listens, never stored.

They go through the engine's publish and subscribe, one subscription a process, so every process hears them. One can be
lost at any time, and none is ever needed: what must arrive is a line of a log or of the feed.

    async with signals.listen(topic) as listening:
        async for data in listening: …

The topic "" hears everything, with `topic` in the data. A listener that does not keep up loses the oldest ones.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from pydantic_core import to_json
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from ..config.errors import Temporary
from .connection import Engine
from .listeners import Listeners
from .service import Background

PAUSE = 0.5
PATIENCE = 15.0  # seconds of silence after which the engine is asked, and has as many to answer
READY_SECONDS = 5.0
KEPT = 100  # signals that a slow listener may have before it


class Listening:
    """What one listener hears."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue(KEPT)

    def hear(self, data: dict[str, Any]) -> None:
        """One more signal."""
        if self._heard.full():
            self._heard.get_nowait()
        self._heard.put_nowait(data)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        return await self._heard.get()


class Signals:
    """A service that hears for the whole process."""

    def __init__(self, engine: Engine, *, patience: float = PATIENCE) -> None:
        self._engine = engine
        self._channel = engine.keys("signals")
        self._patience = patience
        self._hearing = Background("signals", self._hear)
        self._ready = asyncio.Event()
        self.listeners: Listeners[Listening] = Listeners()

    async def send(self, topic: str, data: Mapping[str, Any]) -> None:
        """Tell everybody who listens now. Raises EngineUnavailable."""
        await self._engine.call("PUBLISH", self._channel, to_json({**data, "topic": topic}))

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[Listening]:
        """A listener of this topic."""
        with self.listeners.added(topic, Listening()) as listening:
            yield listening

    async def start(self) -> None:
        """Begin to hear; returns when everything sent from now on is heard, or after a while without the engine."""
        await self._hearing.start()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY_SECONDS)

    async def stop(self) -> None:
        """Hear no more. Idempotent."""
        await self._hearing.stop()
        self._ready.clear()

    async def _hear(self) -> None:
        while True:
            try:
                async with await self._engine.client(blocking=True) as client, client.pubsub() as subscription:
                    async with asyncio.timeout(self._patience):
                        await subscription.subscribe(self._channel)
                    async for message in self._messages(subscription):
                        if message["type"] == "subscribe":
                            self._ready.set()
                        elif message["type"] == "message":
                            self._pass_on(json.loads(message["data"]))
            except (RedisError, OSError, TimeoutError, Temporary):
                await asyncio.sleep(PAUSE)

    async def _messages(self, subscription: PubSub) -> AsyncIterator[dict[str, Any]]:
        """What is heard, the answers to our own questions too. Raises TimeoutError when a question is not answered."""
        asked = False
        while True:
            message = await subscription.get_message(timeout=self._patience)
            if message is not None:
                yield message
            elif asked:
                raise TimeoutError("the engine does not answer any more")
            else:
                await subscription.ping()
            asked = message is None

    def _pass_on(self, data: dict[str, Any]) -> None:
        for listening in self.listeners.of((str(data["topic"]), "")):
            listening.hear(data)
