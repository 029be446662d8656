"""The router as a policy of the simulator `routing_sim`: minutes and numbers there, milliseconds and ids here.

    factory()             the router's scripts in a real engine, started for the process; a fresh workspace for each run
    factory_of_model()    the pure model (router/assignment)
    factory_of_both()     both, told the same; the first difference ends the run

The simulator has no word for an accepted offer, and says nothing of tickets that somebody finished after their shift;
both are made up for when the ticket or the agent is heard of next. Timers are looked at every six seconds.

A token of the simulator is a skill here; one that tickets can do without is a language, because that is what a queue
waits for for a while. All agents serve all queues, of which there is one for each such while.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from tests.engine_router import BlockingEngine, EngineRouter
from tests.own_engine import engine_url
from trunkline.queue.keys import Keys
from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import Optional, Ticket
from trunkline.router.assignment.tuning import DEFAULT
from trunkline.router.assignment.workers import AVAILABLE, OFFLINE, Worker

MINUTE = 60_000
BEGIN = 1_700_000_000_000  # ms, when the simulator's time is 0
FOREVER = 1 << 40
HOLD = MINUTE
OFFER = 0.5  # minutes that an offer stands, where agents may not be looking


class Assign(NamedTuple):
    """What the simulator is told to do."""

    ticket: int
    agent: int
    offer_timeout: float | None


class Got(NamedTuple):
    """A ticket was given to an agent."""

    ticket: str
    agent: str


class Router(Protocol):
    """What decides."""

    def tell(self, event: str, *facts: Any, now: int) -> Iterable[Got]:
        """An event by the name that the model has for it; what was given, in order."""
        ...

    def next_at(self) -> int | None:
        """When something is due; None when nothing is."""
        ...


class Routing(NamedTuple):
    """What is said of all tickets of a run."""

    offers: bool
    """Whether agents must accept."""
    wishes: frozenset[str]
    """Tokens that some ticket can do without."""
    waits: frozenset[int]
    """For how long they wait for one, ms."""

    def queues(self) -> Mapping[str, Mapping[str, Any]]:
        """The same as a configuration would say it, in the router's words (routing_settings.py)."""
        how = {"offer_ms": FOREVER} if self.offers else {"auto_accept": True}
        return {f"queue:q{wait}": {"language_ms": wait, "hold_ms": HOLD, **how} for wait in self.waits}


class ModelRouter:
    """The pure model."""

    def __init__(self, _: Routing) -> None:
        self._model = Model()
        self._model.desk.timers.set(BEGIN + DEFAULT.sweep_every, "sweep", "")

    def tell(self, event: str, *facts: Any, now: int) -> Iterator[Got]:
        """Tell the model."""
        for bound in getattr(self._model, event)(*facts, now):
            yield Got(bound.ticket, bound.agent)

    def next_at(self) -> int | None:
        """Its next timer."""
        return self._model.desk.timers.next_at()


class ScriptRouter:
    """The scripts; the sweep runs every minute."""

    def __init__(self, routing: Routing) -> None:
        self._engine = BlockingEngine(engine_url(), Keys(f"sim{uuid.uuid4().hex[:12]}"))
        self._router = EngineRouter(self._engine, routing.queues(), BEGIN)
        self._loop = asyncio.new_event_loop()
        self._sweep_at = BEGIN + DEFAULT.sweep_every

    def tell(self, event: str, *facts: Any, now: int) -> list[Got]:
        """Tell the scripts."""
        return self._loop.run_until_complete(self._tell(event, *facts, now=now))

    def next_at(self) -> int | None:
        """The next sweep, or what is due before."""
        due = self._router.next_at
        return self._sweep_at if due is None else min(due, self._sweep_at)

    async def _tell(self, event: str, *facts: Any, now: int) -> list[Got]:
        bound = await getattr(self._router, event)(*facts, now)
        if event == "due" and self._sweep_at <= now:
            self._sweep_at = now + DEFAULT.sweep_every
            bound = [*bound, *await self._router.sweep(now)]
        return [Got(*each) for each in bound]


