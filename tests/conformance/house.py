"""The house behind a channel under test: intake, filing and outbox on a real engine, by a clock of the test."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from trunkline.adapters.card import Card
from trunkline.config.settings import Settings
from trunkline.gateway.channels import CARDS, facts, policy_of
from trunkline.normalizer.envelope import Assurance, Envelope, Identity, RawMessage, Sender, envelope_id
from trunkline.normalizer.outgoing import Looker, Outgoing, Parsed, Sent
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.intake import Accepted, Intake
from trunkline.queue.worker import Worker
from trunkline.router.actions import Actions
from trunkline.router.agents import Agents
from trunkline.router.delivery import Delivery
from trunkline.router.filer import Filer
from trunkline.router.intake_handler import IntakeHandler
from trunkline.router.offers import Offers
from trunkline.router.reader import Reader, TicketFilter
from trunkline.router.records import Article, Ticket
from trunkline.router.reply_route import Route
from trunkline.router.ticket_requests import Writing

NOW = 1_796_000_060_000
ANSWER = Writing(text="It works again.", agent="ada", actor="ada")
SETTINGS: dict[str, Any] = {
    "queues": {"support": {"fallback": True}},
    "agents": {"ada": {"name": "Ada", "queues": ["support"], "capacity": 500}},
    "acknowledgement": {"enabled": False},
    "senders": {"messages_per_hour": 100_000},
}
ANOTHER = "another"
"""A channel beside the one under test."""


class WaitingIntake(Intake):
    """Intake that counts what it stores, as the one in memory does."""

    entered: asyncio.Event
    raws: list[Accepted]

    async def accept(self, **given: Any) -> Accepted:
        accepted = await super().accept(**given)
        self.raws += [] if accepted.duplicate else [accepted]
        return accepted


class House:
    """With a subject, whose adapter may be another one from one moment to the next."""

    def __init__(self, engine: Engine, folder: Path, subject: Any, card: Card) -> None:
        self.engine, self.subject, self.card = engine, subject, card
        self.clock = ManualClock(NOW)
        self.blobs = Blobs(folder, engine)
        self.intake = WaitingIntake(engine, self.clock, self.blobs)
        self.intake.raws = []
        subject.intake = self.intake
        self._first = ""
        self.apart = False
        """Whether every message after the first is a conversation of its own."""
        self.tried: list[Outgoing] = []
        self.sent_elsewhere: list[Outgoing] = []
        self.before_told: Callable[[], Awaitable[None]] | None = None
        """What happens between the vendor's answer to a send and our writing it down."""
        self._lookers: dict[str, Looker] = {}
        self.policy = policy_of(Settings.model_validate(SETTINGS))
        self.reader = Reader(engine, self.blobs)
        filer = Filer(
            engine,
            self.clock,
            self.blobs,
            policy=lambda: self.policy,
            routes=self._route,
            outgoing_id=self._outgoing_id,
        )
        handler = IntakeHandler(
            engine, self.clock, self.blobs, filer, parsers={card.name: self._parse, ANOTHER: self._parse_another}
        )
        self.actions = Actions(
            engine,
            self.clock,
            filer,
            policy=lambda: self.policy,
            outgoing_id=self._outgoing_id,
            routes=self._route,
            files=self.blobs,
        )
        self.delivery = Delivery(
            engine,
            self.clock,
            senders={card.name: self._send, ANOTHER: self._send_elsewhere},
            repeatable={name for name, each in CARDS.items() if each.capability.idempotent_send},
            lookers=self._lookers,
            channels=facts(),
        )
        offers = Offers(engine, self.clock)
        self.filers = Worker(self.intake.queue, self.clock, handler.handle)
        self.senders = Worker(offers._keys.outbox, self.clock, self.delivery.handle)

    async def taken(self, deliver: Callable[[str, str], Awaitable[str]], identifier: str, text: str) -> None:
        """A message comes in; the far end hands it over again while it hears "later", as on a busy machine."""
        while (answer := await deliver(identifier, text)) == "later":
            pass
        assert answer == "taken"

    async def start(self) -> None:
        """Everything but the adapter."""
        await self.subject.open()
        if self.subject.adapter.looks_up:
            self._lookers[self.card.name] = self._look_up
        await self.blobs.start()
        await Agents(self.engine).register(self.policy, self.clock.now())

    async def stop(self) -> None:
        await self.subject.close()
        await self.blobs.stop()

    async def settle(self, passing: int = 0, times: int = 1) -> None:
        """Work off what is ready, after so many milliseconds, so many times."""
        for _ in range(times):
            self.clock.advance(passing)
            while sum([await worker.run_once() for worker in (self.filers, self.senders)]):
                pass

    async def tickets(self) -> list[Ticket]:
        """The oldest first."""
        page = await self.reader.tickets(TicketFilter(), limit=100)
        return list(page.items)[::-1]

    async def articles(self) -> list[Article]:
        """Those of the only ticket."""
        (ticket,) = await self.tickets()
        return await self.reader.articles(ticket.id)

    async def conversations(self, number: int) -> list[Ticket]:
        """So many tickets."""
        self.apart = True
        await self.subject.adapter.start()
        for each in range(number):
            await self.taken(self.subject.deliver, str(each + 1), "It does not work.")
        await self.settle()
        return await self.tickets()

    async def another_wrote(self) -> None:
        """Somebody wrote on a channel beside this one."""
        await self.intake.accept(
            channel=ANOTHER,
            account="desk",
            external_id="1",
            kind="message",
            lane="1",
            content=b"My lamp is broken.",
            transport={},
        )
        await self.settle()

    async def answer(self, ticket: Ticket) -> str:
        """An agent answers; the id of the article."""
        return await self.actions.reply(ticket.id, ANSWER)

    async def state(self, article: str) -> str:
        """Of an answer."""
        told = (await self.reader.article(article)).delivery
        assert told is not None
        return told.state

    # What the adapter does

    async def _parse(self, raw: RawMessage) -> Parsed:
        parsed: Parsed = await self.subject.adapter.parse(raw)
        self._first = self._first or raw.external_id
        if not self.apart or raw.external_id == self._first:
            return parsed
        return parsed.model_copy(update={"envelopes": tuple(_of_another(each) for each in parsed.envelopes)})

    async def _parse_another(self, raw: RawMessage) -> Parsed:
        maria = Identity(kind="email", value="maria@example.org", assurance=Assurance.CHANNEL, evidence="test")
        envelope = Envelope(
            id=envelope_id(raw.id, 0),
            raw_id=raw.id,
            channel=raw.channel,
            account=raw.account,
            external_id=raw.external_id,
            order="1",
            sender=Sender(identities=(maria,)),
            text=raw.content.decode(),
            received_at=raw.received_at,
        )
        return Parsed(envelopes=(envelope,))

    async def _send(self, outgoing: Outgoing) -> Sent:
        self.tried.append(outgoing)
        sent: Sent = await self.subject.adapter.send(outgoing)
        if self.before_told is not None:
            await self.before_told()
        return sent

    async def _send_elsewhere(self, outgoing: Outgoing) -> Sent:
        self.sent_elsewhere.append(outgoing)
        return Sent()

    async def _look_up(self, outgoing: Outgoing) -> Sent | None:
        found: Sent | None = await self.subject.adapter.look_up(outgoing)
        return found

    def _outgoing_id(self, channel: str, article: str, account: str) -> str:
        return article if channel == ANOTHER else str(self.subject.adapter.outgoing_id(article, account))

    def _route(self, channel: str, account: str) -> Route:
        return Route(channel=channel or ANOTHER, account=account, writes_to=self.card.writes_to if channel else "")


def _of_another(envelope: Envelope) -> Envelope:
    """The same in a conversation of its own."""
    if envelope.kind != "message":
        return envelope
    known = set(envelope.conversation) | set(envelope.announces)
    apart = {each: f"{each}-{envelope.external_id}" for each in known}
    changes = {name: tuple(apart[each] for each in getattr(envelope, name)) for name in ("conversation", "announces")}
    return envelope.model_copy(update=changes)
