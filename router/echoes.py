"""Answers of ours that were written elsewhere, in a vendor's own inbox for instance, and that the channel tells of.

Such an envelope has the direction `out`. It joins the ticket of its conversation as an answer that has been sent: what
was owed is answered by it, unless a machine wrote it (`automation`), and it moves no status. Where the conversation has
no ticket there is nothing to join, and it is passed over.

A channel may tell in the same way of what we sent ourselves. That is known by the channel's id of it; before that is
known here, by its words in an answer that leaves just now, whose fate it then settles: it was sent.
"""

from collections.abc import AsyncIterator, Sequence

import structlog

from ..config.errors import NotFound
from ..normalizer.envelope import DeliveryState, Envelope
from ..queue.clock import Clock
from ..queue.connection import Engine
from .articles import ArticleDelivery
from .replies import Replies
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys
from .ticket_requests import Writing

LOOKED_AT = 20  # of the newest articles of a ticket
JUST_NOW_MS = 600_000

_LEAVING: Sequence[DeliveryState] = ("queued", "sending", "sent", "unknown")
_UNCERTAIN: Sequence[DeliveryState] = ("unknown",)

log = structlog.get_logger()


class Echoes:
    """Joins answers that were written elsewhere to the tickets of their conversations."""

    def __init__(self, engine: Engine, clock: Clock, replies: Replies) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)
        self._replies = replies
        self._delivery = ArticleDelivery(engine, clock)

    async def join(self, envelope: Envelope) -> bool:
        """Add it to its ticket, once however often it comes; False when there is none. Raises EngineUnavailable."""
        sent = f"sent:{envelope.channel}:{envelope.external_id}"
        if await self._engine.call("HGET", self._keys.threads, sent):
            return True
        stored = await self._ticket(envelope)
        if stored is None:
            log.info("an answer elsewhere is in no ticket", action="echo_alone", channel=envelope.channel)
            return False
        async for article in self._leaving(stored.record.id):
            if _says(article, envelope):
                await self._was_sent(article, envelope)
                return True
        await self._replies.written_elsewhere(stored, _writing(envelope), envelope)
        return True

    async def _ticket(self, envelope: Envelope) -> StoredTicket | None:
        for key in envelope.conversation:
            if found := await self._engine.call("HGET", self._keys.threads, key):
                try:
                    return await load_ticket(self._engine, found.decode())
                except NotFound:
                    continue
        return None

    async def _leaving(self, ticket: str) -> AsyncIterator[StoredArticle]:
        """Our answers of the last minutes, the newest first."""
        members = await self._engine.call("ZREVRANGE", self._keys.articles(ticket), 0, LOOKED_AT - 1)
        since = self._clock.now() - JUST_NOW_MS
        for member in members:
            stored = StoredArticle.from_flat(
                await self._engine.call("HGETALL", self._keys.article(member[-36:].decode()))
            )
            delivery = stored.record.delivery
            if stored.work.outgoing is not None and delivery is not None and delivery.at >= since:
                yield stored

    async def _was_sent(self, article: StoredArticle, envelope: Envelope) -> None:
        await self._delivery.settle(
            article.record.id,
            "sent",
            "the channel shows it",
            came_from=_UNCERTAIN,
            actor=envelope.channel,
            reference=envelope.external_id,
        )


def _says(article: StoredArticle, envelope: Envelope) -> bool:
    """Whether the envelope may be the article or a part of it: the same words, or a file of one that has files."""
    record, facts = article.record, article.work.outgoing
    if facts is None or facts.account != envelope.account or record.channel != envelope.channel:
        return False
    if record.external_id == envelope.external_id or record.delivery is None or record.delivery.state not in _LEAVING:
        return False
    words = " ".join(envelope.text.split())
    if not words:
        return bool(record.attachments and envelope.attachments)
    return words in " ".join(record.text.split())


def _writing(envelope: Envelope) -> Writing:
    return Writing(
        text=envelope.text,
        actor=envelope.channel,
        attachments=envelope.attachments,
        key=f"{envelope.channel}:{envelope.account}:{envelope.external_id}",
    )
