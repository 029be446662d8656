"""A whole desk on a real engine, with a clock that the test holds, for the tests of the router."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import DeliveryFailed, Temporary
from trunkline.config.settings import Settings
from trunkline.gateway.channels import policy_of
from trunkline.normalizer.envelope import (
    Assurance,
    Attachment,
    DeliveryState,
    Envelope,
    Identity,
    Language,
    Original,
    OriginProof,
    RawMessage,
    Reaction,
    ReplyToken,
    Sender,
    envelope_id,
)
from trunkline.normalizer.envelope import Delivery as Receipt
from trunkline.normalizer.outgoing import Outgoing, Parsed, Sent
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.feed import Feed, FeedLine
from trunkline.queue.intake import Accepted, Intake
from trunkline.queue.keys import Keys
from trunkline.queue.worker import Worker
from trunkline.router import absence, shifts, signs_of_life
from trunkline.router.absence import Absence
from trunkline.router.actions import Actions
from trunkline.router.agents import Agents
from trunkline.router.clock_events import ClockEvents
from trunkline.router.delivery import Delivery
from trunkline.router.filer import Filer
from trunkline.router.held_replies import HeldReplies
from trunkline.router.intake_handler import IntakeHandler
from trunkline.router.offers import Offers
from trunkline.router.reader import Reader, TicketFilter
from trunkline.router.records import Ticket
from trunkline.router.reply_route import Route
from trunkline.router.router_events import RouterEvents
from trunkline.router.signs_of_life import SignsOfLife

from ..recount import HASHES, SETS, Kept, complaints

if TYPE_CHECKING:
    from .mail_desk import MailDesk

SETTINGS: dict[str, Any] = {
    "queues": {"support": {"fallback": True}, "billing": {}},
    "agents": {
        "ada": {"name": "Ada", "queues": ["support"], "languages": ["en"], "capacity": 5},
        "boris": {"name": "Boris", "queues": ["support"], "languages": ["en", "ru"], "capacity": 5},
        "carla": {"name": "Carla", "queues": ["billing"], "languages": ["en", "es"], "capacity": 5},
    },
    "customer_fields": {
        "plan": {"label": "Plan", "type": "choice", "options": ["free", "pro"]},
        "seats": {"type": "number"},
    },
    "ticket_fields": {"order": {"label": "Order number"}, "parts": {"type": "choices", "options": ["lamp", "cable"]}},
    "senders": {"messages_per_hour": 100_000},
    "rules": [{"name": "refunds", "when": {"keywords": ["refund"]}, "then": {"queue": "billing"}}],
}


def outgoing_id(channel: str, article: str, account: str) -> str:
    """Ids in the manner of mail, or of chat."""
    return article if channel == "chat" else f"{article}@{account.rpartition('@')[2] or 'test'}"


def routes(channel: str, account: str) -> Route:
    """Every channel carries its own replies; what is opened by hand is answered on the channel of the test,
    and what we send of our own accord goes by mail.
    """
    if not channel:
        return Route(channel="mail", account=account, writes_to="email")
    return Route(channel="test" if channel == "api" else channel, account=account)


class Desk:
    """Everything between intake and outbox, with a channel `test` whose messages are written in JSON."""

    def __init__(
        self, engine: Engine, folder: Path, settings: Mapping[str, Any], clock: ManualClock | None = None
    ) -> None:
        self.engine = engine
        self.clock = clock or ManualClock()
        self.blobs = Blobs(folder, engine)
        self.intake = Intake(engine, self.clock, self.blobs)
        self.sent: list[Outgoing] = []
        self.refuses = False
        self._numbers = itertools.count(1)
        self.configure(settings)
        self.filer = Filer(
            engine,
            self.clock,
            self.blobs,
            policy=lambda: self.policy,
            routes=routes,
            outgoing_id=outgoing_id,
        )
        self.intake_handler = IntakeHandler(
            engine, self.clock, self.blobs, self.filer, parsers=dict.fromkeys(("test", "mail", "chat"), self.parse)
        )
        self.offers = Offers(engine, self.clock)
        self.delivery = Delivery(
            engine, self.clock, senders=dict.fromkeys(("test", "mail", "chat"), self.send), repeatable=set[str]()
        )
        self.actions = Actions(
            engine,
            self.clock,
            self.filer,
            policy=lambda: self.policy,
            outgoing_id=outgoing_id,
            routes=routes,
            files=self.blobs,
        )
        self.clock_events = ClockEvents(engine, self.clock, policy=lambda: self.policy)
        self.held = HeldReplies(engine, self.clock, self.actions)
        self.reader = Reader(engine, self.blobs)
        self.agents = Agents(engine)
        self.feed = Feed(engine)
        self.filers = Worker(self.intake.queue, self.clock, self.intake_handler.handle)
        self.absence = Absence(
            engine, self.clock, policy=lambda: self.policy, senders={"chat": self.send, "test": self.send}
        )
        self.signs = SignsOfLife(engine, self.clock, policy=lambda: self.policy)
        turns = shifts.Shifts(engine, self.clock, policy=lambda: self.policy)
        others = (
            (self.absence.handle, absence.EVENTS),
            (self.signs.handle, signs_of_life.EVENTS),
            (turns.handle, shifts.EVENTS),
        )
        self.router_events = RouterEvents(self.offers.handle, others)
        self.routers = Worker(self.offers._keys.offers, self.clock, self.router_events.handle)
        self.timers = Worker(self.clock_events.queue, self.clock, self.clock_events.handle)
        self.holders = Worker(self.held.queue, self.clock, self.held.handle)
        self.senders = Worker(self.offers._keys.outbox, self.clock, self.delivery.handle)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Put a configuration in force."""
        parsed = Settings.model_validate(dict(settings))
        self.policy = policy_of(parsed)

    async def start(self) -> None:
        """Make the agents known."""
        await self.agents.register(self.policy, self.clock.now())
        await self.absence.after_reload()

    async def write(
        self,
        text: str = "hello",
        *,
        sender: str = "maria@example.org",
        assurance: int = 2,
        conversation: str = "",
        channel: str = "test",
        external_id: str = "",
        lane: str = "",
        **facts: Any,
    ) -> Accepted:
        """A customer writes."""
        external_id = external_id or f"m{next(self._numbers)}"
        transport = {"text": text, "sender": sender, "assurance": assurance, "conversation": conversation} | facts
        return await self.intake.accept(
            channel=channel,
            account=facts.get("account", "desk"),
            external_id=external_id,
            kind="message",
            lane=lane or conversation or sender,
            content=text.encode(),
            transport=transport,
            dedup=facts.get("dedup"),
        )

    async def parse(self, raw: RawMessage) -> Parsed:
        """The parser of the channel: the facts of the transport are the message."""
        facts = raw.transport
        if facts.get("nothing"):
            return Parsed(nothing=facts["nothing"])
        identity = Identity(
            kind=facts.get("kind", "email"),
            value=facts["sender"],
            assurance=Assurance(facts["assurance"]),
            evidence="test",
        )
        others = [Identity(**each) for each in facts.get("others", ())]
        conversation = (facts["conversation"],) if facts["conversation"] else ()
        envelope = Envelope(
            id=envelope_id(raw.id, 0),
            channel=raw.channel,
            account=raw.account,
            external_id=raw.external_id,
            order=facts.get("order") or f"{raw.sequence:016d}",
            conversation=conversation,
            announces=tuple(facts.get("announces", conversation)),
            sender=Sender(
                identities=(identity, *others) if facts["sender"] else (),
                name=facts.get("name", ""),
                signed_in=facts.get("signed_in", False),
            ),
            reply_to=facts.get("reply_to", ""),
            kind=facts.get("message_kind", "message"),
            recipients=tuple(facts.get("recipients", ())),
            copied=tuple(facts.get("copied", {})),
            copied_names=facts.get("copied", {}),
            subject=facts.get("subject", ""),
            text=facts["text"],
            quoted=facts.get("quoted", ""),
            attachments=tuple(Attachment(**each) for each in facts.get("attachments", ())),
            originals=tuple(Original(**each) for each in facts.get("originals", ())),
            in_reply_to=facts.get("in_reply_to", ""),
            amends=facts.get("amends", ""),
            reaction=Reaction.model_validate(facts["reaction"]) if "reaction" in facts else None,
            direction=facts.get("direction", "in"),
            sent_at=facts.get("sent_at"),
            language=Language(code=facts.get("language", "unknown")),
            received_at=raw.received_at,
            automation=facts.get("automation", "none"),
            reply_token=ReplyToken.model_validate(facts["token"]) if "token" in facts else None,
            suspend=facts.get("suspend", ""),
            reply_by=facts.get("reply_by"),
            fields=facts.get("fields", {}),
            ext=facts.get("ext", {}),
            origin=OriginProof.model_validate(facts["origin"]) if "origin" in facts else None,
            raw_id=raw.id,
        )
        return Parsed(
            envelopes=tuple(self._receipts(envelope, facts["receipts"])) if "receipts" in facts else (envelope,)
        )

    @staticmethod
    def _receipts(envelope: Envelope, told: Mapping[str, DeliveryState]) -> Iterator[Envelope]:
        for place, (reference, state) in enumerate(told.items()):
            receipt = {"kind": "delivery", "delivery": Receipt(state=state, reference=reference)}
            yield envelope.model_copy(update={"id": envelope_id(envelope.raw_id, place), **receipt})

    async def send(self, outgoing: Outgoing) -> Sent:
        """The channel's way out."""
        if self.refuses:
            raise DeliveryFailed("550 no such user")
        self.sent.append(outgoing)
        return Sent(reference=outgoing.external_id)

    async def settle(self) -> None:
        """Work everything off that is ready."""
        workers = (self.filers, self.routers, self.timers, self.holders, self.senders)
        while sum([await worker.run_once() for worker in workers]):
            pass

    async def handle_early(self, milliseconds: int) -> int:
        """A process with a clock so far ahead finds router events due, and ours acts on them; returns how many."""
        queue = self.routers.queue
        batch = await queue.claim(self.clock.now() + milliseconds, lanes=9)
        entries = [entry for lane in batch.lanes for entry in lane]
        for entry in entries:
            if not await self.router_events.handle(entry):
                await queue.finish(entry, self.clock.now())
        return len(entries)

    async def tickets(self, **wanted: Any) -> list[Ticket]:
        """Tickets, the oldest first."""
        page = await self.reader.tickets(TicketFilter(**wanted), limit=500)
        return list(page.items)[::-1]

    async def recounted(self) -> list[str]:
        """What the router chooses from and is not as the tickets and the agents say."""
        keys, tickets = self.offers._keys, {}
        for id_ in [member.rpartition("|")[2] for member in await self._set(keys.index) if member.startswith("all|")]:
            stored = await self._hash(keys.ticket(id_))
            tickets[id_] = {name: json.loads(piece) for name, piece in stored.items()}
        sets = {name: await self._set(getattr(keys, part)[name]) for name, part in SETS.items()}
        hashes = {name: await self._hash(getattr(keys, part)[name]) for name, part in HASHES.items()}
        return complaints(tickets, await self._hash(keys.agents), Kept(**sets, **hashes))

    async def recounted_if_there(self) -> list[str]:
        """The same; nothing where a test has taken the engine away."""
        try:
            return await self.recounted()
        except Temporary:
            return []

    async def _hash(self, key: str) -> dict[str, str]:
        flat = [word.decode() for word in await self.engine.call("HGETALL", key)]
        return dict(zip(flat[::2], flat[1::2], strict=True))

    async def _set(self, key: str) -> set[str]:
        return {member.decode() for member in await self.engine.call("ZRANGE", key, 0, -1)}

    async def lines(self) -> list[FeedLine]:
        """The whole feed."""
        return await self.feed.read(0, 10_000)


@pytest.fixture(params=["engine_url", pytest.param("cluster_url", marks=pytest.mark.cluster)])
def desk_url(request: pytest.FixtureRequest) -> str:
    """A single engine, and a cluster-enabled one."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
async def desk(desk_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with two queues and three agents."""
    engine = Engine(desk_url, keys)
    desk = Desk(engine, tmp_path / "blobs", SETTINGS)
    await desk.blobs.start()
    await desk.start()
    yield desk
    different = await desk.recounted_if_there()
    await desk.blobs.stop()
    await engine.close()
    assert different == []


@pytest.fixture
def post(desk: Desk) -> "MailDesk":
    """The same desk with the channel mail."""
    from .mail_desk import MailDesk

    return MailDesk(desk)
