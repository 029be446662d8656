"""Signals: things that matter only now, such as that somebody is typing. Told to whoever listens, never stored.

They go through the engine's publish and subscribe, one subscription a process, so every process hears them. One can be
lost at any time, and none is ever needed: what must arrive is a line of a log or of the feed.

    async with signals.listen(topic) as listening:
        async for data in listening: …

The topic "" hears everything, with `topic` in the data. A listener that does not keep up loses the oldest ones.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from pydantic_core import to_json
from redis.exceptions import RedisError

from ..config.errors import Temporary
from .connection import Engine

PAUSE = 0.5
READY_SECONDS = 5.0
KEPT = 100  # signals that a slow listener may have before it


class Listening:
    """What one listener hears."""

    def __init__(self, signals: "Signals", topic: str) -> None:
        self._signals = signals
        self._topic = topic
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

    async def __aenter__(self) -> Self:
        self._signals.listeners[self._topic].add(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        listeners = self._signals.listeners[self._topic]
        listeners.discard(self)
        if not listeners:
            del self._signals.listeners[self._topic]


class Signals:
    """A service that hears for the whole process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._channel = engine.keys("signals")
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.listeners: dict[str, set[Listening]] = defaultdict(set)

    async def send(self, topic: str, data: Mapping[str, Any]) -> None:
        """Tell everybody who listens now. Raises EngineUnavailable."""
        await self._engine.call("PUBLISH", self._channel, to_json({**data, "topic": topic}))

    def listen(self, topic: str) -> Listening:
        """A listener of this topic; it hears from `async with` on."""
        return Listening(self, topic)

    async def start(self) -> None:
        """Begin to hear; returns when everything sent from now on is heard, or after a while without the engine."""
        if self._task is None:
            self._task = asyncio.create_task(self._hear(), name="signals")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY_SECONDS)

    async def stop(self) -> None:
        """Hear no more. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            self._ready.clear()

    async def _hear(self) -> None:
        while True:
            try:
                async with await self._engine.client(blocking=True) as client, client.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    async for message in subscription.listen():
                        if message["type"] == "subscribe":
                            self._ready.set()
                        else:
                            self._pass_on(json.loads(message["data"]))
            except (RedisError, OSError, TimeoutError, Temporary):
                await asyncio.sleep(PAUSE)

    def _pass_on(self, data: dict[str, Any]) -> None:
        for topic in {str(data["topic"]), ""} & self.listeners.keys():
            for listener in self.listeners[topic]:
                listener.hear(data)
