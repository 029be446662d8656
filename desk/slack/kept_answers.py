"""Answers that stay good for a while, each asked for once by however many ask at the same time.

They are kept in the process, by key. What could not be asked is not kept: everyone who waited asks for themselves.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ...queue.clock import Clock

T = TypeVar("T")


class KeptAnswers(Generic[T]):
    """Answers to one kind of question; `most` are kept, those that were asked for first are forgotten first."""

    def __init__(self, clock: Clock, most: int = 5_000) -> None:
        self._clock = clock
        self._most = most
        self._kept: dict[str, tuple[T, int]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def get(self, key: str, age: int, ask: Callable[[], Awaitable[T]]) -> T:
        """An answer that is at most `age` milliseconds old, asked for when there is none. Raises what `ask` raises."""
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            kept = self._kept.get(key)
            if kept is None or not 0 <= self._clock.now() - kept[1] <= age:
                asked_at = self._clock.now()
                kept = (await ask(), asked_at)
                self._keep(key, kept)
        return kept[0]

    def forget(self, key: str) -> None:
        """What was answered before is not good any more."""
        self._kept.pop(key, None)

    def _keep(self, key: str, kept: tuple[T, int]) -> None:
        self._kept.pop(key, None)
        self._kept[key] = kept
        while len(self._kept) > self._most:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            if not self._asking[oldest].locked():
                del self._asking[oldest]
