"""What one of our answers may be on its way out: what a channel takes, said as data in its card.

A channel can tell it by destination, because one channel can hold ways that take different things (an SMS and a
WhatsApp message of the same provider). Nothing said means that anything is taken: any length, and the files that the
configuration allows. Sizes are bytes.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from .envelope import Record

Unit = Literal["characters", "utf16", "bytes", "weighted", "sms"]
"""What a text is counted in: characters, UTF-16 code units, bytes of UTF-8, the weighted characters of X, or places of
the alphabet that an SMS needs, with segments that the carrier joins again (sms_segments.py)."""

Dialect = Literal["plain", "html", "telegram_html", "whatsapp_marks", "mrkdwn"]
"""How bold, italic, code, lists and links of a formatted reply leave (rendering.py)."""


class Destination(Record):
    """Where a reply goes, as far as a channel needs it to say what it takes."""

    account: str = ""
    to: str = Field(default="", description="The address without its kind.")
    conversation: str = Field(default="", description="The provider's conversation, where the channel has one.")
    mode: str = Field(default="", description="The chosen way of sending (`Sends.modes`); empty: the usual one.")


class TextLimit(Record):
    """How long a text may be; a longer one leaves as several messages, up to `parts` of them."""

    most: int = Field(description="In one message.")
    unit: Unit = "characters"
    parts: int = Field(default=1, description="Messages that one reply may become.")


class FileLimits(Record):
    """Which files go along. What is not here is limited by the configuration alone."""

    count: int | None = Field(default=None, description="Files in one reply; 0: none can be sent.")
    size: int | None = Field(default=None, description="Bytes of one file.")
    total: int | None = Field(default=None, description="Bytes of all files of one reply together.")
    kinds: Mapping[str, int] = Field(
        default_factory=dict,
        description="Bytes of one file by the beginning of its media type, `image/` or `image/png`; the longest that "
        "fits counts.",
    )
    others: bool = Field(default=True, description="Whether other kinds are taken too.")
    instead: str = Field(default="", description="What an agent can do about a file that is not taken.")


class Sends(Record):
    """All of it, for one destination."""

    text: TextLimit | None = None
    files: FileLimits = FileLimits()
    dialect: Dialect = "plain"
    modes: Mapping[str, str] = Field(
        default_factory=dict,
        description="Ways of sending between which the writer chooses, with what people call them, the usual one "
        "first: {'direct': 'Direct message', 'public': 'In public'}; `Outgoing.mode` has the chosen one.",
    )


ANYTHING = Sends()