class BothRouters:
    """Two routers that must do the same."""

    def __init__(self, one: Router, other: Router) -> None:
        self._one, self._other = one, other
        self.decisions = 0

    def tell(self, event: str, *facts: Any, now: int) -> Iterable[Got]:
        """Tell both. Raises AssertionError where they differ."""
        found, expected = list(self._one.tell(event, *facts, now=now)), list(self._other.tell(event, *facts, now=now))
        if found != expected:
            raise AssertionError(f"after {self.decisions} decisions: {event} {facts} at {now}: {found}, {expected}")
        self.decisions += len(found)
        return found

    def next_at(self) -> int | None:
        """The next timer of either."""
        return min((at for at in (self._one.next_at(), self._other.next_at()) if at is not None), default=None)


class Held(NamedTuple):
    """Who has a ticket."""

    agent: str
    since: int
    offered: bool


class RouterPolicy:
    """A router in the simulator."""

    name = "trunkline"
    tick_every = 0.1
    release_on_offline = True
    inbox_order = "deadline"

    def __init__(self, make: Callable[[Routing], Router]) -> None:
        self._make = make

    def reset(self, world: Any) -> None:
        """Begin with these agents and tickets; nobody is on duty yet."""
        self._world = world
        self._routing = routing_of(world)
        self.router = self._make(self._routing)
        self._held: dict[str, Held] = {}
        self._muted: set[str] = set()
        self._late: list[Got] = []
        workers = [worker(agent, self._routing) for agent in world.agents.values()]
        list(self.router.tell("agents_changed", workers, now=BEGIN))

    def on_arrival(self, t: float, ticket: Any) -> Iterator[Assign]:
        """A ticket came."""
        yield from self._due(t)
        yield from self._tell("arrive", waiting_ticket(ticket, self._routing), t=t)

    def on_agent_free(self, t: float, agent: int, ticket: int | None) -> Iterator[Assign]:
        """An agent has finished a ticket, has lost it, or looks again."""
        yield from self._due(t)
        if ticket is None:
            if agent_id(agent) in self._muted:
                yield from self._present(agent, AVAILABLE, t)
        elif self._world.tickets[ticket].state == "lost":
            self._held.pop(ticket_id(ticket), None)
            yield from self._tell("left", ticket_id(ticket), t=t)
        else:
            yield from self._finished(ticket, t)

    def on_agent_online(self, t: float, agent: int) -> Iterator[Assign]:
        """A shift begins."""
        for id_ in self._of(agent):
            if self._world.tickets[int(id_[1:])].state == "done":
                yield from self._finished(int(id_[1:]), t)
        yield from self._due(t)
        yield from self._present(agent, AVAILABLE, t)

    def on_agent_offline(self, t: float, agent: int) -> Iterator[Assign]:
        """A shift ends."""
        yield from self._due(t)
        for id_ in self._of(agent):
            self._accepted(id_)
        yield from self._present(agent, OFFLINE, t)

    def on_released(self, t: float, ticket: Any) -> Iterator[Assign]:
        """A ticket that was not begun came back at the end of a shift."""
        self._held.pop(ticket_id(ticket.id), None)
        yield from self._tell("released", ticket_id(ticket.id), t=t)

    def on_offer_expired(self, t: float, ticket: Any, agent: int) -> Iterator[Assign]:
        """The agent was not looking."""
        self._muted.add(agent_id(agent))
        self._held.pop(ticket_id(ticket.id), None)
        yield from self._tell("expired", ticket_id(ticket.id), t=t)

    def on_abandon(self, t: float, ticket: Any) -> None:
        """The customer left; what follows for an agent is told with `on_agent_free`."""
        if ticket_id(ticket.id) not in self._held:
            self._late += self.router.tell("left", ticket_id(ticket.id), now=ms(t))

    def on_tick(self, t: float) -> Iterator[Assign]:
        """Time passes."""
        yield from self._due(t)

    def _due(self, t: float) -> Iterator[Assign]:
        due = self.router.next_at()
        if due is not None and due <= ms(t):
            yield from self._tell("due", t=t)

    def _present(self, agent: int, presence: str, t: float) -> Iterator[Assign]:
        self._muted.discard(agent_id(agent))
        yield from self._tell("present", agent_id(agent), presence, t=t)

    def _of(self, agent: int) -> list[str]:
        return [id_ for id_, held in self._held.items() if held.agent == agent_id(agent)]

    def _accepted(self, id_: str) -> None:
        held = self._held[id_]
        if held.offered:
            list(self.router.tell("accepted", id_, now=held.since))
            self._held[id_] = held._replace(offered=False)

    def _finished(self, ticket: int, t: float) -> Iterator[Assign]:
        self._accepted(ticket_id(ticket))
        del self._held[ticket_id(ticket)]
        yield from self._tell("finished", ticket_id(ticket), t=t)

    def _tell(self, event: str, *facts: Any, t: float) -> Iterator[Assign]:
        """Each is carried out before the next is asked for."""
        late, self._late = self._late, []
        told = self.router.tell(event, *facts, now=ms(t))
        for got in (*late, *told) if late else told:
            self._held[got.ticket] = Held(got.agent, ms(t), self._routing.offers)
            ticket, agent = self._world.tickets[int(got.ticket[1:])], self._world.agents[int(got.agent[1:])]
            if not ticket.sig <= agent.tokens:
                ticket.relax = len(ticket.relax_plan)
            yield Assign(ticket.id, agent.id, OFFER if self._routing.offers else None)


