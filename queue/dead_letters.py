"""Dead letters: what failed for good is kept whole, with its cause, until a person redrives or drops it.

Work queues (work.py) and followers of the feed (feed_place.py) have them, each under its own name, and an id names the
letter by its place there: `outbox-17`. Whoever lists, shows or redrives them needs to know no more than `DeadLetters`,
so a name stands for one source only (`by_name`). Redriving takes a letter off the list in the step that has it tried
again, so it cannot be redriven twice; if it fails again it comes back with the new cause.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from ..config.errors import Misconfigured, NotFound
from .connection import Engine

NAME = r"[a-z][a-z_]{0,40}"

Decision = Literal["retry", "drop"]


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """An entry of a queue, or a line of the feed, that was given up."""

    queue: str  # the name of its queue or follower
    sequence: int
    payload: bytes
    cause: str
    attempts: int
    at: int

    @property
    def id(self) -> str:
        """The name by which it is shown, retried and dropped."""
        return f"{self.queue}-{self.sequence}"


class DeadLetters(ABC):
    """The dead letters of one queue or follower, which keeps them under these two keys, see work.lua."""

    kind: ClassVar[str]

    def __init__(self, engine: Engine, name: str, *, dead: str, causes: str) -> None:
        self.engine = engine
        self.name = name
        self.dead_key = dead
        self._causes_key = causes

    async def dead(self, *, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        """The newest dead letters, up to `limit`, older than the time `before`."""
        upper, call = "+inf" if before is None else f"({before}", self.engine.call
        found = await call("ZRANGE", self.dead_key, upper, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit)
        return [letter for sequence in found if (letter := await self.dead_letter(int(sequence)))]

    async def dead_count(self) -> int:
        """How many there are."""
        return int(await self.engine.call("ZCARD", self.dead_key))

    async def dead_letter(self, sequence: int) -> DeadLetter | None:
        """One dead letter with its payload."""
        cause = await self.engine.call("HGET", self._causes_key, sequence)
        payload = await self._payload(sequence)
        if cause is None or payload is None or await self.engine.call("ZSCORE", self.dead_key, sequence) is None:
            return None
        facts = json.loads(cause.decode("utf-8", "replace"))
        return DeadLetter(
            queue=self.name,
            sequence=sequence,
            payload=payload,
            cause=facts["cause"],
            attempts=facts.get("attempts", 0),
            at=facts["at"],
        )

    async def redrive(self, sequence: int, what: Decision) -> None:
        """Have a dead letter tried again, or drop it for good. Raises NotFound."""
        if not await self._decided(sequence, what):
            raise NotFound(f"there is no dead letter {self.name}-{sequence}")

    @abstractmethod
    async def _payload(self, sequence: int) -> bytes | None:
        """The bytes of an entry or line, dead or not."""

    @abstractmethod
    async def _decided(self, sequence: int, what: Decision) -> bool:
        """Take it off the list in the step that does what was decided; False when it is not there."""


Source = TypeVar("Source", bound=DeadLetters)


def by_name(sources: Iterable[Source]) -> Mapping[str, Source]:
    """Them by name. Raises Misconfigured when two share one, or when no id of a dead letter could hold it."""
    named: dict[str, Source] = {}
    for source in sources:
        if not re.fullmatch(NAME, source.name):
            raise Misconfigured(f"{source.name!r} cannot name a queue or a follower: it must match {NAME}")
        if source.name in named:
            both = f"{named[source.name].kind} and {source.kind}"
            raise Misconfigured(f"{both} are both called {source.name}; the new one needs a name of its own")
        named[source.name] = source
    return named
