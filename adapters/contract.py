"""What a channel must offer: the contract that every adapter keeps and the conformance tests try.

An adapter verifies and stores before it answers (`intake.accept`), parses later as a pure function, and sends what the
outbox hands it. It knows `queue`, `web` and `normalizer`, never tickets or agents. Vendor types stay inside it.

    verify     is the sender who the channel says? Forged → 401, stored nothing
    accept     raw bytes and transport facts, durable, under the channel's own id; only then 250/2xx
    parse      raw → envelopes; pure: the same bytes, the same envelopes; Unreadable sets the message aside whole
    send       Outgoing → Sent, or DeliveryDeferred / DeliveryFailed / DeliveryUnknown
    start/stop services: both idempotent; start returns when ready, stop waits for what is under way
"""

from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from ..normalizer.envelope import RawMessage
from ..normalizer.outgoing import Outgoing, Parsed, Sent


class Capability(BaseModel):
    """What a channel can do; the published capability card is made from it."""

    model_config = ConfigDict(frozen=True)

    idempotent_send: bool = Field(description="A repeat of the same send is recognised by the receiver.")
    joins: bool = Field(description="A later message can join an open ticket.")
    attachments: bool = Field(description="Files can be sent.")
    receipts: bool = Field(description="The channel reports what became of a message.")
    offer_time: int = Field(description="Seconds an agent has to accept: 30 for chat and calls, 300 otherwise.")


class Adapter(Protocol):
    """One channel, both directions."""

    channel: str
    capability: Capability

    def outgoing_id(self, article_id: str, account: str) -> str:
        """Our id of an outgoing article on the channel, known before it is sent."""

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Hand a message to the channel; raises DeliveryDeferred, DeliveryFailed, DeliveryUnknown."""

    async def start(self) -> None:
        """Begin to serve; returns when ready. Idempotent."""

    async def stop(self) -> None:
        """Stop taking new work and wait for what is under way. Idempotent."""
