"""What leaves: the message handed to an adapter to send, and what an adapter's parser hands back.

`Outgoing` is complete: an adapter needs nothing else to send it, and the same record sends the same bytes, so that a
repeat can be recognised by the receiver. `Parsed` carries the envelopes of one raw message together with the bytes of
their attachments, which the filing worker stores as blobs before it files. The bytes of a file that is fetched later
are poured into a `FileSink` as they come, so that a long film never lies in memory.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from pydantic import Field

from .envelope import Addressee, Attachment, Envelope, RawMessage, Record
from .quotations import Quoted


class UsedTemplate(Record):
    """A template (config/vendor_templates.py), mostly one that the vendor has approved, with its values filled in."""

    name: str = Field(description="What the configuration calls it.")
    vendor: str = Field(default="", description="What the vendor calls it; empty for one that is ours alone.")
    language: str
    parameters: Mapping[str, str] = Field(default_factory=dict, description="By the vendor's names, in its order.")
    choices: tuple[str, ...] = Field(default=(), description="Buttons below it, each with the words that answer it.")


class Outgoing(Record):
    """One message to a customer, as the outbox holds it."""

    article_id: str = Field(description="The article that it is; also the key by which a repeat is recognised.")
    external_id: str = Field(description="Our id of it on the channel; for mail the Message-ID, without brackets.")
    ticket_id: str
    number: str = Field(description="The ticket's number, `T-1042`.")
    channel: str
    account: str = Field(description="Our address or source that the conversation runs over; the reply leaves from it.")
    to: str = Field(description="The address that wrote to us, without its kind: `maria@example.org`.")
    to_name: str = ""
    copied: tuple[Addressee, ...] = Field(
        default=(), description="Who else gets it and is seen to, where a channel can."
    )
    conversation: str = Field(default="", description="The provider's conversation, where the channel has one.")
    subject: str = ""
    text: str
    formatted: bool = Field(
        default=False, description="The text has marks for bold, lists and the like (rendering.py); else none counts."
    )
    html: str = ""
    template: UsedTemplate | None = Field(
        default=None, description="It goes as this template; the text is what that says."
    )
    mode: str = Field(default="", description="Which of the channel's ways of sending was chosen (`Sends.modes`).")
    reply_by: int | None = Field(
        default=None, description="Milliseconds; when the channel's window for free answers shuts, or has shut."
    )
    quoted: tuple[Quoted, ...] = Field(
        default=(), description="The conversation so far, as far as whoever gets it saw it."
    )
    language: str = "unknown"
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = Field(default="", description="The provider's id of the message answered.")
    references: tuple[str, ...] = Field(default=(), description="The provider's ids of the thread, oldest first.")
    author: str = Field(
        default="", description="The agent who wrote it, as the customer may see it; empty when nobody did."
    )
    automatic: bool = Field(default=False, description="Written by us without an agent: an acknowledgement.")
    created_at: int = Field(description="Milliseconds.")
    queued_at: int = Field(
        default=0, description="Milliseconds; since when it is to be sent, or somebody decided that it is sent again."
    )
    ext: Mapping[str, Any] = Field(default_factory=dict, description="What only this channel needs, from the envelope.")


LEFT_OUT = "not taken for"
"""Stands in the detail of a message that was sent, before those of several who do not get it."""


class Sent(Record):
    """The channel took the message."""

    reference: str = Field(default="", description="The provider's id of it, by which receipts will name it.")
    also: tuple[str, ...] = Field(
        default=(), description="Its ids of the others, where it became several messages; each leads to the article."
    )
    detail: str = Field(default="", description="The provider's words, for the record.")


class Parsed(Record):
    """The envelopes of one raw message, and the bytes of their attachments by sha256.

    A vendor also tells of what is for nobody here; `nothing` says then what that was, and there are no envelopes.
    """

    envelopes: tuple[Envelope, ...] = ()
    nothing: str = ""
    remark: str = Field(default="", description="What whoever reads a recorded message should know of it.")
    files: Mapping[str, bytes] = Field(default_factory=dict)


class Fetched(Record):
    """A file was fetched; what the vendor says of it, where that is more than the message said. Made safe later."""

    name: str = ""
    media_type: str = ""


class FileSink(Protocol):
    """Takes the bytes of a file that is being fetched, in order."""

    @property
    def largest(self) -> int:
        """How many bytes are taken; whoever knows the size beforehand need not begin with more."""

    async def write(self, content: bytes) -> None:
        """Take some more. Raises TooLarge when it is too much together, and EngineFull when the disk takes no more."""


Fetcher = Callable[[str, str, FileSink], Awaitable[Fetched]]
"""Fetches a file, by account, reference and sink; see `Adapter.fetch`."""

Parser = Callable[[RawMessage], Awaitable[Parsed]]
"""Reads a raw message whose `content` is filled in. Raises Unreadable when nothing can be made of it."""

Sender = Callable[[Outgoing], Awaitable[Sent]]
"""Sends. Raises DeliveryDeferred (nothing was sent), DeliveryFailed (refused for good) or DeliveryUnknown."""

Looker = Callable[[Outgoing], Awaitable[Sent | None]]
"""Says what became of a send that broke off; see `Adapter.look_up`."""
