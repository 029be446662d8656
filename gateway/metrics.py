"""The numbers of the gateway, for Prometheus.

What belongs to the workspace (intake, tickets, offers, replies, backlog, agents, followers of the feed) is the same
whichever process is asked, and is kept over restarts (workspace_counters.py); what belongs to this process (memory,
processor, mail conversations, latency of the engine as seen from here) is its own. Labels are names of the
configuration and closed lists, so their number is bounded. While the engine is away only the numbers of the process
are shown, and `trunkline_engine_up` is 0.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import prometheus_client
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ..config.errors import Temporary
from ..queue.clock import Clock
from ..queue.feed_place import FeedPlace
from ..queue.fullness import Fullness
from ..queue.work import WorkQueue
from ..router.policy import CurrentPolicy
from .engine_latency import EngineLatency
from .intake_gate import IntakeGate
from .workspace_counters import SWEEP_FOUND, WorkspaceCounters

if TYPE_CHECKING:
    from ..adapters.contract import Adapter
    from ..queue.unread_sources import Unread, UnreadSources
    from ..router.agents import Agents
    from ..router.open_proposals import OpenProposals
    from ..router.parking import Parked, Parking
    from ..router.records import AgentState
    from ..router.suspended import SuspendedMessages

INTAKE_OUTCOMES = ("accepted", "duplicate", "conflict", "refused")
OFFER_OUTCOMES = ("offered", "assigned", "declined", "missed", "withdrawn", "released", "handed_over")
REPLY_STATES = {
    "queued": "message.queued",
    "sent": "message.sent",
    "delivered": "message.delivered",
    "read": "message.read",
    "failed": "message.delivery_failed",
    "unknown": "message.delivery_unknown",
}


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Makes the page of these parts."""

    clock: Clock
    policy: CurrentPolicy
    counters: WorkspaceCounters
    fullness: Fullness
    gate: IntakeGate
    suspended: "SuspendedMessages"
    parking: "Parking"
    sources: "UnreadSources"
    proposals: "OpenProposals"
    agents: "Agents"
    queues: Mapping[str, WorkQueue]
    followers: Mapping[str, FeedPlace]
    channels: "Mapping[str, Adapter]"
    latency: EngineLatency

    @cached_property
    def _own(self) -> CollectorRegistry:
        """What the process is asked for anew each time."""
        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        registry.register(self.latency.histogram)
        return registry

    async def text(self) -> bytes:
        """The whole page."""
        try:
            families = [_gauge("engine_up", "Whether the engine answers.", 1), *await self._workspace()]
        except Temporary:
            families = [_gauge("engine_up", "Whether the engine answers.", 0)]
        shown = CollectorRegistry(auto_describe=False)
        shown.register(_Given([*families, *self._process()]))
        return generate_latest(shown) + generate_latest(self._own) + _of_libraries()

    async def _workspace(self) -> list[Metric]:
        totals = await self.counters.totals()
        backlog, suspended, proposed, agents = await asyncio.gather(
            self.fullness.backlog(),
            self.suspended.count(),
            self.proposals.count(),
            self.agents.all(self.policy().settings),
        )
        counts = {name: await queue.counts() for name, queue in self.queues.items()}
        given_up = {name: await place.dead_count() for name, place in self.followers.items()}
        return [
            _intake(totals, self.channels),
            _counter("filed", "Messages filed into tickets.", totals.get("feed:message.received", 0)),
            _counter("tickets_opened", "Tickets opened.", totals.get("feed:ticket.created", 0)),
            _offers(totals),
            _counter(
                "sweep_found",
                "Tickets that the sweep found waiting although somebody could have had them; expected: 0.",
                totals.get(SWEEP_FOUND, 0),
            ),
            _replies(totals),
            _gauge("backlog", "Messages accepted and not yet filed.", backlog),
            _gauge("suspended", "Messages that wait for a person.", suspended),
            _parked(await self.parking.list()),
            _unread(await self.sources.list()),
            _gauge("proposals_open", "Pairs of records that may be one person's, to be decided.", proposed),
            _people(totals),
            *_work(counts),
            _dead({name: found["dead"] for name, found in counts.items()} | given_up),
            *await _followers(self.followers.values(), self.clock.now()),
            *_agents(agents),
        ]

    def _process(self) -> list[Metric]:
        gate, level = self.gate, self.fullness.level
        return [
            _gauge("intake_open", "Whether this process takes messages in.", int(not gate.reason)),
            _gauge("engine_fullness_ratio", "Memory, backlog included, of its limit.", level.memory / 100),
            _gauge("disk_fullness_ratio", "The data folder's disk.", level.disk / 100),
            *(family for adapter in self.channels.values() for family in adapter.metrics()),
            _counter("clock_steps", "Steps of the engine's clock that were believed.", self.clock.steps),
        ]


