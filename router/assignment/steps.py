"""The steps of which events consist. Each returns what was bound, in order."""

from collections.abc import Iterator

from .choice import OVERFLOW
from .desk import Bound, Desk
from .filling import fill
from .placing import find_agent, place
from .tickets import HELD, OFFERED, WAITING, Ticket
from .workers import Worker

Bindings = Iterator[Bound]


def settle(desk: Desk, now: int) -> Bindings:
    """Fill whoever may have got room, in the order in which they got it; the last step of every event."""
    while desk.to_fill:
        agent = desk.agents.get(desk.to_fill.popleft())
        if agent is not None:
            yield from fill(desk, agent, now)


def place_and_settle(desk: Desk, ticket: Ticket, now: int, *, may_hold: bool = False) -> Bindings:
    """A ticket that is nowhere looks for an agent."""
    bound = place(desk, ticket, now, may_hold=may_hold)
    if bound is not None:
        yield bound
    yield from settle(desk, now)


def place_anew(desk: Desk, ticket: Ticket, now: int) -> Bindings:
    """A waiting ticket looks for an agent once more."""
    desk.step_out(ticket)
    yield from place_and_settle(desk, ticket, now)


def overflow(desk: Desk, ticket: Ticket, now: int) -> Bindings:
    """A waiting ticket becomes second-choice work: an idle agent has it at once."""
    bound = find_agent(desk, ticket, ticket.relaxed_signature(), OVERFLOW, now)
    if bound is None:
        desk.waiting.overflows(ticket)
        return
    desk.bind(ticket, desk.agents[bound.agent], now)
    yield bound
    yield from settle(desk, now)


def exclude(desk: Desk, ticket: Ticket) -> None:
    """The agent who has it is not asked for it again until their next sign of life."""
    agent = desk.agents.get(ticket.agent or "")
    if agent is not None:
        ticket.excluded[agent.id] = agent.epoch


def give_back(desk: Desk, ticket: Ticket, now: int) -> Bindings:
    """A ticket wants another agent, with its aim; whoever had it is filled afterwards."""
    desk.unload(ticket, now)
    yield from place_and_settle(desk, ticket, now)


def withdraw_offers(desk: Desk, agent: Worker, now: int) -> Bindings:
    """All that is offered to an agent wants another, the most due first."""
    offered = [each for each in desk.tickets.values() if each.state == OFFERED and each.agent == agent.id]
    for ticket in sorted(offered, key=lambda each: (each.aim, each.id)):
        yield from give_back(desk, ticket, now)


def end(desk: Desk, ticket: Ticket, now: int) -> Bindings:
    """A ticket is nobody's business any more."""
    if ticket.agent is not None:
        desk.unload(ticket, now)
    del desk.tickets[ticket.id]
    yield from settle(desk, now)


def unkeep(desk: Desk, agent: Worker) -> None:
    """Keep no room with an agent any more."""
    if agent.keeps is not None:
        desk.unkeep(desk.tickets[agent.keeps])


def look_at_deserted(desk: Desk, token: str, after: str, now: int) -> Bindings:
    """Waiting tickets that could drop a token, those after `after`, do so where nobody on duty has what they need."""
    most = desk.tuning.deserted_at_once
    some = [id_ for id_ in desk.waiting.wanting.get(token, []) if id_ > after][:most]
    if len(some) == most:
        desk.timers.set(now, "deserted", token, some[-1])
    for id_ in some:
        ticket = desk.tickets[id_]
        if ticket.state in (WAITING, HELD) and not desk.somebody_on_duty(ticket.signature()):
            yield from place_anew(desk, ticket, now)


def look_at_all_deserted(desk: Desk, agent: Worker, now: int) -> Bindings:
    """Somebody has left duty: whoever waits for one of their tokens looks whether anybody else has it."""
    for token in sorted(agent.tokens):
        yield from look_at_deserted(desk, token, "", now)
