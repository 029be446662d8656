"""Receipts: what a channel reports about something we sent, found again by the provider's id of it."""

from collections.abc import Mapping, Sequence

import structlog

from ..normalizer.envelope import DeliveryState, Envelope
from ..queue.clock import Clock
from ..queue.connection import Engine
from .articles import ArticleDelivery
from .ticket_keys import TicketKeys

log = structlog.get_logger()

# A receipt never takes back a later state: a "sent" that arrives after "delivered" changes nothing, and what was read
# has arrived, whatever is reported afterwards.
_MAY_FOLLOW: Mapping[DeliveryState, Sequence[DeliveryState]] = {
    "sent": ("queued", "sending", "unknown"),
    "delivered": ("queued", "sending", "sent", "unknown"),
    "read": ("queued", "sending", "sent", "delivered", "failed", "unknown"),
    "failed": ("queued", "sending", "sent", "unknown", "delivered"),
}


class Receipts:
    """Applies delivery envelopes to the articles they tell of."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._delivery = ArticleDelivery(engine, clock)

    async def apply(self, envelope: Envelope) -> bool:
        """Set the state of the article; False when nothing of ours is meant. A stale receipt changes nothing."""
        receipt = envelope.delivery
        if receipt is None:
            return False
        found = await self._engine.call("HGET", self._keys.threads, f"sent:{envelope.channel}:{receipt.reference}")
        if found is None:
            log.info("a receipt names nothing of ours", action="receipt_unknown", channel=envelope.channel)
            return False
        before = _MAY_FOLLOW.get(receipt.state, ())
        await self._delivery.settle(
            found.decode(), receipt.state, receipt.detail, came_from=before, actor=envelope.channel
        )
        return True
