"""Answers of ours that were written elsewhere, in a vendor's own inbox for instance, and that the channel tells of.

Such an envelope has the direction `out`. It joins the ticket of its conversation as an answer that has been sent: what
was owed until it was written is answered by it, unless a machine wrote it (`automation`), and it moves no status. Where
the conversation has no ticket there is nothing to join, and it is passed over.

Where the channel says to whom it went (`written_to`), it is an answer to those alone: one that went to nobody who takes
part in a ticket of the conversation, such as a mail that was passed on, is a note there, and answers nothing. What it
answers may come after it, by another way: where no ticket is found it is looked at again, for `EARLY_MS` at most.

A channel may tell in the same way of what we sent ourselves, each part of an answer in several messages by itself. That
is known by the vendor's id of it. While an answer of the ticket is being sent its ids are not known yet, so what is
told then is looked at again a little later, for `PATIENCE_MS` at most. Where the vendor's answer was lost, what is told
proves that the answer was sent: by its very words, as they were rendered and parted, within `LONGEST_SEND_MS` of the
send, when all parts are shown. Words that are only alike, and files without words, prove nothing.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal

import structlog

from ..config.errors import NotFound
from ..normalizer.envelope import DeliveryState, Envelope
from ..normalizer.rendering import readings_of
from ..normalizer.safe_names import safe_text
from ..normalizer.sending_limits import Destination
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.work import WorkQueue
from .amendments import MOST_WAITING
from .articles import SHOWN, ArticleDelivery
from .policy import CurrentPolicy
from .replies import ELSEWHERE, Replies
from .sent_ids import SentIds, sent_keys
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys
from .ticket_requests import Writing
from .unanswered import unanswered_after

LOOKED_AT = 20  # of the newest articles of a ticket
PATIENCE_MS = 60_000
EARLY_MS = 3_600_000
LONGEST_SEND_MS = 180_000
NAMED = 5  # of those to whom a mail that was passed on went
CLOCKS_APART_MS = 5_000  # by which a vendor's clock may be behind ours

Joined = Literal["joined", "alone", "early", "waits"]
"""It is in its ticket, as an answer of its own or as one that we sent · it is in none · not yet · an answer is being
sent, and it is to be looked at again."""

_OPEN: Collection[DeliveryState] = ("sending", "unknown")
_UNCERTAIN: Sequence[DeliveryState] = ("unknown",)
_FILES = "files"

log = structlog.get_logger()


class Echoes:
    """Joins answers that were written elsewhere to the tickets of their conversations."""

    def __init__(self, engine: Engine, clock: Clock, replies: Replies, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)
        self._replies = replies
        self._intake = WorkQueue(engine, "intake")
        self._delivery = ArticleDelivery(engine, clock)
        self._sent_ids = SentIds(engine)

    async def join(self, envelope: Envelope) -> Joined:
        """Add it to its ticket, once however often it comes. Raises EngineUnavailable."""
        channel, account, id_ = envelope.channel, envelope.account, envelope.external_id
        (key,) = sent_keys(self._policy().channels, channel, account, [id_])
        if article := await self._sent_ids.article(self._policy().channels, channel, account, id_):
            if id_.startswith(article):  # our own id of all of it
                await self._delivery.settle(article, "sent", SHOWN, came_from=_UNCERTAIN, actor=channel)
            return "joined"
        found = await self._tickets(envelope)
        if not found:
            return await self._without_ticket(envelope)
        tickets = [each for each in found if _reaches(envelope, each)]
        if not tickets:
            await self._replies.note(found[0], _note(envelope, key), envelope.sender.name or ELSEWHERE)
            return "joined"
        waits = self._clock.now() - envelope.received_at < PATIENCE_MS
        async for article_ in self._open(tickets, envelope):
            proves = await self._proves(article_, envelope, key)
            if waits and _state(article_) == "sending":
                return "waits"
            if proves:
                return "joined"
        await self._written_elsewhere(tickets[0], envelope, key)
        return "joined"

    async def _without_ticket(self, envelope: Envelope) -> Joined:
        """What it answers may still be filed, unless too much waits for that."""
        age = self._clock.now() - envelope.received_at
        hopes = envelope.written_to is not None and envelope.in_reply_to and age < EARLY_MS
        if hopes and int(await self._engine.call("ZCARD", self._intake.keys["later"])) < MOST_WAITING:
            return "early"
        log.info("an answer elsewhere is in no ticket", action="echo_alone", channel=envelope.channel)
        return "alone"

    async def _tickets(self, envelope: Envelope) -> Sequence[StoredTicket]:
        """Those of its conversations. The first is the one that it joins; one that we sent may be in another."""
        tickets = dict[str, StoredTicket]()
        for key in envelope.conversation:
            if found := await self._engine.call("HGET", self._keys.threads, key):
                with suppress(NotFound):
                    stored = await load_ticket(self._engine, found.decode())
                    tickets.setdefault(stored.record.id, stored)
        return list(tickets.values())

    async def _open(self, tickets: Sequence[StoredTicket], envelope: Envelope) -> AsyncIterator[StoredArticle]:
        """Our answers whose fate is not known, and that were being sent when it was written; the newest first."""
        for ticket in tickets:
            articles = self._keys.articles(ticket.record.id)
            for member in await self._engine.call("ZREVRANGE", articles, 0, LOOKED_AT - 1):
                flat = await self._engine.call("HGETALL", self._keys.article(member[-36:].decode()))
                stored = StoredArticle.from_flat(flat)
                if _may_be(stored, envelope):
                    yield stored

    async def _proves(self, article: StoredArticle, envelope: Envelope, key: str) -> bool:
        """Whether it is a part of the article, which is noted."""
        readings, words = self._readings(article), _compact(envelope.text)
        parts = [str(part) for part, each in enumerate(readings) if words in each]
        if not words or not parts:
            return False
        files, alone = len(article.record.attachments), len(readings) == 1
        below = alone and 0 < files <= len(envelope.attachments)  # a file with the text below it is one message
        needed = len(readings) + bool(files and not below)
        found = await self._delivery.shown(article.record.id, key, parts=parts, needed=needed, actor=envelope.channel)
        return found != "other"

    def _readings(self, article: StoredArticle) -> list[set[str]]:
        """The texts of the messages that it becomes, each in all ways in which the channel may tell them."""
        record, facts = article.record, article.work.outgoing
        assert facts is not None
        to = Destination(account=facts.account, to=record.to, conversation=facts.conversation, mode=facts.mode)
        sends = self._policy().channels[record.channel].sends(to)
        text = record.text.strip()
        if not text:
            return []
        told = readings_of(text, sends.text, sends.dialect, formatted=record.formatted)
        return [{_compact(each) for each in readings} for readings in told]

    async def _written_elsewhere(self, stored: StoredTicket, envelope: Envelope, key: str) -> None:
        told = min(envelope.sent_at or envelope.received_at, self._clock.now())
        unanswered = await unanswered_after(self._engine, stored.record, told)
        await self._replies.written_elsewhere(
            stored, _writing(envelope, key), envelope, sent_as=key, unanswered=unanswered
        )


def _state(article: StoredArticle) -> str:
    return article.record.delivery.state if article.record.delivery else ""


def _may_be(article: StoredArticle, envelope: Envelope) -> bool:
    facts, delivery = article.work.outgoing, article.record.delivery
    if facts is None or delivery is None or delivery.state not in _OPEN:
        return False
    if (article.record.channel, facts.account) != (envelope.channel, envelope.account):
        return False
    told, tried = envelope.sent_at or envelope.received_at, article.work.tried_at or delivery.at
    return tried - CLOCKS_APART_MS <= told <= tried + LONGEST_SEND_MS


def _compact(text: str) -> str:
    return " ".join(safe_text(text).split())


def _reaches(envelope: Envelope, ticket: StoredTicket) -> bool:
    """Whether it went to somebody who takes part in the ticket, or to whom its answers go."""
    if envelope.written_to is None:
        return True
    people = {identity.partition(":")[2] for identity in ticket.work.participants}
    people |= {ticket.work.reply_to.to} if ticket.work.reply_to else set()
    return not people.isdisjoint(envelope.written_to)


def _note(envelope: Envelope, key: str) -> Writing:
    """What went to somebody else."""
    to = envelope.written_to or ()
    more = f" and {len(to) - NAMED} more" if len(to) > NAMED else ""
    people = ", ".join(to[:NAMED]) + more or "nobody who is named"
    text = f"Written {ELSEWHERE} to {people}, not to the customer:\n\n{envelope.text}"
    return replace(_writing(envelope, key), text=text)


def _writing(envelope: Envelope, key: str) -> Writing:
    return Writing(
        text=envelope.text,
        actor=envelope.channel,
        attachments=envelope.attachments,
        key=key.removeprefix("sent:"),
    )
