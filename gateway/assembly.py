"""The composition root: one process's parts, built from the configuration and handed to one another.

Nothing here listens, works or speaks to the engine; services.py chooses what a role runs. Parts are built when they are
first asked for and imported only then, so a role pays for what it uses. What must not be imported across folders is
handed in here: the parsers and senders of the channels, the routes of replies, the ids of outgoing messages.

It is long because it is a list: one property for each part, of a few lines, which says what the part is handed. Parts
are handed to one another in every direction, so a half of the list would need the other half.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ..adapters.card import ChannelParts
from ..config.errors import Conflict
from ..config.quantities import HostPort
from ..config.settings import Settings
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.conversation_log import ConversationLogs
from ..queue.dead_letters import DeadLetters, by_name
from ..queue.feed import Feed
from ..queue.feed_place import FeedPlace
from ..queue.fullness import Fullness
from ..queue.intake import Intake
from ..queue.log_tail import LogTail
from ..queue.recognition import Recognition
from ..queue.safety import Safety
from ..queue.signals import Signals
from ..queue.work import WorkQueue
from ..router.blocked_senders import BlockedSenders
from ..router.bytes_per_message import BytesPerMessage
from ..router.policy import Policy
from ..web.peers import Peers
from .channels import (
    CARDS,
    CurrentRoutes,
    build_channels,
    configured,
    facts,
    offer_seconds,
    pages,
    policy_of,
    read_settings,
)
from .configuration import Configuration
from .engine_latency import EngineLatency
from .hindrances import KeptHindrances
from .intake_gate import IntakeGate, engine_facts
from .open_files import OpenFiles
from .outgoing_mail import alerts, forward_unread, mail_out, proof_mails
from .readiness import Readiness
from .staffing import Staffing
from .workspace_counters import SWEEP_FOUND, WorkspaceCounters

if TYPE_CHECKING:
    from ..adapters.alerts import Alerts
    from ..adapters.code_mails import CodeMails
    from ..adapters.contract import Adapter
    from ..desk.board.board_service import BoardService
    from ..desk.board.feed_counts import FeedCounts
    from ..desk.dead_letters import GivenUp
    from ..normalizer.sending_limits import Destination
    from ..router.absence import Absence
    from ..router.actions import Actions
    from ..router.agents import Agents
    from ..router.cases import Cases
    from ..router.clock_events import ClockEvents
    from ..router.customer_writing import CustomerWriting
    from ..router.delivery import Delivery
    from ..router.erasure.erasing import Erasing
    from ..router.erasure.erasure import Erasure
    from ..router.erasure.ledger import ErasureLedger
    from ..router.file_fetching import FileFetching
    from ..router.filer import Filer
    from ..router.held_replies import HeldReplies
    from ..router.intake_handler import IntakeHandler
    from ..router.kept_configurations import KeptConfigurations
    from ..router.merging import Merging
    from ..router.offers import Offers
    from ..router.reader import Reader
    from ..router.router_events import RouterEvents
    from ..router.rule_runner import RuleRunner
    from ..router.rule_times import RuleTimes
    from ..router.signs_of_life import SignsOfLife
    from ..router.splits import Splits
    from ..router.suspended import SuspendedMessages
    from ..router.ticket_steps import TicketSteps
    from ..web.service import WebService


class Assembly:
    """The parts of one process."""

    def __init__(self, configuration: Configuration, url: str) -> None:
        self.configuration = configuration
        settings, folder = configuration.settings, configuration.folder
        self.engine = Engine(url, configuration.keys, replicas=settings.durability.replicas)
        self.clock = Clock(self.engine)
        self.blobs = Blobs(folder.blobs, self.engine)
        self.counters = WorkspaceCounters(self.engine, self.clock)
        self.feed = Feed(self.engine)
        self.recognition = Recognition(self.engine, self.blobs.files)
        self.fullness = Fullness(
            self.engine,
            folder.root,
            memory_mark=settings.engine.memory_mark,
            disk_mark=settings.engine.disk_mark,
            bytes_per_message=BytesPerMessage(self.engine),
        )
        self.gate = IntakeGate(self.engine, self.fullness)
        self.safety = Safety(self.engine, relaxed=settings.durability.mode == "relaxed", report=self.gate.report)
        self.intake = Intake(
            self.engine,
            self.clock,
            self.blobs,
            gate=self.gate.check,
            count=lambda channel, outcome: self.counters.add(f"intake:{channel}:{outcome}"),
        )
        self.logs = ConversationLogs(self.engine, self.clock)
        self.log_tail = LogTail(self.engine)
        self.signals = Signals(self.engine)
        self.peers = Peers(str(network) for network in settings.listen.trusted_proxies)
        self.open_files = OpenFiles()
        self.web: WebService | None = None
        self.latency = EngineLatency(self.clock)
        self.readiness = Readiness(self.engine, self.gate, self.clock, KeptHindrances(self.engine, self.clock).list)
        self._policy: Policy | None = None
        self._warming: asyncio.Task[None] | None = None

    @property
    def settings(self) -> Settings:
        """The settings that were started with; those in force are the policy's."""
        return self.configuration.settings

    def policy(self) -> Policy:
        """What is in force."""
        if self._policy is None:
            self._policy = policy_of(self.settings)
        return self._policy

    def put_in_force(self, policy: Policy) -> None:
        """Swap the policy as a whole, also for the channels; decisions under way end with the one they began with."""
        self._policy = policy
        built: Mapping[str, Adapter] = self.__dict__.get("channels", {})
        for name, adapter in built.items():
            adapter.reconfigure(policy.settings.channels[name])

    @property
    def http_address(self) -> HostPort:
        """Where HTTP is served; with the port that was really taken once it is."""
        return HostPort(*self.web.address) if self.web is not None else self.settings.listen.http

    @property
    def smtp_address(self) -> HostPort:
        """Where mail is taken, in the same way."""
        listening = (self.channels[card.name] for card, _ in configured(self.settings) if card.role == "smtp")
        address = getattr(next(listening, None), "address", None)
        return address if isinstance(address, HostPort) else self.settings.listen.smtp

    @cached_property
    def channels(self) -> Mapping[str, "Adapter"]:
        """The adapters of all configured channels. Raises Misconfigured."""
        settings = self.settings
        mail = mail_out(settings, lambda: self.channels)
        parts = ChannelParts(
            engine=self.engine,
            clock=self.clock,
            intake=self.intake,
            blobs=self.blobs,
            logs=self.logs,
            log_tail=self.log_tail,
            signals=self.signals,
            peers=self.peers,
            fit=self.open_files.fit,
            secrets=self.configuration.secrets,
            listen=settings.listen,
            attachments=settings.attachments,
            staffed=Staffing(self.agents, self.clock, self.policy),
            mail_out=mail,
            forward=forward_unread(lambda: self.actions) if mail is not None else None,
            own_fields=lambda: self.policy().settings.own_fields,
            plain_page=next((page.path for page in pages(settings) if not page.scripts), ""),
        )
        return build_channels(settings, parts)

    @cached_property
    def proof_mails(self) -> "CodeMails":
        """The handler of the queue of codes that prove an address."""
        return proof_mails(self.engine, self.clock, mail_out(self.settings, lambda: self.channels))

    def outgoing_id(self, channel: str, article: str, account: str) -> str:
        """Our id of an outgoing article on its channel. Raises Conflict when the channel is not configured."""
        if channel not in self.channels:
            raise Conflict(f"the channel {channel}, which carries the replies, is not configured any more")
        return self.channels[channel].outgoing_id(article, account)

    def typing(self, channel: str, to: "Destination") -> None:
        """An agent writes an answer that goes there."""
        if channel in self.channels:
            self.channels[channel].typing(to)

    async def hindrance(self, channel: str, to: "Destination") -> str:
        """Why no answer that goes there arrives, as far as the channel knows. Raises EngineUnavailable."""
        return await self.channels[channel].hindrance(to) if channel in self.channels else ""

    async def close_channels(self) -> None:
        """End what the adapters hold, listening or not: connections to other servers, processes that read mails."""
        if self._warming is not None:
            self._warming.cancel()
            with suppress(asyncio.CancelledError):
                await self._warming
        for adapter in self.__dict__.get("channels", {}).values():
            await adapter.stop()
        if "alerts" in self.__dict__:
            await self.alerts.close()

    async def register_agents(self) -> None:
        """Keep what is in force by its version, publish its agents and capacities, bring home what has lost its queue,
        fill the room, and have clocks reckoned anew where calendars or promises have changed.

        Room is filled here, before the first sweep could find it.
        """
        policy = self.policy()
        await self.configurations.keep(policy.settings, self.clock.now())
        await self.agents.register(policy, self.clock.now())
        await self.absence.after_reload()
        for agent in policy.settings.agents:
            await self.offers.fill(agent)
        await self.clock_events.announce()

    async def begin_to_warm_up(self) -> None:
        """Load what the first message would have to wait for, beside everything else."""
        self._warming = asyncio.create_task(self._warm_up())

    async def _warm_up(self) -> None:
        from ..normalizer.language import detect

        await asyncio.to_thread(detect, "the first text takes longest, so it is not a real one")
        for adapter in self.channels.values():
            await adapter.warm_up()

    async def sweep_offers(self) -> None:
        """Look for tickets that wait although somebody could have them, and count them: there should be none."""
        self.counters.add(SWEEP_FOUND, await self.offers.sweep())

    async def close_solved(self) -> None:
        """Close what has been solved for as long as its queue says."""
        from ..router.closing import Closing

        await Closing(self.engine, self.clock, policy=self.policy).run_once()

    @cached_property
    def configurations(self) -> "KeptConfigurations":
        """The configurations that were in force."""
        from ..router.kept_configurations import KeptConfigurations

        return KeptConfigurations(self.engine, read_settings)

    @cached_property
    def filer(self) -> "Filer":
        """Puts envelopes into tickets."""
        from ..router.filer import Filer

        return Filer(
            self.engine,
            self.clock,
            self.blobs,
            policy=self.policy,
            routes=CurrentRoutes(self.policy),
            outgoing_id=self.outgoing_id,
        )

    @cached_property
    def intake_handler(self) -> "IntakeHandler":
        """The handler of the intake queue."""
        from ..router.intake_handler import IntakeHandler

        parsers = {name: adapter.parse for name, adapter in self.channels.items()}
        return IntakeHandler(self.engine, self.clock, self.blobs, self.filer, parsers=parsers)

    @cached_property
    def offers(self) -> "Offers":
        """Who is offered what."""
        from ..router.offers import Offers

        return Offers(self.engine, self.clock)

    @cached_property
    def absence(self) -> "Absence":
        """What follows when agents go."""
        from ..router.absence import Absence

        senders = {name: adapter.send for name, adapter in self.channels.items()}
        return Absence(self.engine, self.clock, policy=self.policy, senders=senders)

    @cached_property
    def signs(self) -> "SignsOfLife":
        """Who is still there."""
        from ..router.signs_of_life import SignsOfLife

        return SignsOfLife(self.engine, self.clock, policy=self.policy)

    @cached_property
    def router_events(self) -> "RouterEvents":
        """The handler of the offers queue."""
        from ..router import absence, shifts, signs_of_life
        from ..router.router_events import RouterEvents

        shift_ends = shifts.Shifts(self.engine, self.clock, policy=self.policy)
        others = (
            (self.absence.handle, absence.EVENTS),
            (self.signs.handle, signs_of_life.EVENTS),
            (shift_ends.handle, shifts.EVENTS),
        )
        return RouterEvents(self.offers.handle, others)

    @cached_property
    def alerts(self) -> "Alerts":
        """The handler of the queue of alerts."""
        return alerts(self.engine, self.clock, self.policy, self.configuration.secrets, self.channels)

    @cached_property
    def clock_events(self) -> "ClockEvents":
        """The handler of the queue of clocks."""
        from ..router.clock_events import ClockEvents

        return ClockEvents(self.engine, self.clock, policy=self.policy)

    @cached_property
    def delivery(self) -> "Delivery":
        """The handler of the outbox."""
        from ..router.delivery import Delivery

        return Delivery(
            self.engine,
            self.clock,
            senders={name: adapter.send for name, adapter in self.channels.items()},
            repeatable={name for name, card in CARDS.items() if card.capability.idempotent_send},
            lookers={name: adapter.look_up for name, adapter in self.channels.items() if adapter.looks_up},
            channels=facts(self.settings),
        )

    @cached_property
    def file_fetching(self) -> "FileFetching":
        """The handler of the queue of files to fetch."""
        from ..router.file_fetching import FileFetching

        return FileFetching(
            self.engine,
            self.clock,
            self.blobs,
            fetchers={name: adapter.fetch for name, adapter in self.channels.items()},
            largest=lambda: self.policy().settings.attachments.fetched,
            gate=self.gate.check,
        )

    @cached_property
    def actions(self) -> "Actions":
        """What every face calls."""
        from ..router.actions import Actions

        return Actions(
            self.engine,
            self.clock,
            self.filer,
            policy=self.policy,
            outgoing_id=self.outgoing_id,
            routes=CurrentRoutes(self.policy),
            files=self.blobs,
        )

    @cached_property
    def ticket_steps(self) -> "TicketSteps":
        """What triggers and macros do."""
        from ..router.ticket_steps import TicketSteps

        return TicketSteps(self.actions, self.reader, self.clock, self.policy)

    @cached_property
    def rule_runner(self) -> "RuleRunner":
        """The handler of the queue of triggers."""
        from ..router.automatic_reply import AutomaticReplies
        from ..router.rule_runner import RuleRunner

        return RuleRunner(
            self.engine,
            self.clock,
            policy=self.policy,
            steps=self.ticket_steps,
            reader=self.reader,
            replies=AutomaticReplies(self.engine, self.clock, policy=self.policy, outgoing_id=self.outgoing_id),
        )

    @cached_property
    def rule_times(self) -> "RuleTimes":
        """What brings triggers their events and times."""
        from ..router.rule_times import RuleTimes

        return RuleTimes(self.engine, self.clock, self.policy, self.reader)

    @cached_property
    def writing(self) -> "CustomerWriting":
        """What is written into the records of customers."""
        from ..router.customer_writing import CustomerWriting

        return CustomerWriting(self.engine, self.clock)

    @cached_property
    def merging(self) -> "Merging":
        """What people decide about customers."""
        from ..router.merging import Merging

        return Merging(self.engine, self.clock)

    @cached_property
    def cases(self) -> "Cases":
        """What people decide about tickets that are one case."""
        from ..router.cases import Cases

        return Cases(self.engine, self.clock)

    @cached_property
    def erasure(self) -> "Erasure":
        """People who are erased: what would go, and the orders."""
        from ..router.erasure.erasure import Erasure

        return Erasure(self.engine, self.clock)

    @cached_property
    def erasure_ledger(self) -> "ErasureLedger":
        """Who was erased, beside the engine."""
        from ..router.erasure.ledger import ErasureLedger

        return ErasureLedger(self.engine, self.configuration.erasure_ledger)

    async def erase_again(self) -> None:
        """Erase whom a restored backup has brought back. Raises EngineUnavailable, Misconfigured."""
        from ..router.erasure.repetition import Repetition

        repetition = Repetition(self.engine, self.erasure_ledger)
        if due := await repetition.due():
            await repetition.run(due, self.erasure, self.erasing, self.intake_handler.senders)

    @cached_property
    def erasing(self) -> "Erasing":
        """The handler of the queue of erasures."""
        from ..desk.stores.idempotency_store import EngineIdempotencyStore
        from ..router.erasure.erasing import Erasing
        from ..router.erasure.waiting_messages import WaitingMessages
        from ..router.original_writers import addresses_of_agents
        from ..router.proof_requests import ProofStore
        from ..router.waiting_alerts import WaitingAlerts

        waiting = WaitingMessages(self.engine, self.clock, self.blobs, self.queues.values(), self.held_replies)
        channels = (adapter.forget for adapter in self.channels.values())
        stores = (EngineIdempotencyStore(self.engine, self.clock), BlockedSenders(self.engine, self.clock))
        forgetful = (*stores, ProofStore(self.engine), self.held_replies)
        forget = (*(each.forget for each in forgetful), *channels)
        return Erasing(
            *(self.engine, self.clock, self.blobs, waiting, self.erasure_ledger, forget),
            alerts=WaitingAlerts(self.engine).forget,
            colleagues=lambda: addresses_of_agents(self.policy().settings),
        )

    @cached_property
    def splits(self) -> "Splits":
        """How articles become tickets of their own."""
        from ..router.splits import Splits

        return Splits(self.engine, self.clock, self.policy)

    @cached_property
    def held_replies(self) -> "HeldReplies":
        """Replies that can still be taken back; the handler of the queue of them."""
        from ..router.held_replies import HeldReplies

        return HeldReplies(self.engine, self.clock, self.actions)

    @cached_property
    def reader(self) -> "Reader":
        """What every face shows."""
        from ..router.reader import Reader

        return Reader(self.engine, self.blobs)

    @cached_property
    def agents(self) -> "Agents":
        """The agents as the engine knows them."""
        from ..router.agents import Agents

        return Agents(self.engine, offer_seconds=offer_seconds())

    @cached_property
    def board(self) -> "BoardService":
        """The live board."""
        from ..desk.board.board_query import BoardQuery
        from ..desk.board.board_service import BoardService

        facts = partial(engine_facts, self.clock, self.gate)
        query = BoardQuery(self.engine, self.dead_letters)
        return BoardService(query, self.feed_counts, self.clock, policy=self.policy, facts=facts)

    @cached_property
    def feed_counts(self) -> "FeedCounts":
        """What the board counts in the feed."""
        from ..desk.board.feed_counts import FeedCounts

        return FeedCounts(self.engine, self.clock, self.policy)

    @property
    def followers(self) -> Mapping[str, FeedPlace]:
        """The places of the feed's followers that this gateway runs, by name. A new one is named here."""
        places = (self.counters.follower.place, self.feed_counts.follower.place, self.rule_times.follower.place)
        return by_name(places)

    @cached_property
    def queues(self) -> Mapping[str, WorkQueue]:
        """The durable queues, by name."""
        from ..desk.dead_letters import durable_queues

        return by_name(WorkQueue(self.engine, name) for name in durable_queues(self.policy().channels))

    @cached_property
    def dead_letters(self) -> Mapping[str, DeadLetters]:
        """Those of all queues and followers, by name. Raises Misconfigured when two have one name."""
        return by_name([*self.queues.values(), *self.followers.values()])

    @cached_property
    def given_up(self) -> "GivenUp":
        """What administrators see of them and decide."""
        from ..desk.dead_letters import GivenUp

        return GivenUp(self.dead_letters, self.blobs, self.policy().channels, self.clock)

    @cached_property
    def suspended(self) -> "SuspendedMessages":
        """Messages that wait for a person."""
        from ..router.suspended import SuspendedMessages

        return SuspendedMessages(self.engine)
