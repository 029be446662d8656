"""Receipts: what a channel reports about something we sent, found again by the provider's id of it.

A provider can report before its answer to our send has been written down, and with it its id. Such a receipt is early:
it is applied again, until nothing of the conversation is being sent, for `WAITS_MS` at most. Of an answer in several
messages the last one tells of arrival and each of failure (part_receipts.lua), however soon they are told of.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Literal

import structlog

from ..normalizer.envelope import Delivery, DeliveryState, Envelope
from ..normalizer.outgoing import LEFT_OUT
from ..queue.clock import Clock
from ..queue.connection import Engine
from .articles import ArticleDelivery
from .policy import CurrentPolicy
from .sent_ids import SentIds
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

LOOKED_AT = 50  # of the newest articles of a ticket
WAITS_MS = 60_000  # for which a receipt is applied again while what it tells of may be on its way
CLOCKS_APART_MS = 2_000  # by which a provider's clock may be behind ours

log = structlog.get_logger()

# A receipt never takes back a later state: a "sent" that arrives after "delivered" changes nothing, and what was read
# has arrived, whatever is reported afterwards.
_MAY_FOLLOW: Mapping[DeliveryState, Sequence[DeliveryState]] = {
    "sent": ("queued", "sending", "sent", "unknown"),
    "delivered": ("queued", "sending", "sent", "unknown"),
    "read": ("queued", "sending", "sent", "delivered", "failed", "unknown"),
    "failed": ("queued", "sending", "sent", "unknown", "delivered"),
}

_ARRIVING: Collection[DeliveryState] = ("sent", "delivered")  # of these it is known that they left, and when


Applied = Literal["noted", "early", ""]
"""*noted*, or nothing to be told of · *early*: what it tells of may be on its way · empty: nothing of ours"""


class Receipts:
    """Applies delivery envelopes to the articles they tell of."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._policy = policy
        self._keys = TicketKeys(engine)
        self._sent_ids = SentIds(engine)
        self._delivery = ArticleDelivery(engine, clock)

    async def apply(self, envelope: Envelope) -> Applied:
        """Set the state of what is meant; nothing of ours is what nobody else can have sent from the account.

        A stale receipt changes nothing.
        """
        receipt = envelope.delivery
        if receipt is None:
            return ""
        if receipt.until is not None:
            return await self._settle_until(envelope, receipt, receipt.until)
        article = await self._article(envelope, receipt.reference)
        if not article:
            return await self._without_article(envelope, receipt)
        if (stored := await self._of_others(article, receipt)) is not None:
            await self._note(stored, receipt, actor=envelope.channel)
            return "noted"
        before = _MAY_FOLLOW.get(receipt.state, ())
        await self._delivery.told(article, receipt, came_from=before, actor=envelope.channel)
        return "noted"

    async def _without_article(self, envelope: Envelope, receipt: Delivery) -> Applied:
        async for stored in self._sent_to(envelope):
            if stored.record.delivery is not None and stored.record.delivery.state == "sending":
                return "early"
        log.info("a receipt names nothing of ours", action="receipt_unknown", channel=envelope.channel)
        return "noted" if receipt.shared else ""

    async def _of_others(self, article: str, receipt: Delivery) -> StoredArticle | None:
        """The article, when the receipt speaks only of people who got a copy: then the answer itself stands."""
        flat = await self._engine.call("HGETALL", self._keys.article(article)) if receipt.recipients else []
        if not flat:
            return None
        stored = StoredArticle.from_flat(flat)
        spoken_of, copies = set(receipt.recipients), {each.address for each in stored.record.copied}
        return stored if spoken_of & copies and stored.record.to not in spoken_of else None

    async def _note(self, stored: StoredArticle, receipt: Delivery, *, actor: str) -> None:
        """Say beside the state of the article whom it did not reach; that a copy arrived is nothing to tell."""
        delivery, copies = stored.record.delivery, {each.address for each in stored.record.copied}
        whom = ", ".join(each for each in receipt.recipients if each in copies)
        if receipt.state != "failed" or delivery is None or f"{LEFT_OUT} {whom}:" in delivery.detail:
            return
        said = receipt.detail.removeprefix(f"{whom}: ") or "it came back"
        detail = "; ".join(filter(None, (delivery.detail, f"{LEFT_OUT} {whom}: {said}")))
        noted: Sequence[DeliveryState] = (delivery.state,)
        await self._delivery.settle(stored.record.id, delivery.state, detail, came_from=noted, actor=actor)

    async def _article(self, envelope: Envelope, reference: str) -> str:
        """The article that is meant; without a reference, the newest answer of the ticket that the receipt came to."""
        threads, token = self._keys.threads, envelope.reply_token
        if reference:
            named = (envelope.channel, envelope.account, reference)
            return await self._sent_ids.article(self._policy().channels, *named)
        ticket = await self._engine.call("HGET", threads, f"number:{token.number}") if token else None
        return await self._newest_answer(ticket.decode(), envelope.channel) if ticket else ""

    async def _newest_answer(self, ticket: str, channel: str) -> str:
        async for stored in self._sent_in(ticket, channel):
            if stored.work.outgoing is not None and not stored.work.outgoing.automatic:
                return stored.record.id
        return ""

    async def _sent_in(self, ticket: str, channel: str) -> AsyncIterator[StoredArticle]:
        """Those of the newest articles that leave by the channel, the newest first."""
        members = await self._engine.call("ZREVRANGE", self._keys.articles(ticket), 0, LOOKED_AT - 1)
        for member in members:
            key = self._keys.article(member[-36:].decode())
            stored = StoredArticle.from_flat(await self._engine.call("HGETALL", key))
            if stored.work.outgoing is not None and stored.record.channel == channel:
                yield stored

    async def _sent_to(self, envelope: Envelope) -> AsyncIterator[StoredArticle]:
        """What was sent from the account in the conversation that a receipt comes from."""
        found = [await self._engine.call("HGET", self._keys.threads, key) for key in envelope.conversation]
        for ticket in dict.fromkeys(each.decode() for each in found if each):
            async for stored in self._sent_in(ticket, envelope.channel):
                if stored.work.outgoing is not None and stored.work.outgoing.account == envelope.account:
                    yield stored

    async def _settle_until(self, envelope: Envelope, receipt: Delivery, until: int) -> Applied:
        """Set the state of all that was sent in the conversation before this moment of the provider's clock."""
        before = [state for state in _MAY_FOLLOW.get(receipt.state, ()) if state in _ARRIVING]
        applied: Applied = "noted"
        async for stored in self._sent_to(envelope):
            delivery, facts = stored.record.delivery, stored.work.outgoing
            if delivery is None or facts is None or (receipt.mode and facts.mode not in ("", receipt.mode)):
                continue
            left = delivery.at - CLOCKS_APART_MS if delivery.state == "sent" else stored.record.created_at
            if delivery.state == "sending" and left <= until:
                applied = "early"
            if delivery.state in before and left <= until:
                await self._delivery.settle(
                    stored.record.id, receipt.state, receipt.detail, came_from=before, actor=envelope.channel
                )
        return applied
