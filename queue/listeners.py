"""Who listens to what in this process: a register of listeners by topic."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Listener = TypeVar("Listener")


class Listeners(Generic[Listener]):
    """The listeners of each topic; a topic without one takes no room."""

    def __init__(self) -> None:
        self._of: dict[str, set[Listener]] = defaultdict(set)

    def __len__(self) -> int:
        return sum(len(listeners) for listeners in self._of.values())

    @contextmanager
    def added(self, topic: str, listener: Listener) -> Iterator[Listener]:
        """The listener counts until the end of the block."""
        self._of[topic].add(listener)
        try:
            yield listener
        finally:
            self._of[topic].discard(listener)
            if not self._of[topic]:
                del self._of[topic]

    def of(self, topics: Iterable[str]) -> Iterator[Listener]:
        """Those of any of these topics."""
        for topic in self._of.keys() & set(topics):
            yield from self._of[topic]

    def everybody(self) -> Iterator[Listener]:
        """All of them."""
        return self.of(self._of)
