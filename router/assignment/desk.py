"""The state of one pool, and the few steps by which it changes; looking and choosing: placing.py and filling.py."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from .aims import is_late, next_aim
from .choice import AgentSeen, HeadSeen, Pace, Way
from .free import FreeAgents
from .rates import Rate, scarcities, span
from .signatures import Signatures
from .tickets import GONE, HELD, OFFERED, TAKEN, WAITING, Signature, Ticket
from .timers import Timers, Wake
from .tuning import DEFAULT, Tuning
from .waiting import WaitingRoom
from .workers import Worker

PRIORITIES = (1, 2, 3, 4)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A ticket was given to an agent, with what was seen: nothing else is needed to decide it again."""

    at: int
    ticket: str
    agent: str
    way: Way
    offer: int | None
    agents: tuple[AgentSeen, ...] = ()
    """Where the ticket chose: whom it looked at, of those who could have it."""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    """How many others it looked at, by what kept them: tokens, full, declined."""
    heads: tuple[HeadSeen, ...] = ()
    """Where the agent chose."""
    pace: Pace | None = None
    counts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """What the slack test counted: by horizon the tickets due within it, by priority."""


class Desk:
    """Tickets, agents, who waits and who is free."""

    def __init__(self, tuning: Tuning = DEFAULT) -> None:
        self.tuning = tuning
        self.tickets: dict[str, Ticket] = {}
        self.agents: dict[str, Worker] = {}
        self.signatures = Signatures(tuning)
        self.waiting = WaitingRoom(self.signatures, tuning)
        self.free = FreeAgents()
        self.timers = Timers()
        self.starts = Rate()
        self.arrivals = {priority: Rate() for priority in PRIORITIES}
        self.targets = dict.fromkeys(PRIORITIES, 0)
        self.demand: dict[str, Rate] = {}
        self.wakes: deque[Wake] = deque()
        """What is to be looked at before the event is over, in this order."""
        self.wrapping: dict[str, list[str]] = {}
        """By agent the tickets that they wrap up."""
        self.swept = 0
        """Tickets that only the safety net has found."""
        self._scarcities = scarcities(tuning.scarcity_tenths)

    def wake(self, kind: str, subject: str = "", token: str = "") -> None:
        """Something is to be looked at before the event is over."""
        self.wakes.append(Wake(kind, subject, token))

    def begin(self, ticket: Ticket, now: int) -> None:
        """Somebody looks at a ticket that has not been here before: learn from it, and set the timers of its wishes."""
        if not ticket.fresh:
            return
        ticket.fresh = False
        self.arrivals[ticket.priority].add(now)
        known = self.targets[ticket.priority]
        self.targets[ticket.priority] = known + (ticket.target - known) // 16 if known else ticket.target
        for token in ticket.tokens:
            self.demand.setdefault(token, Rate()).add(now)
        for step, each in enumerate(ticket.optional, 1):
            if ticket.arrived_at + each.after > now:
                self.timers.set(ticket.arrived_at + each.after, "overflow", ticket.id, step)
        overdue_at = ticket.due + ticket.target
        if ticket.optional and overdue_at > now:
            self.timers.set(overdue_at, "overdue", ticket.id)

    def pace(self, now: int) -> Pace:
        """How fast the pool is."""
        first, second, third, fourth = (self.arrivals[priority].at(now) for priority in PRIORITIES)
        targets = self.targets
        return Pace(
            span(now),
            self.starts.at(now),
            (first, second, third, fourth),
            (targets[1], targets[2], targets[3], targets[4]),
        )

    def price(self, agent: Worker, now: int, *, patient: bool) -> int:
        """What it costs that this agent is not free any more: each token by its demand, less the more have it."""
        price = 0
        for token in agent.tokens:
            demand = self.demand.get(token)
            if demand is not None:
                others = self.free.with_token(token, patient=patient)
                price += demand.at(now) * self._scarcities[min(others, len(self._scarcities) - 1)]
        return price

    def excludes(self, ticket: Ticket, agent: Worker) -> bool:
        """Whether this agent is not to be asked for this ticket."""
        return ticket.excluded.get(agent.id) == agent.epoch

    def somebody_on_duty(self, signature: Signature, but_excluded: Ticket | None = None) -> bool:
        """Whether anybody on duty could have a ticket; true where too many would have to be looked at to know."""
        known = self.signatures.of(signature)
        holders = self.free.duty.get(known.anchor, [])
        if len(holders) > self.tuning.looks:
            return True
        able = (self.agents[each] for each in holders if known.tokens <= self.agents[each].tokens)
        return any(but_excluded is None or not self.excludes(but_excluded, agent) for agent in able)

    def enter(self, ticket: Ticket, state: str) -> None:
        """A ticket begins to wait, or to be held for its previous agent."""
        ticket.state = state
        previous = self.agents.get(ticket.previous) if ticket.previous else None
        self.waiting.enter(ticket, previous_on_duty=previous is not None and previous.on_duty)

    def want(self, ticket: Ticket, now: int) -> None:
        """A ticket that nobody has stands in the room, and looks for an agent."""
        ticket.relaxed = ticket.relaxed_by(now)
        self.enter(ticket, WAITING)
        self.wake("waiting", ticket.id)

    def leave(self, ticket: Ticket, now: int) -> None:
        """A ticket waits no more; room that was kept for it is kept no longer."""
        if ticket.state in (WAITING, HELD):
            self.waiting.leave(ticket)
            ticket.state, ticket.looks_at = GONE, 0
        self.unkeep(ticket, now)

    def enter_anew(self, ticket: Ticket, state: str) -> None:
        """One that waits stands where it belongs by what is known of it now."""
        self.waiting.leave(ticket)
        self.enter(ticket, state)

    def climb(self, ticket: Ticket, now: int) -> bool:
        """Let a late ticket take its step of the ladder; false when it has none to take."""
        if not is_late(ticket, now):
            return False
        self.waiting.leave(ticket)
        ticket.aim = next_aim(ticket, self.tuning)
        ticket.step += 1
        self.enter(ticket, ticket.state)
        return True

    def bind(self, ticket: Ticket, agent: Worker, now: int) -> None:
        """The agent has it, as an offer or for good."""
        self.begin(ticket, now)
        self.leave(ticket, now)
        self.load(ticket, agent, now)
        self.starts.add(now)
        if ticket.offer is None:
            self.take(ticket)
            return
        ticket.state = OFFERED
        self.timers.set(now + ticket.offer, "expired", ticket.id, ticket.offers)

    def take(self, ticket: Ticket) -> None:
        """Its agent has it for good, and what kept anybody from it is forgotten."""
        ticket.state = TAKEN
        ticket.excluded, ticket.asked_all_at = {}, None

    def load(self, ticket: Ticket, agent: Worker, now: int) -> None:
        """The agent has it in hand from now on."""
        ticket.agent, ticket.since = agent.id, now
        ticket.offers += 1
        agent.load.change(ticket, 1)
        agent.idle_since = now
        self.free.refresh(agent, now)

    def unload(self, ticket: Ticket, now: int) -> None:
        """Its agent has it no more, and is given other tickets before the event is over."""
        agent = self.agents.get(ticket.agent or "")
        ticket.agent = None
        if agent is not None:
            if ticket.id in self.wrapping.get(agent.id, ()):
                self.wrapping[agent.id].remove(ticket.id)
            self._put_down(ticket, agent, now)
            self.wake("freed", agent.id)

    def _put_down(self, ticket: Ticket, agent: Worker, now: int) -> None:
        agent.load.change(ticket, -1)
        if agent.load.every == 0:
            agent.idle_since = now
        self.free.refresh(agent, now)

    def wrap(self, ticket: Ticket, until: int) -> None:
        """Its agent is done with it, and has it in hand until they have wrapped it up."""
        ticket.state, ticket.wrapped_at = GONE, until
        self.wrapping.setdefault(ticket.agent or "", []).append(ticket.id)
        self.timers.set(until, "wrapped", ticket.agent or "")

    def wrapped(self, agent: Worker, now: int, *, every: bool = False) -> bool:
        """What they have wrapped up by now is nobody's business any more, or all of it; whether there was any."""
        wrapping = self.wrapping.pop(agent.id, [])
        over = [id_ for id_ in wrapping if every or self.tickets[id_].wrapped_at <= now]
        if left := [id_ for id_ in wrapping if id_ not in over]:
            self.wrapping[agent.id] = left
        for id_ in over:
            self._put_down(self.tickets.pop(id_), agent, now)
        return bool(over)

    def keep(self, ticket: Ticket, agent: Worker, now: int) -> None:
        """Keep the agent's room for a heavy ticket."""
        ticket.keeper, agent.keeps = agent.id, ticket.id
        self.free.refresh(agent, now)

    def unkeep(self, ticket: Ticket, now: int) -> None:
        """Keep no room for it."""
        keeper = self.agents.get(ticket.keeper or "")
        ticket.keeper = None
        if keeper is not None:
            keeper.keeps = None
            self.free.refresh(keeper, now)
            self.wake("freed", keeper.id)
