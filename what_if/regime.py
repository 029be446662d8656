"""One configuration as the model of the assignment is told it: its agents, and a ticket that wants one of them.

It says what routing_settings.py publishes for the scripts, and makes of a ticket what ticket.lua makes of it
(`ticket_tokens`, `ticket_place`), so that the model is asked the question which the engine is asked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..router.agreements import Promised
from ..router.assignment.tickets import Optional, Ticket
from ..router.assignment.workers import GAINS, Worker
from ..router.policy import Policy
from ..router.private_fields import Agreement
from ..router.routing_settings import agent_fields, routing_fields
from .history import Kind, Passage

OFFER_MS = 300_000  # where neither queue nor channel says how long an offer stands, as in bind_ticket.lua


@dataclass(frozen=True)
class Owed:
    """Until when the most urgent clock of a ticket runs, and how much time it has."""

    due: int
    target: int


class Regime:
    """What is in force with one configuration."""

    def __init__(self, policy: Policy, offer_seconds: Mapping[str, int]) -> None:
        self.policy = policy
        self._offer_seconds = offer_seconds
        self._fields = routing_fields(policy, offer_seconds)
        self._known: dict[str, Mapping[str, Any]] = {}

    def with_policy(self, policy: Policy) -> "Regime":
        """Another policy, with the same channels."""
        return Regime(policy, self._offer_seconds)

    def home(self, queue: str) -> str:
        """The queue in which a ticket of this one stands here, as strays are brought home."""
        return self.policy.settings.home_of(queue)

    def workers(self) -> list[Worker]:
        """The agents, all of them offline."""
        agents = self.policy.settings.agents
        return [_worker(agent_fields(id_, agent, self.policy)) for id_, agent in sorted(agents.items())]

    def agreement(self, passage: Passage, kind: Kind) -> Agreement:
        """What is promised for a ticket that is so."""
        return self.policy.agreements.of(
            Promised(
                priority=kind.priority,
                channel=passage.channel,
                queue=self.home(kind.queue),
                language=kind.language,
                segment=passage.segment,
                region=passage.region,
            )
        )

    def ticket(self, passage: Passage, kind: Kind, owed: Owed, previous: str | None) -> Ticket:
        """A ticket that wants an agent."""
        queue, channel = self._said(f"queue:{self.home(kind.queue)}"), self._said(f"channel:{passage.channel}")
        tokens, optional = _tokens(kind._replace(queue=self.home(kind.queue)), queue)
        offer = queue.get("offer_ms") or channel.get("offer_ms") or OFFER_MS
        return Ticket(
            id=passage.id,
            arrived_at=owed.due - owed.target,
            due=owed.due,
            target=owed.target,
            priority=kind.priority,
            tokens=tokens,
            optional=optional,
            channel=passage.channel,
            weight=self.policy.settings.weight(passage.channel),
            patient=bool(channel.get("patient")),
            exclusive=bool(channel.get("exclusive")),
            previous=previous,
            hold=queue.get("hold_ms", 0),
            offer=None if queue.get("auto_accept") else offer,
        )

    def wrap_up(self, passage: Passage, kind: Kind) -> int:
        """How long its agent is taken up by it after it is over, in milliseconds."""
        channel = self._said(f"channel:{passage.channel}")
        return int(self._said(f"queue:{self.home(kind.queue)}").get("wrap_up_ms") or channel.get("wrap_up_ms") or 0)

    def _said(self, name: str) -> Mapping[str, Any]:
        if name not in self._known:
            self._known[name] = json.loads(self._fields.get(name, "{}"))
        return self._known[name]


def _tokens(kind: Kind, queue: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[Optional, ...]]:
    """What it needs, and which of that it can do without, in the order in which that is dropped."""
    needed = dict.fromkeys([f"queue:{kind.queue}", *map(_skill, kind.required)])
    wished = [(_skill(skill), 0) for skill in kind.preferred]
    if kind.language != "unknown" and not queue.get("language_required"):
        wished.append((f"language:{kind.language}", queue.get("language_ms") or 0))
    elif kind.language != "unknown":
        needed[f"language:{kind.language}"] = None
    optional = {token: after for token, after in wished if token not in needed}
    tokens = tuple(sorted({*needed, *optional}))
    return tokens, tuple(Optional(token, after, at_once=True) for token, after in optional.items())


def _skill(skill: str) -> str:
    return f"skill:{skill}" if "@" in skill else f"skill:{skill}@1"


def _worker(fields: Mapping[str, Any]) -> Worker:
    gains = tuple(int(gain) for gain in str(fields["gains"]).split(",") if gain)
    speeds: Mapping[str, int] = json.loads(fields["speeds"]) if fields["speeds"] else {}
    return Worker(
        id=fields["id"],
        tokens=frozenset(str(fields["tokens"]).split(",")) - {""},
        capacity=fields["capacity"],
        caps=fields["channels"],
        gains=gains or GAINS,
        speeds=speeds,
    )


@dataclass(frozen=True)
class Regimes:
    """Which regime held from when on, the oldest first; the first also before."""

    each: Sequence[tuple[int, Regime]]

    @cached_property
    def queues(self) -> Mapping[str, Sequence[str]]:
        """Of each agent who is configured at any time, the queues that they serve."""
        return {id_: agent.queues for _, each in self.each for id_, agent in each.policy.settings.agents.items()}

    def at(self, moment: int) -> Regime:
        """What held then."""
        return next((regime for since, regime in reversed(self.each) if since <= moment), self.each[0][1])

    def changes(self, since: int) -> list[tuple[int, Regime]]:
        """When another one began to hold, after this moment."""
        return [(at, regime) for at, regime in self.each[1:] if at > since]
