"""A ticket looks for an agent: first the previous one, then the best of the free ones who could have it as their own
work, then, when its time for that has come, of those who lack optional tokens. Else it goes on waiting.

While others are idle it may be held for its previous agent, once, when it arrives.
"""

from collections.abc import Iterator

from .aims import hold_until
from .choice import OVERFLOW, OWN, RETURNING, AgentSeen, Way, choose_agent
from .desk import Bound, Desk
from .free import MOST
from .tickets import HELD, WAITING, Signature, Ticket
from .workers import Worker


def place(desk: Desk, ticket: Ticket, now: int) -> Bound | None:
    """A waiting ticket looks for an agent, and goes on waiting if there is none."""
    fresh, dropped = ticket.fresh, ticket.dropped
    desk.begin(ticket, now)
    drop_late(ticket, now)
    drop_deserted(desk, ticket)
    bound = _to_previous(desk, ticket, now) or find_agent(desk, ticket, ticket.signature(), OWN, now)
    until = hold_until(ticket, now, desk.tuning)
    if bound is not None and bound.way == OWN and fresh and until > now and _worth_holding(desk, ticket, now):
        ticket.held_until = until
        desk.timers.set(until, "hold", ticket.id, until)
        desk.enter_anew(ticket, HELD)
        return None
    if bound is None and ticket.relaxed:
        bound = find_agent(desk, ticket, ticket.relaxed_signature(), OVERFLOW, now)
    if bound is not None:
        desk.bind(ticket, desk.agents[bound.agent], now)
        return bound
    if ticket.previous is not None or ticket.state == HELD or ticket.dropped != dropped:
        desk.enter_anew(ticket, WAITING)
    note_declined_by_all(desk, ticket, now)
    return None


def drop_late(ticket: Ticket, now: int) -> None:
    """What it only wishes for ends for good when it is late by as long as it was promised in.

    Not when it is due: what waits for a speaker then would take the others from what is theirs, and more would be late.
    """
    if ticket.due + ticket.target <= now:
        for _ in _drop_wishes(ticket):
            pass


def drop_deserted(desk: Desk, ticket: Ticket) -> None:
    """Drop optional tokens while nobody on duty has them all, if somebody on duty can do without; else they stay."""
    if desk.somebody_on_duty(ticket.signature()):
        return
    before = ticket.dropped
    for _ in _drop_wishes(ticket):
        if desk.somebody_on_duty(ticket.signature()):
            return
    ticket.dropped = before


def _drop_wishes(ticket: Ticket) -> Iterator[str]:
    """Drop the optional tokens that may go at once, one after another; the last token of all stays."""
    for each in ticket.optional:
        if each.at_once and each.token not in ticket.dropped and len(ticket.tokens) > len(ticket.dropped) + 1:
            ticket.dropped |= {each.token}
            yield each.token


def note_declined_by_all(desk: Desk, ticket: Ticket, now: int) -> None:
    """When everybody on duty who could have it has declined or missed it, all are asked again after a while.

    While somebody is left to ask it looks after that while whether they still are.
    """
    if not ticket.excluded or ticket.asked_all_at is not None:
        return
    after = now + desk.tuning.ask_again
    if not desk.somebody_on_duty(ticket.signature(), ticket):
        ticket.asked_all_at = now
        desk.timers.set(after, "ask_again", ticket.id, now)
    elif ticket.looks_at <= now:
        ticket.looks_at = after
        desk.timers.set(after, "again", ticket.id)


def _to_previous(desk: Desk, ticket: Ticket, now: int) -> Bound | None:
    agent = _previous(desk, ticket)
    if agent is None or agent.keeps is not None or not agent.offerable(now) or not agent.fits(ticket):
        return None
    seen = _seen(desk, agent, ticket, ticket.signature(), now, price=False)
    return Bound(at=now, ticket=ticket.id, agent=agent.id, way=RETURNING, offer=ticket.offer, agents=(seen,))


def _previous(desk: Desk, ticket: Ticket) -> Worker | None:
    """The previous agent, if they could have it and have not declined it."""
    agent = desk.agents.get(ticket.previous) if ticket.previous else None
    able = agent is not None and desk.signatures.of(ticket.signature()).tokens <= agent.tokens
    return agent if able and agent is not None and not desk.excludes(ticket, agent) else None


def _worth_holding(desk: Desk, ticket: Ticket, now: int) -> bool:
    agent = _previous(desk, ticket)
    return agent is not None and agent.offerable(now) and agent.could_ever(ticket)


def find_agent(desk: Desk, ticket: Ticket, signature: Signature, way: Way, now: int) -> Bound | None:
    """The best free agent for a ticket under a signature, not yet bound."""
    known = desk.signatures.of(signature)
    able: list[Worker] = []
    passed_over: dict[str, int] = {}
    for _, _, id_ in desk.free.free.get((ticket.patient, known.anchor), [])[: desk.tuning.looks]:
        agent = desk.agents[id_]
        reason = _reason_against(desk, ticket, agent, known.tokens, now)
        if reason:
            passed_over[reason] = passed_over.get(reason, 0) + 1
            continue
        able.append(agent)
        if len(able) == desk.tuning.shortlist:
            break
    seen = tuple(_seen(desk, agent, ticket, signature, now, price=len(able) > 1) for agent in able)
    best = choose_agent(seen)
    if best is None:
        return None
    return Bound(
        at=now, ticket=ticket.id, agent=best.agent, way=way, offer=ticket.offer, agents=seen, passed_over=passed_over
    )


def _reason_against(desk: Desk, ticket: Ticket, agent: Worker, tokens: frozenset[str], now: int) -> str:
    """Why somebody among the free cannot have a ticket; empty if they can."""
    if not tokens <= agent.tokens:
        return "tokens"
    if not agent.offerable(now) or not agent.fits(ticket):
        return "full"
    return "declined" if desk.excludes(ticket, agent) else ""


def _seen(desk: Desk, agent: Worker, ticket: Ticket, signature: Signature, now: int, *, price: bool) -> AgentSeen:
    rate = agent.gain(patient=ticket.patient) * agent.speed(signature) // 1000
    cost = desk.price(agent, now, patient=ticket.patient) if price else 0
    return AgentSeen(MOST - rate, cost, agent.idle_since, agent.id)
