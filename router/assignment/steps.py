"""The steps of which events consist, and what becomes of each wake. What was bound comes out in order."""

from collections.abc import Iterator

from .choice import OVERFLOW
from .desk import Bound, Desk
from .filling import fill
from .placing import find_agent, place
from .tickets import HELD, OFFERED, WAITING, Ticket
from .timers import Wake
from .workers import AVAILABLE, AWAY, OFFLINE, Worker

Bindings = Iterator[Bound]

FINISHING = 60_000  # ms; so often it is looked whether somebody in overtime has finished


def settle(desk: Desk, now: int) -> Bindings:
    """Work off what follows, in the order in which it was caused; the last step of every event."""
    while desk.wakes:
        yield from _look(desk, desk.wakes.popleft(), now)


def _look(desk: Desk, wake: Wake, now: int) -> Bindings:
    agent, ticket = desk.agents.get(wake.subject), desk.tickets.get(wake.subject)
    match wake.kind:
        case "freed" if agent is not None:
            yield from fill(desk, agent, now)
        case "gone" | "wrapped" | "shift" if agent is not None:
            _look_at_agent(desk, wake, agent, now)
        case "deserted":
            _look_at_deserted(desk, wake.subject, wake.token)
        case "anchors":
            desk.waiting.file_again()
        case "sweep":
            _sweep(desk, now)
        case _ if ticket is not None:
            yield from _look_at_ticket(desk, wake, ticket, now)


def _look_at_agent(desk: Desk, wake: Wake, agent: Worker, now: int) -> None:
    match wake.kind:
        case "gone":
            _withdraw_offers(desk, agent, now)
        case "wrapped" if desk.wrapped(agent, now):
            desk.wake("freed", agent.id)
        case "shift":
            _look_at_shift(desk, agent, wake.token, now)


def _look_at_ticket(desk: Desk, wake: Wake, ticket: Ticket, now: int) -> Bindings:
    state, token = ticket.state, wake.token
    match wake.kind:
        case "waiting" | "again" | "overdue" if state in (WAITING, HELD):
            yield from _place(desk, ticket, now)
        case "hold" if state == HELD and ticket.held_until <= now:
            yield from _place(desk, ticket, now)
        case "ask_again" if token == str(ticket.asked_all_at):
            ticket.excluded, ticket.asked_all_at = {}, None
            if state in (WAITING, HELD):
                yield from _place(desk, ticket, now)
        case "overflow" if ticket.relaxed_by(now) > ticket.relaxed:
            ticket.relaxed = ticket.relaxed_by(now)
            if state == WAITING:
                yield from _overflow(desk, ticket, now)
        case "expired" if state == OFFERED and token == str(ticket.offers):
            expire(desk, ticket, now)


def _place(desk: Desk, ticket: Ticket, now: int) -> Bindings:
    bound = place(desk, ticket, now)
    if bound is not None:
        yield bound


def _overflow(desk: Desk, ticket: Ticket, now: int) -> Bindings:
    """A waiting ticket becomes second-choice work: an idle agent has it at once."""
    bound = find_agent(desk, ticket, ticket.relaxed_signature(), OVERFLOW, now)
    if bound is None:
        desk.waiting.overflows(ticket)
        return
    desk.bind(ticket, desk.agents[bound.agent], now)
    yield bound


def exclude(desk: Desk, ticket: Ticket) -> None:
    """The agent who has it is not asked for it again until their next sign of life."""
    agent = desk.agents.get(ticket.agent or "")
    if agent is not None:
        ticket.excluded[agent.id] = agent.epoch


def give_back(desk: Desk, ticket: Ticket, now: int) -> None:
    """A ticket wants another agent, with its aim; whoever had it looks for other work first."""
    desk.unload(ticket, now)
    desk.want(ticket, now)


def expire(desk: Desk, ticket: Ticket, now: int) -> None:
    """An offer ran out: its agent is asked nothing until a sign of life, and their other offers go too."""
    exclude(desk, ticket)
    agent = desk.agents[ticket.agent or ""]
    give_back(desk, ticket, now)
    if agent.presence == AVAILABLE and not agent.muted:
        agent.muted = True
        follow(desk, agent, agent.tokens, now)
        desk.wake("gone", agent.id)