class _Given:
    """Families that are made already, as a collector."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _counter(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(f"trunkline_{name}", words, value=value)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"trunkline_{name}", words, value=value)


def _intake(totals: Mapping[str, int], channels: Iterable[str]) -> Metric:
    family = CounterMetricFamily("trunkline_intake", "Messages by what intake said.", labels=["channel", "outcome"])
    for channel in sorted(channels):
        for outcome in INTAKE_OUTCOMES:
            family.add_metric([channel, outcome], totals.get(f"intake:{channel}:{outcome}", 0))
    return family


def _parked(parked: "Iterable[Parked]") -> Metric:
    words = "Messages that wait because their account takes nothing now."
    family = GaugeMetricFamily("trunkline_account_parked", words, labels=["channel", "account", "cause"])
    for each in parked:
        family.add_metric([each.channel, each.account, "credentials" if each.credentials else "channel"], each.waiting)
    return family


def _unread(unread: "Iterable[Unread]") -> Metric:
    words = "Seconds for which a source of messages, such as a mailbox, could not be read."
    family = GaugeMetricFamily("trunkline_source_unread_seconds", words, labels=["channel", "account", "cause"])
    for each in unread:
        cause = "credentials" if each.credentials else "channel"
        family.add_metric([each.channel, each.account, cause], (each.at - each.since) / 1000)
    return family


def _offers(totals: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily("trunkline_offers", "Offers made, and what became of tickets.", labels=["outcome"])
    for outcome in OFFER_OUTCOMES:
        family.add_metric([outcome], totals.get(f"feed:ticket.{outcome}", 0))
    return family


def _people(totals: Mapping[str, int]) -> Metric:
    words = "What was proposed and decided about records that may be one person's."
    family = CounterMetricFamily("trunkline_people", words, labels=["outcome"])
    for outcome in ("proposed", "merged", "kept_apart", "parted"):
        family.add_metric([outcome], totals.get(f"feed:customer.{outcome}", 0))
    return family


def _replies(totals: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily("trunkline_replies", "Outgoing messages by the states they reached.", labels=["state"])
    for state, kind in REPLY_STATES.items():
        family.add_metric([state], totals.get(f"feed:{kind}", 0))
    return family


def _work(counts: Mapping[str, Mapping[str, int]]) -> list[Metric]:
    families = {
        "entries": GaugeMetricFamily("trunkline_queue_entries", "Unfinished entries of a queue.", labels=["queue"]),
        "later": GaugeMetricFamily("trunkline_queue_later", "Entries that wait for their time.", labels=["queue"]),
    }
    for queue, found in counts.items():
        families["entries"].add_metric([queue], found["entries"] - found["dead"])
        families["later"].add_metric([queue], found["later"])
    return list(families.values())


def _dead(counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily("trunkline_dead", "Dead letters, of queues and of followers.", labels=["queue"])
    for name, count in counts.items():
        family.add_metric([name], count)
    return family


async def _followers(places: Iterable[FeedPlace], now: int) -> list[Metric]:
    lines = GaugeMetricFamily("trunkline_follower_lag_lines", "Lines of the feed not taken yet.", labels=["follower"])
    age = GaugeMetricFamily("trunkline_follower_lag_seconds", "The age of the oldest of them.", labels=["follower"])
    for place in places:
        lag = await place.lag()
        lines.add_metric([place.name], lag.lines)
        age.add_metric([place.name], (now - lag.since) / 1000 if lag.since is not None else 0)
    return [lines, age]


def _agents(agents: "Iterable[AgentState]") -> list[Metric]:
    load = GaugeMetricFamily("trunkline_agent_load", "Units of capacity in use, offers included.", labels=["agent"])
    capacity = GaugeMetricFamily("trunkline_agent_capacity", "Units of capacity.", labels=["agent"])
    available = GaugeMetricFamily("trunkline_agent_available", "Whether the agent is available.", labels=["agent"])
    for agent in agents:
        load.add_metric([agent.id], agent.load)
        capacity.add_metric([agent.id], agent.capacity)
        available.add_metric([agent.id], int(agent.presence == "available"))
    return [load, capacity, available]


def _of_libraries() -> bytes:
    """What adapters count for themselves, in the registry that the library keeps for everybody."""
    own = CollectorRegistry(auto_describe=False)
    found = [family for family in prometheus_client.REGISTRY.collect() if family.name.startswith("trunkline_")]
    own.register(_Given(found))
    return generate_latest(own)
