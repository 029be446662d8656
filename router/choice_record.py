"""A choice of the assignment as a record, and the same choice made again from the record alone.

`record` is what the model writes of a binding, as the scripts do in the engine. With any number of agents and tickets
it stays below 2 KB: of the agents it has at most eight, of the tickets at most ten, from which the choice comes out the
same as from all.
"""

from .assignment.choice import AgentSeen, HeadSeen, Pace, choose_agent, choose_ticket, recorded, that_matter
from .assignment.desk import Bound, Desk
from .assignment.tuning import DEFAULT
from .decision_record import Decision, SeenAgent, SeenPace, SeenTicket


def choose_again(decision: Decision) -> str | None:
    """The agent who comes out of what was seen; None when it would have been another ticket's turn."""
    if decision.agents:
        best = choose_agent(
            [AgentSeen(each.slowness, each.price, each.idle_since, each.agent) for each in decision.agents]
        )
        return best.agent if best else None
    pace = decision.pace or SeenPace(span=1, starts=0, arrivals=(0, 0, 0, 0), targets=(0, 0, 0, 0))
    heads = [
        HeadSeen(each.place, each.ticket, each.priority, each.final, each.fits, each.way) for each in decision.tickets
    ]
    head = choose_ticket(
        heads, Pace(pace.span, pace.starts, pace.arrivals, pace.targets), recorded(decision.due), DEFAULT
    )
    return decision.agent if head is not None and head.ticket == decision.ticket else None


def record(desk: Desk, bound: Bound, *, config: str = "", cause: str = "") -> Decision:
    """A binding of the model, told right after it was made."""
    ticket, agent = desk.tickets[bound.ticket], desk.agents[bound.agent]
    load = agent.load.every if ticket.patient else agent.load.live
    chosen = next((head for head in bound.heads if head.ticket == bound.ticket), None)
    told = that_matter(bound.heads, chosen) if chosen else []
    return Decision(
        at=bound.at,
        agent=bound.agent,
        ticket=bound.ticket,
        config=config,
        cause=cause,
        channel=ticket.channel,
        weight=ticket.weight,
        way=bound.way,
        lacking=tuple(token for token in ticket.tokens if token not in agent.tokens),
        agents=tuple(
            _agent(desk, seen, ticket.weight if seen.agent == agent.id else 0) for seen in sorted(bound.agents)
        ),
        tickets=tuple(SeenTicket.model_validate(head._asdict()) for head in told),
        more_tickets=len(bound.heads) - len(told),
        pace=SeenPace.model_validate(bound.pace._asdict()) if bound.pace else None,
        due=bound.counts,
        others=bound.passed_over,
        load_before=load - ticket.weight,
        load_after=load,
        capacity=agent.capacity,
    )


def _agent(desk: Desk, seen: AgentSeen, got: int) -> SeenAgent:
    """`got`: what this binding has given them."""
    agent = desk.agents[seen.agent]
    return SeenAgent(**seen._asdict(), load=agent.load.every - got, capacity=agent.capacity)
