"""Answers by Meta, one message after another: the text in as many as it needs, and each file as one of its own.

Meta knows no repeat of a message, so a reply in several goes on where it stopped (sent_parts.py); when a later part is
refused for good, the words say that the first ones have arrived. What Meta does not take, too large a file for
instance, is refused before anything is sent. How one part is sent, the product says.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ...config.errors import DeliveryFailed
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, Sent
from .limits import MEGABYTE

ReadBlob = Callable[[str], Awaitable[bytes]]


class Parts(Protocol):
    """Meta's ids of the parts of an article that have arrived; see sent_parts.py."""

    async def read(self, article: str) -> list[str]: ...

    async def write(self, article: str, ids: list[str]) -> None: ...

    async def forget(self, article: str) -> None: ...


@dataclass(frozen=True)
class Part:
    """One message: a text, a file, or a file with a text below it."""

    text: str = ""
    file: Attachment | None = None


class ProductSender(ABC):
    """Sends from one account."""

    words: str

    def __init__(self, read_blob: ReadBlob, parts: Parts) -> None:
        self.read_blob = read_blob
        self._parts = parts

    @abstractmethod
    def parts_of(self, outgoing: Outgoing) -> list[Part]:
        """The messages that an answer becomes. Raises DeliveryFailed for what is not taken."""

    @abstractmethod
    async def send_part(self, outgoing: Outgoing, part: Part, *, first: bool) -> str:
        """Send one message; Meta's id of it. Raises DeliveryDeferred, DeliveryFailed, DeliveryUnknown."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one answer. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        parts = self.parts_of(outgoing)
        if not parts:
            raise DeliveryFailed("there is nothing to send")
        ids = await self._parts.read(outgoing.article_id) if len(parts) > 1 else []
        for part in parts[len(ids) :]:
            ids.append(await self._sent(outgoing, part, ids))
            if len(ids) < len(parts):
                await self._parts.write(outgoing.article_id, ids)
        if len(parts) > 1:
            await self._parts.forget(outgoing.article_id)
        count = f" in {len(parts)} messages" if len(parts) > 1 else ""
        return Sent(reference=ids[0], detail=f"{self.words} took it{count}")

    async def _sent(self, outgoing: Outgoing, part: Part, before: list[str]) -> str:
        try:
            return await self.send_part(outgoing, part, first=not before)
        except DeliveryFailed as error:
            if not before:
                raise
            await self._parts.forget(outgoing.article_id)
            told = f"the first {len(before)} parts have arrived; then: {error.detail}"
            raise DeliveryFailed(told, **error.facts) from None


def demand_size(file: Attachment, largest: int, words: str) -> None:
    """Raises DeliveryFailed for a file that is larger than so many bytes."""
    if file.size > largest:
        told = f"{file.name} is larger than the {largest // MEGABYTE} MB that {words} takes; send a link to it"
        raise DeliveryFailed(told)
