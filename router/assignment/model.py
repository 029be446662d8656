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
from .timers import Timer
from .tuning import DEFAULT, Tuning
from .workers import AVAILABLE, OFFLINE, Load, Worker


class Model:
    """One pool. Methods are generators: drive each to its end before the next event."""

    def __init__(self, tuning: Tuning = DEFAULT) -> None:
        self.desk = Desk(tuning)
        self.swept = 0
        """Tickets that only the safety net has found."""

    def arrive(self, ticket: Ticket, now: int) -> Bindings:
        """A ticket wants an agent. One that is known from before (it was parked) begins anew."""
        desk = self.desk
        known = desk.tickets.get(ticket.id)
        if known is not None:
            yield from self.left(ticket.id, now)
        ticket.aim, ticket.step = ticket.due, 0
        desk.tickets[ticket.id] = ticket
        desk.count_arrival(ticket, now)
        for step, each in enumerate(ticket.optional, 1):
            desk.timers.set(ticket.arrived_at + each.after, "overflow", ticket.id, step)
        yield from steps.place_and_settle(desk, ticket, now, may_hold=True)

    def accepted(self, ticket_id: str, now: int) -> Bindings:
        """Its agent has taken the offer."""
        ticket = self.desk.tickets[ticket_id]
        if ticket.state == OFFERED:
            ticket.state, ticket.since = TAKEN, now
            ticket.excluded, ticket.asked_all_at = {}, None
        yield from ()

    def assigned(self, ticket_id: str, agent_id: str, now: int) -> Bindings:
        """Somebody took it, or was given it, by hand; it may exceed their capacity."""
        ticket, agent = self.desk.tickets[ticket_id], self.desk.agents[agent_id]
        self.desk.leave(ticket)
        self.desk.unload(ticket, now)
        self.desk.load(ticket, agent, now)
        ticket.state = TAKEN
        ticket.excluded, ticket.asked_all_at = {}, None
        yield from steps.settle(self.desk, now)

    def declined(self, ticket_id: str, now: int) -> Bindings:
        """Its agent does not want it; it goes on with its aim."""
        ticket = self.desk.tickets[ticket_id]
        if ticket.state == OFFERED:
            steps.exclude(self.desk, ticket)
            yield from steps.give_back(self.desk, ticket, now)

    def expired(self, ticket_id: str, now: int) -> Bindings:
        """Its agent let the offer pass: until a sign of life they are asked nothing, and their other offers go too.

        Whoever has said meanwhile that they are busy stays so: they are asked nothing anyway.
        """
        ticket = self.desk.tickets[ticket_id]
        if ticket.state != OFFERED:
            return
        steps.exclude(self.desk, ticket)
        agent = self.desk.agents[ticket.agent or ""]
        if agent.presence != AVAILABLE:
            yield from steps.give_back(self.desk, ticket, now)
            return
        self.desk.free.off_duty(agent)
        agent.muted = True
        steps.unkeep(self.desk, agent)
        self.desk.free.refresh(agent, now)
        yield from steps.give_back(self.desk, ticket, now)
        yield from steps.withdraw_offers(self.desk, agent, now)
        yield from steps.look_at_all_deserted(self.desk, agent, now)

    def released(self, ticket_id: str, now: int) -> Bindings:
        """Its agent gives it back; it wants another, with its aim."""
        ticket = self.desk.tickets[ticket_id]
        if ticket.state == TAKEN:
            steps.exclude(self.desk, ticket)
            yield from steps.give_back(self.desk, ticket, now)

    def finished(self, ticket_id: str, now: int, wrap_up: int = 0) -> Bindings:
        """It needs nobody any more: solved or parked. Its agent has room after the time for wrapping it up."""
        ticket = self.desk.tickets[ticket_id]
        if ticket.state != TAKEN:
            return
        self.desk.signatures.finished(ticket.signature(), now - ticket.since)
        ticket.state = GONE
        if wrap_up > 0:
            self.desk.timers.set(now + wrap_up, "wrapped", ticket.id, ticket.offers)
        else:
            yield from steps.end(self.desk, ticket, now)

    def left(self, ticket_id: str, now: int) -> Bindings:
        """It goes without having been finished: the customer left, it was merged, closed or parked by somebody else."""
        ticket = self.desk.tickets[ticket_id]
        self.desk.leave(ticket)
        ticket.state = GONE
        yield from steps.end(self.desk, ticket, now)

    def agents_changed(self, agents: Iterable[Worker], now: int) -> Bindings:
        """The agents of the configuration; who was known keeps presence and load, who is missing goes offline."""
        desk = self.desk
        listed = {agent.id: agent for agent in agents}
        waiting = [ticket for ticket in desk.tickets.values() if ticket.state in (WAITING, HELD)]
        for ticket in waiting:
            desk.waiting.leave(ticket)
        for id_ in sorted(desk.agents):
            known = desk.agents[id_]
            steps.unkeep(desk, known)
            desk.free.off_duty(known)
            if id_ not in listed:
                listed[id_] = Worker(id=id_, tokens=frozenset(), capacity=0)
                known.presence = OFFLINE
            listed[id_].take_over(known)
            known.presence, known.load = OFFLINE, Load()
            desk.free.refresh(known, now)
        desk.agents = listed
        desk.signatures.agents_changed(listed.values())
        for ticket in waiting:
            desk.enter(ticket, ticket.state)
        for id_ in sorted(listed):
            if listed[id_].on_duty:
                desk.free.on_duty(listed[id_])
            desk.free.refresh(listed[id_], now)
        desk.to_fill.clear()
        for id_ in sorted(listed):
            if listed[id_].presence == OFFLINE:
                yield from steps.withdraw_offers(desk, listed[id_], now)
            desk.to_fill.append(id_)
        yield from steps.settle(desk, now)

    def present(self, agent_id: str, presence: str, now: int, closes_at: int = 0) -> Bindings:
        """An agent says how they are, a sign of life. `closes_at`: from when on nothing is offered; 0: never."""
        agent, desk = self.desk.agents[agent_id], self.desk
        was_on_duty = agent.on_duty
        if presence == AVAILABLE and (agent.muted or agent.presence != AVAILABLE):
            agent.idle_since = now
        agent.presence, agent.closes_at, agent.muted = presence, closes_at, False
        agent.epoch += 1
        desk.free.refresh(agent, now)
        if closes_at > now:
            desk.timers.set(closes_at, "closing", agent_id, closes_at)
        if agent.on_duty and not was_on_duty:
            desk.free.on_duty(agent)
        elif was_on_duty and not agent.on_duty:
            desk.free.off_duty(agent)
        if not agent.offerable(now):
            steps.unkeep(desk, agent)
        desk.to_fill.append(agent_id)
        if presence == OFFLINE:
            yield from steps.withdraw_offers(desk, agent, now)
        if was_on_duty and not agent.on_duty:
            yield from steps.look_at_all_deserted(desk, agent, now)
        yield from steps.settle(desk, now)

    def alive(self, agent_id: str, now: int) -> Bindings:
        """Any other sign of life: who was muted is asked again."""
        agent = self.desk.agents[agent_id]
        if agent.muted:
            agent.muted = False
            agent.epoch += 1
            agent.idle_since = now
            if agent.on_duty:
                self.desk.free.on_duty(agent)
            self.desk.free.refresh(agent, now)
            self.desk.to_fill.append(agent_id)
        yield from steps.settle(self.desk, now)

    def due(self, now: int) -> Bindings:
        """Everything that is due by now."""
        while timer := self.desk.timers.pop(now):
            yield from self.timer(timer, now)

    def timer(self, timer: Timer, now: int) -> Bindings:
        """One timer; nothing happens when what it was set for is no longer so."""
        match timer.kind:
            case "sweep":
                yield from self.sweep(now)
                self.desk.timers.set(now + self.desk.tuning.sweep_every, "sweep", "", 0)
            case "deserted":
                yield from steps.look_at_deserted(self.desk, timer.subject, timer.token, now)
            case "closing":
                agent = self.desk.agents.get(timer.subject)
                if agent is not None and str(agent.closes_at) == timer.token:
                    self.desk.free.refresh(agent, now)
                    steps.unkeep(self.desk, agent)
            case _:
                ticket = self.desk.tickets.get(timer.subject)
                if ticket is not None:
                    yield from self._ticket_timer(timer, ticket, now)
        yield from steps.settle(self.desk, now)

    def _ticket_timer(self, timer: Timer, ticket: Ticket, now: int) -> Bindings:
        state, token = ticket.state, timer.token
        match timer.kind:
            case "expired" if state == OFFERED and token == str(ticket.offers):
                yield from self.expired(ticket.id, now)
            case "hold" if state == HELD and token == str(ticket.held_until):
                yield from steps.place_anew(self.desk, ticket, now)
            case "ask_again" if token == str(ticket.asked_all_at):
                ticket.excluded, ticket.asked_all_at = {}, None
                if state in (WAITING, HELD):
                    yield from steps.place_anew(self.desk, ticket, now)
            case "wrapped" if state == GONE and token == str(ticket.offers):
                yield from steps.end(self.desk, ticket, now)
            case "overflow" if state != GONE:
                ticket.relaxed = max(ticket.relaxed, int(token))
                if state == WAITING:
                    yield from steps.overflow(self.desk, ticket, now)

    def sweep(self, now: int) -> Bindings:
        """The safety net: heads of lines look for an agent once more, tokens that nobody on duty has are dropped."""
        desk = self.desk
        for token in sorted(desk.waiting.wanting):
            yield from steps.look_at_deserted(desk, token, "", now)
        for id_ in [member[1] for bucket in sorted(desk.waiting.heads) for member in desk.waiting.heads[bucket]]:
            ticket = desk.tickets.get(id_)
            if ticket is not None and ticket.state == WAITING:
                for bound in steps.place_anew(desk, ticket, now):
                    self.swept += 1
                    yield bound
        yield from steps.settle(desk, now)
