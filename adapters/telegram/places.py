"""Where a conversation is: a chat, a topic in it, and by whose account we are there.

A place is written as text in two ways. `str` is what a reply needs to go there, kept with the ticket and read back by
`place_of`; `chat_key` stands in front of ids of messages, which count within a chat: 7:12 is message 12 of chat 7. What
reaches us through the account of a business counts within that account, whose connection is then part of the key.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

_TOPICS = r"(?:/(\d{1,20}))?(?:!(\d{1,20}))?"
_WRITTEN = re.compile(rf"(-?\d{{1,20}}){_TOPICS}(?:@([\w-]{{1,200}}))?(?:\?([\w-]{{1,200}}))?\Z", re.ASCII)
_ID = re.compile(r"[\w-]{1,200}\Z", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A conversation of a bot. `direct` is a topic of a channel's direct messages, `guest` what a guest's question is
    answered by."""

    chat: int
    thread: int | None = None
    direct: int | None = None
    business: str = ""
    guest: str = ""

    @property
    def is_private(self) -> bool:
        """Whether one person is there; Telegram gives them positive numbers."""
        return self.chat > 0

    @property
    def chat_key(self) -> str:
        """The chat, as it stands before the ids of its messages."""
        return f"{self.business}.{self.chat}" if self.business else str(self.chat)

    @property
    def thread_key(self) -> str:
        """The conversation: its messages join one ticket, and are filed in order."""
        topics = (f"/{self.thread}" if self.thread else "") + (f"!{self.direct}" if self.direct else "")
        return self.chat_key + topics

    def message(self, number: int) -> str:
        """The id of a message there, one of its own in the whole account."""
        return f"{self.chat_key}:{number}"

    def __str__(self) -> str:
        marks = (("/", self.thread), ("!", self.direct), ("@", self.business), ("?", self.guest))
        return str(self.chat) + "".join(f"{mark}{value}" for mark, value in marks if value)


def place_of(text: str) -> Place | None:
    """The place that was written; None when it is none."""
    found = _WRITTEN.match(text)
    if found is None:
        return None
    chat, thread, direct, business, guest = found.groups()
    return Place(
        chat=int(chat),
        thread=int(thread) if thread else None,
        direct=int(direct) if direct else None,
        business=business or "",
        guest=guest or "",
    )


def message_number(external_id: str) -> int | None:
    """The number of a message within its chat; None where the id is none of a message."""
    number = external_id.rpartition(":")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 20 else None


def safe_id(value: Any) -> str:
    """An id as Telegram writes them; of anything else its digest, so that it can stand in a key."""
    if not isinstance(value, str) or not value:
        return ""
    return value if _ID.match(value) else hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
