"""What a channel can do, as data: a part of its card, printed by `trunkline channels` and docs/channels/index.md.

What may be sent (lengths, files, formatting) differs by where an answer goes, so it stands in the facts of the card
(normalizer/sending_limits.py); `ways` names the destinations that differ. All else is here. What a card says is what
the conformance suite tries; a limit without a number here is one of the configuration.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..normalizer.sending_limits import Destination

FileKind = Literal["images", "audio", "video", "stickers", "files"]
Proof = Literal["signature", "token", "login", "origin"]
Gap = Literal["sender", "cursor", "reconciler"]
Receipt = Literal["delivered", "read", "failed"]

ALL_KINDS: tuple[FileKind, ...] = ("images", "audio", "video", "files")


class Part(BaseModel):
    """A part of what is told of a channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Incoming(Part):
    """What customers can do."""

    files: tuple[FileKind, ...] = Field(description="Kinds of files that become files of the message.")
    largest: int | None = Field(default=None, description="Bytes of one file that the vendor takes or gives out.")
    fetched: bool = Field(default=False, description="Files are named only, and fetched after the message was filed.")
    edits: bool = Field(default=False, description="The channel tells that a message was edited.")
    deletes: bool = Field(default=False, description="It tells that one was deleted.")
    reactions: bool = Field(default=False, description="It tells who put which mark below a message.")


class Handing(Part):
    """How messages are handed to us."""

    proof: Proof = Field(
        description="What makes a message the channel's: a signature over its bytes, a token that is sent along, the "
        "login of a connection, or what is proven of its origin (mail)."
    )
    deadline: float | None = Field(default=None, description="Seconds in which the other end wants our answer.")
    retries: str = Field(description="What it does while we are away, in words.")
    gap: tuple[Gap, ...] = Field(
        description="What brings back what came while we were away: the sender, who tries again; a cursor, from which "
        "we go on; a reconciler, which lists what there is and takes in what is missing. Empty: nothing."
    )
    ordered: bool = Field(description="Messages have the channel's order, however they are delivered.")


class Answers(Part):
    """What is special about answers, besides their limits."""

    receipts: tuple[Receipt, ...] = Field(default=(), description="What the channel tells of an answer.")
    typing: bool = Field(default=False, description="The customer sees that somebody writes.")
    typing_of: str = Field(default="", description="On which of its ways, where not on all.")
    window: int | None = Field(default=None, description="Seconds for free answers after the customer's last message.")
    window_of: str = Field(default="", description="On which of its ways there is one, where not on all.")
    extended: int | None = Field(default=None, description="Seconds for which a person may answer after that.")
    templates: bool = Field(default=False, description="Messages that the vendor approved go after that too.")


class Capability(BaseModel):
    """What a channel can do."""

    model_config = ConfigDict(frozen=True)

    idempotent_send: bool = Field(description="A repeat of the same send is recognised by the receiver.")
    looks_up: bool = Field(default=False, description="It can be asked whether a send that broke off has arrived.")
    joins: bool = Field(description="A later message can join an open ticket.")
    attachments: bool = Field(description="Files can be sent.")
    receipts: bool = Field(description="The channel reports what became of a message.")
    offer_time: int = Field(description="Seconds an agent has to accept: 30 for chat and calls, 300 otherwise.")
    incoming: Incoming | None = Field(default=None, description="What customers can do.")
    handing: Handing | None = Field(default=None, description="How messages are handed to us.")
    answers: Answers = Field(default=Answers(), description="What is special about answers.")
    ways: Mapping[str, Destination] = Field(
        default_factory=dict,
        description="Ways of the channel that take different answers, by what people call them: {'SMS': …}.",
    )
    page: str = Field(default="", description="Where its page is, from docs/channels; else its name.")
