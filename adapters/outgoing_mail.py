"""The way by mail for channels that are not mail: a code that proves an address, an answer that was not seen.

`gateway/` hands both in where some channel writes to e-mail addresses, and neither where none does.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..normalizer.envelope import Attachment
from .contract import Adapter


@dataclass(frozen=True, kw_only=True)
class MailOut:
    """Over which channel, and from which of our addresses; `templates` are the operator's own.

    `adapter` gives the channel when something is sent, for all channels are built together.
    """

    channel: str
    account: str
    adapter: Callable[[], Adapter]
    templates: Path | None = None


@dataclass(frozen=True, kw_only=True)
class UnreadAnswers:
    """What an agent wrote on a channel and the customer has not read; the same `key` is the same mail."""

    channel: str
    ticket: str
    articles: Sequence[str]
    text: str
    attachments: Sequence[Attachment]
    address: str
    proven: bool
    site: str
    key: str


Forward = Callable[[UnreadAnswers], Awaitable[None]]
"""Has it mailed. Raises temporary errors."""
