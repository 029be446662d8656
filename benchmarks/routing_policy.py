"""The router as a policy of the simulator `routing_sim`: minutes and numbers there, milliseconds and ids here.

    factory(), factory_of_model()   the pure model, which the scripts of the engine follow (test_assignment_model.py)

The simulator has no word for an accepted offer, and says nothing of tickets that somebody finished after their shift;
both are made up for when the ticket or the agent is heard of next. Timers are looked at every six seconds.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from trunkline.router.assignment.choice import OVERFLOW
from trunkline.router.assignment.desk import Bound
from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import HELD, OFFERED, WAITING, Optional, Ticket
from trunkline.router.assignment.tuning import DEFAULT, Tuning
from trunkline.router.assignment.workers import AVAILABLE, OFFLINE, Worker

MINUTE = 60_000
FOREVER = 1 << 45
HOLD = MINUTE
OFFER = 0.5  # minutes that an offer stands, where agents may not be looking


class Assign(NamedTuple):
    """What the simulator is told to do."""

    ticket: int
    agent: int
    offer_timeout: float | None


class ModelPolicy:
    """The pure model in the simulator."""

    name = "trunkline"
    tick_every = 0.1
    release_on_offline = True
    inbox_order = "deadline"

    def __init__(self, tuning: Tuning = DEFAULT) -> None:
        self._tuning = tuning

    def reset(self, world: Any) -> None:
        """Begin with these agents and tickets; nobody is on duty yet."""
        self._world = world
        self._offers = world.scn.accept_delay > 0
        self.model = Model(self._tuning)
        self._late: list[Bound] = []
        list(self.model.agents_changed([worker(agent) for agent in world.agents.values()], 0))
        self.model.desk.timers.set(self._tuning.sweep_every, "sweep", "", 0)

    def on_arrival(self, t: float, ticket: Any) -> Iterator[Assign]:
        """A ticket came."""
        yield from self._tell(self.model.due(ms(t)))
        known = waiting_ticket(ticket, self._offers, self._tuning.overflow_tenths)
        yield from self._tell(self.model.arrive(known, ms(t)))

    def on_agent_free(self, t: float, agent: int, ticket: int | None) -> Iterator[Assign]:
        """An agent has finished a ticket, has lost it, or looks again."""
        yield from self._tell(self.model.due(ms(t)))
        if ticket is None:
            yield from self._tell(self.model.alive(agent_id(agent), ms(t)))
        elif self._world.tickets[ticket].state == "lost":
            yield from self._tell(self.model.left(ticket_id(ticket), ms(t)))
        else:
            yield from self._finished(ticket, t)

    def on_agent_online(self, t: float, agent: int) -> Iterator[Assign]:
        """A shift begins."""
        for held in list(self.model.desk.tickets.values()):
            if held.agent == agent_id(agent) and self._world.tickets[int(held.id[1:])].state == "done":
                yield from self._finished(int(held.id[1:]), t)
        yield from self._tell(self.model.due(ms(t)))
        yield from self._tell(self.model.present(agent_id(agent), AVAILABLE, ms(t)))

    def on_agent_offline(self, t: float, agent: int) -> Iterator[Assign]:
        """A shift ends."""
        yield from self._tell(self.model.due(ms(t)))
        for held in self.model.desk.tickets.values():
            if held.agent == agent_id(agent):
                list(self.model.accepted(held.id, held.since))
        yield from self._tell(self.model.present(agent_id(agent), OFFLINE, ms(t)))

    def on_released(self, t: float, ticket: Any) -> Iterator[Assign]:
        """A ticket that was not begun came back at the end of a shift."""
        yield from self._tell(self.model.released(ticket_id(ticket.id), ms(t)))

    def on_offer_expired(self, t: float, ticket: Any, agent: int) -> Iterator[Assign]:  # noqa: ARG002
        """The agent was not looking."""
        yield from self._tell(self.model.expired(ticket_id(ticket.id), ms(t)))

    def on_abandon(self, t: float, ticket: Any) -> None:
        """The customer left; what follows for an agent is told with `on_agent_free`."""
        if self.model.desk.tickets[ticket_id(ticket.id)].state in (WAITING, HELD):
            self._late += self.model.left(ticket_id(ticket.id), ms(t))

    def on_tick(self, t: float) -> Iterator[Assign]:
        """Time passes."""
        yield from self._tell(self.model.due(ms(t)))

    def _finished(self, ticket: int, t: float) -> Iterator[Assign]:
        known = self.model.desk.tickets[ticket_id(ticket)]
        if known.state == OFFERED:
            list(self.model.accepted(known.id, known.since))
        yield from self._tell(self.model.finished(known.id, ms(t)))

    def _tell(self, bindings: Iterator[Bound]) -> Iterator[Assign]:
        """Each binding is carried out before the next is asked for."""
        late, self._late = self._late, []
        for bound in (*late, *bindings) if late else bindings:
            number = int(bound.ticket[1:])
            if bound.way == OVERFLOW:
                self._world.tickets[number].relax = self.model.desk.tickets[bound.ticket].relaxed
            yield Assign(number, int(bound.agent[1:]), OFFER if self._offers else None)


def ms(minutes: float) -> int:
    """The simulator's time here."""
    return round(minutes * MINUTE)


def ticket_id(number: int) -> str:
    """Ids that sort as their numbers do."""
    return f"t{number:07d}"


def agent_id(number: int) -> str:
    """Ids that sort as their numbers do."""
    return f"a{number:04d}"


def worker(agent: Any) -> Worker:
    """An agent of the simulator."""
    total = [0.0, *((held + 1) * rate * agent.speed for held, rate in enumerate(agent.curve))]
    return Worker(
        id=agent_id(agent.id),
        tokens=frozenset(agent.tokens),
        capacity=agent.slots,
        gains=tuple(round(1000 * (after - before)) for before, after in pairwise(total)),
        speeds={token: round(1000 * speed) for token, speed in (agent.skill_speed or {}).items()},
    )


def waiting_ticket(ticket: Any, offers: bool, overflow_tenths: int) -> Ticket:
    """A ticket of the simulator."""
    target = ms(ticket.deadline) - ms(ticket.t_arr)
    return Ticket(
        id=ticket_id(ticket.id),
        arrived_at=ms(ticket.t_arr),
        due=ms(ticket.deadline),
        target=target,
        priority=ticket.prio,
        tokens=tuple(sorted(ticket.sig)),
        optional=tuple(
            Optional(token, target * overflow_tenths * step // 10, at_once=False)
            for step, token in enumerate(ticket.relax_plan, 1)
        ),
        channel=ticket.channel,
        previous=None if ticket.prev_agent is None else agent_id(ticket.prev_agent),
        hold=HOLD,
        offer=FOREVER if offers else None,
    )


def factory_of_model() -> ModelPolicy:
    """The pure model."""
    return ModelPolicy()


factory = factory_of_model