def follow(desk: Desk, agent: Worker, had: frozenset[str], now: int) -> None:
    """What an agent is has changed, who had these tokens on duty: who is asked no more keeps no room, and whoever waits
    for one of the tokens that they have no more looks whether anybody else has it. Nothing is held for them any longer.
    """
    if agent.keeps is not None and not agent.offerable(now):
        desk.unkeep(desk.tickets[agent.keeps], now)
    desk.free.refresh(agent, now)
    has = agent.tokens if agent.on_duty else frozenset[str]()
    desk.free.duty_of(agent.id, had, has)
    for token in sorted(had - has):
        if desk.waiting.wanting.get(token):
            desk.wake("deserted", token)
    if had - has or not agent.offerable(now):
        for _, id_ in desk.waiting.returning.get(agent.id, [])[: desk.tuning.deserted_at_once]:
            if desk.tickets[id_].state == HELD:
                desk.wake("again", id_)


def _look_at_shift(desk: Desk, agent: Worker, asked_for: str, now: int) -> None:
    """Near the end of their shift nothing is offered; at its end they are offline, unless they have said since then how
    they are, or have a live conversation to finish.
    """
    closes_at, ends_at = agent.hours.shift_at(now) if agent.hours else (0, 0)
    ended, had = agent.shift_ends, agent.tokens if agent.on_duty else frozenset[str]()
    over = 0 < ended <= now and agent.presence != OFFLINE and agent.said_at <= ended
    until = ended + (agent.hours.overtime if agent.hours else 0)
    if over and ends_at and now < until and agent.is_finishing():
        follow(desk, agent, had, now)
        _look_at_shift_later(desk, agent, asked_for, min(now + FINISHING, until), now)
        return
    was_offerable = agent.offerable(now)
    agent.closes_at, agent.shift_ends = closes_at, ends_at
    if ends_at:
        _look_at_shift_later(desk, agent, asked_for, closes_at if closes_at > now else ends_at, now)
    else:
        agent.shift_look = 0
    if over:
        agent.presence, agent.muted = OFFLINE, False
    follow(desk, agent, had, now)
    if over:
        desk.wake("gone", agent.id)
    elif agent.offerable(now) and not was_offerable:
        desk.wake("freed", agent.id)


def _look_at_shift_later(desk: Desk, agent: Worker, asked_for: str, due: int, now: int) -> None:
    """There is one chain of looks: one that is on its way and comes in time is enough."""
    if now < agent.shift_look <= due and asked_for != str(agent.shift_look):
        return
    agent.shift_look = due
    desk.timers.set(due, "shift", agent.id, due)


def _withdraw_offers(desk: Desk, agent: Worker, now: int) -> None:
    """All that is offered to an agent who went wants another, the most due first."""
    if agent.presence not in (AWAY, OFFLINE) and not agent.muted:
        return
    offered = [each for each in desk.tickets.values() if each.state == OFFERED and each.agent == agent.id]
    for ticket in sorted(offered, key=lambda each: (each.aim, each.id)):
        give_back(desk, ticket, now)


def end(desk: Desk, ticket: Ticket, now: int) -> None:
    """A ticket is nobody's business any more."""
    if ticket.agent is not None:
        desk.unload(ticket, now)
    del desk.tickets[ticket.id]


def _look_at_deserted(desk: Desk, token: str, after: str) -> None:
    """Waiting tickets that could drop a token, those after `after`, do so where nobody on duty has what they need."""
    most = desk.tuning.deserted_at_once
    some = [id_ for id_ in desk.waiting.wanting.get(token, []) if id_ > after][:most]
    for id_ in some:
        if not desk.somebody_on_duty(desk.tickets[id_].signature()):
            desk.wake("again", id_)
    if len(some) == most:
        desk.wake("deserted", token, some[-1])


def _sweep(desk: Desk, now: int) -> None:
    """The safety net: heads of lines look anew for which an agent is free, or nobody on duty has what they need.

    While there is still something to be worked off it is not judged what that has left.
    """
    desk.timers.set(now + desk.tuning.sweep_every, "sweep", "")
    if desk.wakes:
        return
    heads = [member[1] for bucket in sorted(desk.waiting.heads) for member in desk.waiting.heads[bucket]]
    for ticket in [desk.tickets[id_] for id_ in heads]:
        found = find_agent(desk, ticket, ticket.signature(), OVERFLOW, now)
        if found is None and ticket.relaxed:
            found = find_agent(desk, ticket, ticket.relaxed_signature(), OVERFLOW, now)
        desk.swept += found is not None
        if found is not None or not desk.somebody_on_duty(ticket.signature()):
            desk.wake("again", ticket.id)
