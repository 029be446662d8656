"""What is known of the pushes of an answer that is on its way: which LINE has taken, and since when one may have been.

LINE knows a push by its retry key for 24 hours after it was first asked ("Retry failed API requests"); a repeat after
that would be shown twice. So it is written down before LINE is asked when the next push was tried, first and last; a
definite no takes that back. Kept for as long as an answer may be tried again. Times are milliseconds.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from ...config.errors import DeliveryUnknown
from ...queue.connection import Engine

KEY_KNOWN_MS = 24 * 3_600_000 - 300_000  # less what a request may be on its way, and clocks may differ
KEPT_MS = 8 * 86_400_000

EXPIRED = (
    "LINE may have taken it, and would not know a repeat any more after 24 hours; look whether it arrived, then resend "
    "or mark as sent"
)


@dataclass(frozen=True)
class Progress:
    """`taken` are LINE's ids of the messages of each push it took; `first` and `last` are None while no try is open."""

    taken: tuple[tuple[str, ...], ...] = ()
    first: int | None = None
    last: int | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all messages that have arrived."""
        return tuple(id_ for push in self.taken for id_ in push)

    def trying(self, now: int, queued_at: int) -> "Progress":
        """With a try of the next push at `now`. Raises DeliveryUnknown when LINE would not know it as a repeat.

        Who had it queued after the last try, at `queued_at`, has decided that it is sent again.
        """
        if self.first is None or self.last is None:
            return replace(self, first=now, last=now)
        if now - self.first < KEY_KNOWN_MS:
            return replace(self, last=now)
        if queued_at <= self.last:
            raise DeliveryUnknown(EXPIRED, arrived=self.ids)
        return replace(self, first=now, last=now)

    def with_taken(self, ids: tuple[str, ...]) -> "Progress":
        """With one push more that was taken."""
        return Progress((*self.taken, ids))


class Pushes(Protocol):
    """Keeps it, by article."""

    async def read(self, article: str) -> Progress:
        """What was written last; nothing has happened where nothing was."""

    async def write(self, article: str, progress: Progress) -> None:
        """So far it is."""

    async def forget(self, article: str) -> None:
        """The answer is through, one way or the other."""


class EnginePushes:
    """The same in the engine. Raises EngineUnavailable, EngineFull."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def read(self, article: str) -> Progress:
        """What was written last; nothing has happened where nothing was."""
        stored = await self._engine.call("GET", self._key(article))
        if stored is None:
            return Progress()
        told = json.loads(stored)
        return Progress(tuple(map(tuple, told["taken"])), told["first"], told["last"])

    async def write(self, article: str, progress: Progress) -> None:
        """So far it is."""
        await self._engine.call("SET", self._key(article), json.dumps(asdict(progress)), "PX", KEPT_MS)

    async def forget(self, article: str) -> None:
        """The answer is through, one way or the other."""
        await self._engine.call("DEL", self._key(article))

    def _key(self, article: str) -> str:
        return self._engine.keys("line", "pushes", article)
