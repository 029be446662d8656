"""The assignment of tickets to agents as a pure model: events go in, bindings come out. No clock, no engine, no chance.

The engine's scripts do the same, a script an event; a property test compares the two. What an event does is told with
its method. `now` never goes back. Whoever drives the model calls `due` when `desk.timers.next_at()` has come. Every
method gives what was bound by the event, in the order in which it happened. Decision 0029 tells the state, the ties
and the arithmetic.
"""

from collections.abc import Iterable

from . import steps
from .desk import Desk
from .steps import Bindings
from .tickets import GONE, HELD, OFFERED, TAKEN, WAITING, Ticket
from .tuning import DEFAULT, Tuning
from .workers import AVAILABLE, OFFLINE, Worker


class Model:
    """One pool. Methods are generators: drive each to its end before the next event."""

    def __init__(self, tuning: Tuning = DEFAULT) -> None:
        self.desk = Desk(tuning)

    @property
    def swept(self) -> int:
        """Tickets that only the safety net has found."""
        return self.desk.swept

    def arrive(self, ticket: Ticket, now: int) -> Bindings:
        """A ticket wants an agent. One that is known from before (it was parked) begins anew."""
        desk = self.desk
        if ticket.id in desk.tickets:
            yield from self.left(ticket.id, now)
        ticket.aim, ticket.step, ticket.fresh = ticket.due, 0, True
        desk.tickets[ticket.id] = ticket
        desk.want(ticket, now)
        yield from steps.settle(desk, now)

    def changed(self, ticket: Ticket, now: int) -> Bindings:
        """A waiting ticket is known by other facts, and looks anew; with another promise or need it begins anew."""
        desk, known = self.desk, self.desk.tickets[ticket.id]
        if known.state not in (WAITING, HELD) or known.facts() == ticket.facts():
            return
        if (known.due, known.target, known.tokens) == (ticket.due, ticket.target, ticket.tokens):
            ticket.aim, ticket.step, ticket.dropped = known.aim, known.step, known.dropped
            ticket.fresh, ticket.asked_all_at = known.fresh, known.asked_all_at
        else:
            ticket.aim, ticket.step, ticket.fresh = ticket.due, 0, True
        ticket.excluded, ticket.offers = known.excluded, known.offers
        desk.wake("waiting", ticket.id)
        desk.leave(known, now)
        desk.tickets[ticket.id] = ticket
        ticket.relaxed = ticket.relaxed_by(now)
        desk.enter(ticket, WAITING)
        yield from steps.settle(desk, now)

    def accepted(self, ticket_id: str, now: int) -> Bindings:
        """Its agent has taken the offer."""
        ticket = self.desk.tickets[ticket_id]
        if ticket.state == OFFERED:
            self.desk.take(ticket)
            ticket.since = now
        yield from ()

    def assigned(self, ticket_id: str, agent_id: str, now: int) -> Bindings:
        """Somebody took it, or was given it, by hand; it may exceed their capacity."""
        ticket, agent = self.desk.tickets[ticket_id], self.desk.agents[agent_id]
        self.desk.leave(ticket, now)
        self.desk.unload(ticket, now)
        self.desk.load(ticket, agent, now)
        self.desk.take(ticket)
        yield from steps.settle(self.desk, now)

    def declined(self, ticket_id: str, now: int) -> Bindings:
        """Its agent does not want it; it goes on with its aim."""
        yield from self._returned(ticket_id, OFFERED, now)

    def released(self, ticket_id: str, now: int) -> Bindings:
        """Its agent gives it back; it wants another, with its aim."""
        yield from self._returned(ticket_id, TAKEN, now)

    def _returned(self, ticket_id: str, state: str, now: int) -> Bindings:
        ticket = self.desk.tickets[ticket_id]
        if ticket.state == state:
            steps.exclude(self.desk, ticket)
            steps.give_back(self.desk, ticket, now)
            yield from steps.settle(self.desk, now)

    def expired(self, ticket_id: str, now: int) -> Bindings:
        """Its agent let the offer pass: until a sign of life they are asked nothing, and their other offers go too.

        Whoever has said meanwhile that they are busy stays so: they are asked nothing anyway.
        """
        ticket = self.desk.tickets[ticket_id]
        if ticket.state == OFFERED:
            steps.expire(self.desk, ticket, now)
            yield from steps.settle(self.desk, now)

    def finished(self, ticket_id: str, now: int, wrap_up: int = 0) -> Bindings:
        """It needs nobody any more: solved or parked. Its agent has room after the time for wrapping it up."""
        ticket = self.desk.tickets[ticket_id]
        if ticket.state != TAKEN:
            return
        self.desk.signatures.finished(ticket.signature(), now - ticket.since)
        if wrap_up > 0:
            self.desk.wrap(ticket, now + wrap_up)
        else:
            ticket.state = GONE
            steps.end(self.desk, ticket, now)
        yield from steps.settle(self.desk, now)

    def ready(self, agent_id: str, now: int) -> Bindings:
        """An agent has wrapped up all that they are done with."""
        if self.desk.wrapped(self.desk.agents[agent_id], now, every=True):
            self.desk.wake("freed", agent_id)
        yield from steps.settle(self.desk, now)

    def left(self, ticket_id: str, now: int) -> Bindings:
        """It goes without having been finished: the customer left, it was merged, closed or parked by somebody else."""
        ticket = self.desk.tickets[ticket_id]
        self.desk.leave(ticket, now)
        ticket.state = GONE
        steps.end(self.desk, ticket, now)
        yield from steps.settle(self.desk, now)

    def agents_changed(self, agents: Iterable[Worker], now: int) -> Bindings:
        """The agents of the configuration; who was known keeps presence and load, who is missing goes offline."""
        desk = self.desk
        listed = list(agents)
        ids = {agent.id for agent in listed}
        gone = sorted(id_ for id_, known in desk.agents.items() if id_ not in ids and not known.removed)
        every = {**desk.agents}
        every |= {agent.id: agent for agent in listed}
        every |= {id_: Worker(id=id_, tokens=frozenset(), capacity=0, removed=True) for id_ in gone}
        desk.signatures.agents_changed(every.values())
        desk.wake("anchors")
        for id_ in (*gone, *(agent.id for agent in listed)):
            self._replace(every[id_], now)
        yield from steps.settle(desk, now)

    def _replace(self, agent: Worker, now: int) -> None:
        desk, known = self.desk, self.desk.agents.get(agent.id)
        had: frozenset[str] = frozenset()
        if known is not None:
            had = known.tokens if known.on_duty else had
            if known.keeps is not None:
                desk.unkeep(desk.tickets[known.keeps], now)
            desk.free.leave(known)
            agent.take_over(known)
        else:
            agent.idle_since = now
        if agent.removed:
            agent.presence = OFFLINE
        desk.agents[agent.id] = agent
        steps.follow(desk, agent, had, now)
        if not agent.removed and (agent.hours is not None or agent.shift_ends):
            desk.wake("shift", agent.id)
        if agent.removed:
            desk.wake("gone", agent.id)
        elif agent.presence != OFFLINE:
            desk.wake("freed", agent.id)

    def present(self, agent_id: str, presence: str, now: int) -> Bindings:
        """An agent says how they are, a sign of life; after the end of a shift they work on by it.

        Whoever is available, or offline, has wrapped up what they were done with.
        """
        agent, desk = self.desk.agents[agent_id], self.desk
        had = agent.tokens if agent.on_duty else frozenset[str]()
        if presence == AVAILABLE and (agent.muted or agent.presence != AVAILABLE):
            agent.idle_since = now
        agent.presence, agent.muted, agent.said_at = presence, False, now
        agent.epoch += 1
        steps.follow(desk, agent, had, now)
        if presence in (AVAILABLE, OFFLINE):
            desk.wrapped(agent, now, every=True)
        desk.wake("gone" if presence == OFFLINE else "freed", agent_id)
        yield from steps.settle(desk, now)

    def alive(self, agent_id: str, now: int) -> Bindings:
        """Any other sign of life: who was muted is asked again."""
        agent = self.desk.agents[agent_id]
        if agent.muted:
            agent.muted = False
            agent.epoch += 1
            agent.idle_since = now
            steps.follow(self.desk, agent, frozenset(), now)
            self.desk.wake("freed", agent_id)
        yield from steps.settle(self.desk, now)

    def due(self, now: int) -> Bindings:
        """Everything that is due by now."""
        self.desk.wakes.extend(self.desk.timers.due(now))
        yield from steps.settle(self.desk, now)
