"""What a customer has a conversation on, on their phone: they write, show files, correct themselves, read what comes.

Each stand-in for a vendor has its own kind. What a product has no gesture for is done in words, as people do.
"""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PhoneFile:
    """A file on the phone; `seconds` are how long a voice message is."""

    name: str
    media_type: str
    content: bytes
    seconds: int = 0

    @property
    def is_voice(self) -> bool:
        """Whether it was spoken."""
        return self.media_type.startswith("audio/")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An answer that was read; `id` is what the vendor knows it by."""

    id: str
    text: str


class PhoneLine(ABC):
    """One customer's conversation with the shop; `heard` has the answers that they have read."""

    def __init__(self) -> None:
        self.heard = asyncio.Queue[Heard]()

    @abstractmethod
    async def say(self, text: str) -> str:
        """Write a message; what the vendor knows it by. Raises ConnectionError when the gateway does not take it."""

    @abstractmethod
    async def show(self, file: PhoneFile, text: str = "") -> None:
        """Send a file. Raises ConnectionError."""

    async def correct(self, message: str, text: str) -> None:  # noqa: ARG002
        """Say a message anew. Raises ConnectionError."""
        await self.say(f"*{text}")

    async def like(self, answer: Heard) -> None:  # noqa: ARG002
        """Be content with an answer. Raises ConnectionError."""
        await self.say("👍")

    async def give_number(self, phone: str) -> None:
        """Say by which number they can be reached. Raises ConnectionError."""
        await self.say(phone)