def ms(minutes: float) -> int:
    """The simulator's time here."""
    return BEGIN + round(minutes * MINUTE)


def ticket_id(number: int) -> str:
    """Ids that sort as their numbers do."""
    return f"t{number:07d}"


def agent_id(number: int) -> str:
    """Ids that sort as their numbers do."""
    return f"a{number:04d}"


def routing_of(world: Any) -> Routing:
    """What holds for all tickets of a run."""
    tickets = world.tickets.values()
    wishes = frozenset(token for ticket in tickets for token in ticket.relax_plan)
    return Routing(world.scn.accept_delay > 0, wishes, frozenset(map(_wait, tickets)))


def _wait(ticket: Any) -> int:
    """After how long it is second-choice work for those who lack what it can do without."""
    target = ms(ticket.deadline) - ms(ticket.t_arr)
    return target * DEFAULT.overflow_tenths // 10 if ticket.relax_plan else 0


def token_of(token: str, routing: Routing) -> str:
    """A token of the simulator here."""
    return f"language:{token}" if token in routing.wishes else f"skill:{token}@1"


def worker(agent: Any, routing: Routing) -> Worker:
    """An agent of the simulator."""
    total = [0.0, *((held + 1) * rate * agent.speed for held, rate in enumerate(agent.curve))]
    return Worker(
        id=agent_id(agent.id),
        tokens=frozenset(token_of(token, routing) for token in agent.tokens) | {f"queue:q{w}" for w in routing.waits},
        capacity=agent.slots,
        gains=tuple(round(1000 * (after - before)) for before, after in pairwise(total)),
        speeds={token_of(token, routing): round(1000 * speed) for token, speed in (agent.skill_speed or {}).items()},
    )


def waiting_ticket(ticket: Any, routing: Routing) -> Ticket:
    """A ticket of the simulator."""
    tokens = {token_of(token, routing) for token in ticket.sig} | {f"queue:q{_wait(ticket)}"}
    wished = [token_of(token, routing) for token in ticket.relax_plan]
    return Ticket(
        id=ticket_id(ticket.id),
        arrived_at=ms(ticket.t_arr),
        due=ms(ticket.deadline),
        target=ms(ticket.deadline) - ms(ticket.t_arr),
        priority=ticket.prio,
        tokens=tuple(sorted(tokens)),
        optional=tuple(Optional(token, _wait(ticket), at_once=True) for token in wished),
        channel=ticket.channel,
        previous=None if ticket.prev_agent is None else agent_id(ticket.prev_agent),
        hold=HOLD,
        offer=FOREVER if routing.offers else None,
    )


def factory() -> RouterPolicy:
    """The router's scripts."""
    return RouterPolicy(ScriptRouter)


def factory_of_model() -> RouterPolicy:
    """The pure model."""
    return RouterPolicy(ModelRouter)


def factory_of_both() -> RouterPolicy:
    """Both at once."""
    return RouterPolicy(lambda routing: BothRouters(ScriptRouter(routing), ModelRouter(routing)))
