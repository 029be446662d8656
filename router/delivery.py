"""Delivery: the outbox worked off, each message sent once.

Before a send its attempt is written down; after it, what came of it. When a worker dies in between, or the answer is
lost on the way, nobody knows whether the message left. On a channel where a repeat is recognised it is sent again; one
that can look messages up is asked, and what has not arrived is sent again; on any other, and where the channel cannot
tell, it becomes `unknown` and a person decides (resend, or mark as sent). A channel that cannot be reached keeps its
messages `queued`, with the cause to be seen, and they are tried again with growing pauses for `KEEP_TRYING_MS`; where
all messages of an account have to wait, they do so together (parking.py). Messages of one ticket leave in order.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog

from ..config.errors import (
    AccountUnavailable,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    Temporary,
    TrunklineError,
)
from ..normalizer.channel_facts import Channels
from ..normalizer.envelope import DeliveryState
from ..normalizer.outgoing import Looker, Outgoing, Sender, Sent
from ..normalizer.rendering import messages_of
from ..normalizer.sending_limits import Destination
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Again, Entry
from ..queue.worker import backoff_ms
from .articles import ArticleDelivery
from .parking import PROBE_MS, Parking, account_key, spread
from .quotations import read_quoted
from .sent_ids import sent_keys
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

log = structlog.get_logger()

KEEP_TRYING_MS = 5 * 86_400_000
BEHIND_MS = 2_000  # until it is looked again whether the message before has left
LOOK_UP_MS = 20_000  # after a send broke off, until the channel is asked whether it arrived
ASK_FOR_MS = 3_600_000  # for which a channel is asked that has no answer now; not counted while its account is parked

UNDER_WAY = "its sending takes long and is still under way"

SENDER_DIED = "the sending process died while it sent; look whether it arrived, then resend or mark as sent"

NOT_ARRIVED = "its sending broke off, and the channel says that it did not arrive; it is sent again"

_SENT = ("external_id", "channel", "to", "copied", "subject", "language", "created_at", "attachments", "formatted")

_BEGIN = Script.beside(__file__, "delivery_begin.lua")


@dataclass(frozen=True)
class _Job:
    """One entry of the outbox."""

    entry: Entry
    article: str
    ticket: str


class Delivery:
    """The handler of the outbox."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        senders: Mapping[str, Sender],
        repeatable: Collection[str],
        lookers: Mapping[str, Looker] | None = None,
        channels: Channels | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._senders = senders
        self._repeatable = repeatable
        self._lookers = lookers or {}
        self._channels = channels or Channels()
        self._keys = TicketKeys(engine)
        self._articles = ArticleDelivery(engine, clock)
        self._under_way = set[int]()
        self.parking = Parking(engine, clock)

    async def handle(self, entry: Entry) -> bool:
        """Send one message; True when the entry was settled with it."""
        names = json.loads(entry.payload)
        job = _Job(entry, names["article"], names["ticket"])
        if entry.sequence in self._under_way:  # this process lost the lease, but is sending it
            return await self._later(job, UNDER_WAY, BEHIND_MS)
        self._under_way.add(entry.sequence)
        try:
            return await self._handle(job)
        finally:
            self._under_way.discard(entry.sequence)

    async def _handle(self, job: _Job) -> bool:
        outgoing = await self.outgoing(job.article, job.ticket)
        if outgoing is None:
            return False
        reply = await self._begin(job, outgoing)
        match reply[0]:
            case b"GO":
                return await self._send(job, outgoing, since=int(reply[1]), told=int(reply[2]))
            case b"PUT_OFF" | b"STALE":
                return True
            case b"NOT_YET":
                return await self._later(job, "an earlier message of the ticket has not left yet", BEHIND_MS)
            case b"UNCERTAIN":
                at, since, asked_since = map(int, reply[1:])
                return await self._look_up(job, outgoing, at=at, since=since, asked_since=asked_since)
        return False

    async def _begin(self, job: _Job, outgoing: Outgoing) -> Sequence[bytes]:
        """As delivery_begin.lua answers."""
        keys: ScriptKeys = {
            "article": self._keys.article(job.article),
            "outbox": self._keys.outgoing,
            "settling": self._keys.outbox.settling,
            "parking": self.parking.keys,
        }
        args: ScriptArguments = {
            **job.entry.arguments,
            "now": self._clock.now(),
            "ticket": job.ticket,
            "harmless": outgoing.channel in self._repeatable,
            "account": account_key(outgoing.channel, outgoing.account),
            "probe": PROBE_MS,
            "longest": KEEP_TRYING_MS,
            "spread": spread(),
        }
        reply: Sequence[bytes] = await self._engine.run(_BEGIN, keys, args)
        return reply

    async def _send(self, job: _Job, outgoing: Outgoing, *, since: int, told: int) -> bool:
        """`told` as `Parking.unpark` has it; negative where the account was not parked."""
        try:
            sent = await self._handed_over(outgoing.model_copy(update={"queued_at": since}))
        except DeliveryUnknown as error:
            if error.account_waits:
                await self.parking.park(outgoing.channel, outgoing.account, job.entry, error, waits=False)
            return await self._broken_off(job, outgoing, error)
        except AccountUnavailable as error:
            put_off = await self._put_off(job, outgoing, since, error)
            await self.parking.park(outgoing.channel, outgoing.account, job.entry, error, waits=put_off)
            return put_off
        except DeliveryDeferred as error:
            put_off = await self._deferred(job, outgoing, since, error)
        except Temporary as error:
            return await self._deferred(job, outgoing, since, error)
        except DeliveryFailed as error:
            put_off = await self._settle(job, "failed", error.detail, known_as=self._arrived(outgoing, error))
        except Exception as error:
            log.exception("a message could not be sent", action="send_failed", article=job.article)
            return await self._settle(job, "unknown", f"an error while it was sent: {type(error).__name__}: {error}")
        else:
            put_off = await self._sent(job, outgoing, sent)
        if told >= 0:
            await self.parking.unpark(outgoing.channel, outgoing.account, told)
        return put_off

    async def _handed_over(self, outgoing: Outgoing) -> Sent:
        sender = self._senders.get(outgoing.channel)
        if sender is None:
            raise DeliveryDeferred(f"no channel {outgoing.channel!r} is configured")
        return await sender(outgoing)

    async def _broken_off(self, job: _Job, outgoing: Outgoing, error: DeliveryUnknown) -> bool:
        """Ask the channel a little later, when it can tell; else a person."""
        cause, known_as = error.detail, self._arrived(outgoing, error)
        if outgoing.channel not in self._lookers:
            return await self._settle(job, "unknown", cause, known_as=known_as)
        await self._articles.settle(
            job.article, "sending", cause, came_from=["sending"], actor="outbox", known_as=known_as
        )
        return await self._later(job, cause, LOOK_UP_MS)

    def _arrived(self, outgoing: Outgoing, error: TrunklineError) -> Sequence[str]:
        """The keys by which those parts are found that have arrived."""
        return sent_keys(self._channels, outgoing.channel, outgoing.account, error.facts.get("arrived", ()))

    async def _look_up(self, job: _Job, outgoing: Outgoing, *, at: int, since: int, asked_since: int) -> bool:
        """What became of a send that began at `at`, or broke off then. Not asked while it may still be under way."""
        if outgoing.channel in self._lookers and (early := at + LOOK_UP_MS - self._clock.now()) > 0:
            return await self._later(job, SENDER_DIED, early)
        try:
            sent = await self._asked(outgoing)
        except Temporary as error:
            if self._clock.now() - asked_since <= ASK_FOR_MS:
                return await self._later(job, error.detail, max(LOOK_UP_MS, backoff_ms(job.entry.attempts)))
            return await self._settle(job, "unknown", error.detail)
        except DeliveryUnknown as error:
            return await self._settle(job, "unknown", error.detail)
        if sent is not None:
            return await self._sent(job, outgoing, sent)
        return await self._not_arrived(job, since)

    async def _not_arrived(self, job: _Job, since: int) -> bool:
        if self._clock.now() - since > KEEP_TRYING_MS:
            return await self._settle(job, "failed", f"given up after five days: {NOT_ARRIVED}")
        await self._articles.settle(
            job.article, "queued", NOT_ARRIVED, came_from=["sending"], actor="outbox", absent=True
        )
        return await self._later(job, NOT_ARRIVED, 0)

    async def _asked(self, outgoing: Outgoing) -> Sent | None:
        """As a `Looker`; raises nothing but Temporary and DeliveryUnknown."""
        looker = self._lookers.get(outgoing.channel)
        if looker is None:
            raise DeliveryUnknown(SENDER_DIED)
        try:
            return await looker(outgoing)
        except (Temporary, DeliveryUnknown):
            raise
        except Exception as error:
            log.exception("a message could not be looked up", action="look_up_failed", article=outgoing.article_id)
            raise DeliveryUnknown(f"an error while it was looked up: {type(error).__name__}") from error

    async def _sent(self, job: _Job, outgoing: Outgoing, sent: Sent) -> bool:
        await self._articles.settle(
            job.article,
            "sent",
            sent.detail,
            came_from=["sending"],
            actor="outbox",
            sequence=job.entry.sequence,
            known_as=sent_keys(
                self._channels,
                outgoing.channel,
                outgoing.account,
                [each for each in (sent.reference, *sent.also) if each != outgoing.external_id],
            ),
        )
        return False

    async def _settle(self, job: _Job, state: DeliveryState, detail: str, *, known_as: Sequence[str] = ()) -> bool:
        await self._articles.settle(
            job.article,
            state,
            detail,
            came_from=["sending"],
            actor="outbox",
            sequence=job.entry.sequence,
            known_as=known_as,
        )
        return False

    async def _deferred(self, job: _Job, outgoing: Outgoing, since: int, error: Temporary) -> bool:
        if not await self._put_off(job, outgoing, since, error):
            return False
        return await self._later(job, error.detail, max(backoff_ms(job.entry.attempts), 1_000 * (error.asked or 0)))

    async def _put_off(self, job: _Job, outgoing: Outgoing, since: int, error: Temporary) -> bool:
        """Whether it is tried again; else it is given up."""
        known_as = self._arrived(outgoing, error)
        if self._clock.now() - since > KEEP_TRYING_MS:
            return await self._settle(job, "failed", f"given up after five days: {error.detail}", known_as=known_as)
        await self._articles.settle(
            job.article, "queued", error.detail, came_from=["sending"], actor="outbox", known_as=known_as
        )
        return True

    async def _later(self, job: _Job, cause: str, pause: int) -> bool:
        due = self._clock.now() + pause
        return await self._wait(job, cause, due, how="wait" if pause == BEHIND_MS else "retry")

    async def _wait(self, job: _Job, cause: str, due: int, how: Again = "wait") -> bool:
        await self._keys.outbox.retry(job.entry, self._clock.now(), due=due, cause=cause, how=how)
        return True

    async def outgoing(self, article_id: str, ticket_id: str) -> Outgoing | None:
        """The message that an article is, as its channel is given it; None when it is gone."""
        flat = await self._engine.call("HGETALL", self._keys.article(article_id))
        number = await self._engine.call("HGET", self._keys.ticket(ticket_id), "number")
        if not flat or number is None:
            return None
        stored = StoredArticle.from_flat(flat)
        article, facts = stored.record, stored.work.outgoing
        if facts is None:
            return None
        outgoing = Outgoing(
            article_id=article_id,
            ticket_id=ticket_id,
            number=json.loads(number),
            text=article.text,
            author=article.author.name if article.author.kind == "agent" else "",
            **{name: getattr(article, name) for name in _SENT},
            quoted=await read_quoted(self._engine, facts.quotes, facts.account),
            **dict(facts),
        )
        return self._as_words(outgoing) if outgoing.formatted else outgoing

    def _as_words(self, outgoing: Outgoing) -> Outgoing:
        """A formatted text in plain words, where the channel shows no other."""
        to = Destination(account=outgoing.account, to=outgoing.to, conversation=outgoing.conversation)
        if self._channels[outgoing.channel].sends(to).dialect != "plain":
            return outgoing
        return outgoing.model_copy(
            update={"text": "".join(messages_of(outgoing.text, formatted=True)), "formatted": False}
        )
