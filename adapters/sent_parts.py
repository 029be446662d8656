"""A reply that goes out as several messages: each is sent once, and what of it has arrived is known throughout.

For vendors that know no repeat of a message: what was sent is written down before the next part is, so a repeat goes on
behind it. It is kept for as long as a reply may be tried again; a part whose fate is unknown ends the reply, which is
then not repeated by itself. So does a part that has arrived and cannot be written down, because the engine is full or
away: it would be sent again. Whoever hears that it goes on later, or not at all, hears which parts have arrived.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from ..config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown, Temporary
from ..queue.connection import Engine

log = structlog.get_logger()

KEPT_MS = 8 * 86_400_000

VendorId = TypeVar("VendorId", int, str)
Part = TypeVar("Part")


class Parts(Protocol[VendorId]):
    """What the vendor calls the messages that parts of an article have become."""

    async def read(self, article: str) -> list[VendorId]:
        """Of those that have arrived, in their order."""

    async def write(self, article: str, ids: list[VendorId]) -> None:
        """So many have arrived."""

    async def forget(self, article: str) -> None:
        """The reply is through, one way or the other."""


class SentParts(Generic[VendorId]):
    """The same in the engine."""

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


async def send_parts(
    store: Parts[VendorId],
    article: str,
    parts: Sequence[Part],
    send: Callable[[Part, Sequence[VendorId]], Awaitable[VendorId]],
    *,
    named: Callable[[VendorId], str] = str,
) -> list[VendorId]:
    """Send those parts that have not arrived; the vendor's ids of all.

    `send` gets a part and the ids of those before it; `named` says what the house knows an id by. Raises what `send`
    raises, with the ids of what has arrived in `arrived`, and in the words of what is refused for good.
    """
    ids = await store.read(article) if len(parts) > 1 else []
    for part in parts[len(ids) :]:
        try:
            ids.append(await send(part, ids))
        except DeliveryFailed as error:
            if not ids:
                raise
            await _forget(store, article)
            told = f"the first {len(ids)} parts have arrived; then: {error.detail}"
            raise DeliveryFailed(told, **error.facts, arrived=tuple(map(named, ids))) from None
        except (DeliveryDeferred, DeliveryUnknown) as error:
            error.facts["arrived"] = tuple(map(named, ids))
            raise
        if len(ids) < len(parts):
            await _write(store, article, ids, named)
    if len(parts) > 1:
        await _forget(store, article)
    return ids


async def _write(store: Parts[VendorId], article: str, ids: list[VendorId], named: Callable[[VendorId], str]) -> None:
    try:
        await store.write(article, ids)
    except Temporary as error:
        told = f"the first {len(ids)} parts have arrived, which could not be written down: {error.detail}"
        raise DeliveryUnknown(told, arrived=tuple(map(named, ids))) from error


async def _forget(store: Parts[VendorId], article: str) -> None:
    """What is not forgotten ends by itself."""
    try:
        await store.forget(article)
    except Temporary as error:
        log.warning("parts of an answer are kept", action="parts_kept", article=article, cause=error.detail)
