"""Which parts of a reply have arrived, while it is sent in several: a repeat goes on behind them.

For vendors that know no repeat of a message: what was sent is written down before the next part is. It is kept for as
long as a reply may be tried again; a part whose fate is unknown ends the reply, which is then not repeated by itself.
"""

import json
from typing import Generic, TypeVar

from ..queue.connection import Engine

KEPT_MS = 8 * 86_400_000

VendorId = TypeVar("VendorId", int, str)


class SentParts(Generic[VendorId]):
    """What the vendor calls the messages that parts of an article have become, in the engine."""

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine = engine
        self._channel = channel

    async def read(self, article: str) -> list[VendorId]:
        """Of those that have arrived, in their order."""
        stored = await self._engine.call("GET", self._key(article))
        return list(json.loads(stored)) if stored else []

    async def write(self, article: str, ids: list[VendorId]) -> None:
        """So many have arrived."""
        await self._engine.call("SET", self._key(article), json.dumps(ids), "PX", KEPT_MS)

    async def forget(self, article: str) -> None:
        """The reply is through, one way or the other."""
        await self._engine.call("DEL", self._key(article))

    def _key(self, article: str) -> str:
        return self._engine.keys(self._channel, "sent", article)
