"""Answers by Meta, one message after another: the text in as many as it needs, and each file as one of its own.

Meta knows no repeat of a message, so a reply in several goes on where it stopped (sent_parts.py); when a later part is
refused for good, the words say that the first ones have arrived. What Meta does not take, too large a file for
instance, is refused before anything is sent. How one part is sent, the product says.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ...config.errors import DeliveryFailed
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, Sent
from ..sent_parts import Parts, send_parts
from .limits import MEGABYTE
from .sent_marks import mark_of

ReadBlob = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True)
class Part:
    """One message: a text, a file, or a file with a text below it."""

    text: str = ""
    file: Attachment | None = None


@dataclass(frozen=True)
class Place:
    """Which of the messages of an answer one is, from 1, and of how many."""

    number: int
    count: int

    @property
    def first(self) -> bool:
        """Nothing of the answer was sent before it."""
        return self.number == 1

    def mark(self, article: str) -> str:
        """What Meta tells of it by."""
        return mark_of(article, self.number, self.count)


class ProductSender(ABC):
    """Sends from one account."""

    words: str

    def __init__(self, read_blob: ReadBlob, parts: Parts[str]) -> None:
        self.read_blob = read_blob
        self._parts = parts

    @abstractmethod
    def parts_of(self, outgoing: Outgoing) -> list[Part]:
        """The messages that an answer becomes. Raises DeliveryFailed for what is not taken."""

    @abstractmethod
    async def send_part(self, outgoing: Outgoing, part: Part, place: Place) -> str:
        """Send one message; Meta's id of it. Raises DeliveryDeferred, DeliveryFailed, DeliveryUnknown."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one answer. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        parts = self.parts_of(outgoing)
        if not parts:
            raise DeliveryFailed("there is nothing to send")

        async def send(part: Part, before: Sequence[str]) -> str:
            return await self.send_part(outgoing, part, Place(len(before) + 1, len(parts)))

        reference, *also = await send_parts(self._parts, outgoing.article_id, parts, send)
        count = f" in {len(parts)} messages" if also else ""
        return Sent(reference=reference, also=tuple(also), detail=f"{self.words} took it{count}")


def demand_size(file: Attachment, largest: int, words: str) -> None:
    """Raises DeliveryFailed for a file that is larger than so many bytes."""
    if file.size > largest:
        told = f"{file.name} is larger than the {largest // MEGABYTE} MB that {words} takes; send a link to it"
        raise DeliveryFailed(told)
