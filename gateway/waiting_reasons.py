"""What happens to a ticket now: who has it, to whom it is offered, or why it waits, agent by agent."""

from collections.abc import Iterator

from ..router.decision import REASONS, left_out
from ..router.eligibility import Candidate, candidates, is_eligible
from ..router.life_cycle import ACTIVE
from ..router.stored_ticket import StoredTicket
from ..router.ticket_keys import TicketKeys
from .assembly import Assembly
from .moments import moment


async def why_now(assembly: Assembly, stored: StoredTicket) -> list[str]:
    """In sentences."""
    ticket = stored.record
    if ticket.assignee is not None:
        return [f"{ticket.assignee} has it."]
    if ticket.offer is not None:
        return [f"it is offered to {ticket.offer.agent} until {moment(ticket.offer.expires_at)} UTC."]
    if ticket.status not in ACTIVE:
        return [f"it is {ticket.status} and waits for nobody of ours."]
    return await _why_it_waits(assembly, stored)


async def _why_it_waits(assembly: Assembly, stored: StoredTicket) -> list[str]:
    ticket, settings = stored.record, assembly.policy().settings
    able = candidates(
        settings,
        ticket.queue,
        language=ticket.language,
        required=ticket.required_skills,
        preferred=ticket.preferred_skills,
    )
    if not able:
        members = [name for name, agent in settings.agents.items() if is_eligible(agent, ticket.queue, ())]
        skills = f" with {', '.join(ticket.required_skills)}" if members else ""
        return [f"it waits, because nobody works in {ticket.queue}{skills}."]
    seen = [await _seen(assembly, candidate, stored) for candidate in able]
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in seen)
    relaxed = bool(stored.own.get("_relaxed"))
    sentences = list(_sentences(seen, on_duty, relaxed))
    return [f"it waits in {ticket.queue}, because nobody can have it:", *sentences]


async def _seen(assembly: Assembly, candidate: Candidate, stored: StoredTicket) -> dict[str, object]:
    agent = await assembly.agents.one(assembly.policy().settings, candidate.agent)
    return {
        "agent": agent.id,
        "speaks": candidate.speaks,
        "presence": agent.presence,
        "room": agent.load + int(stored.own.get("_weight", 1)) <= agent.capacity,
        "load": agent.load,
        "capacity": agent.capacity,
        "left_out": await _remembered(assembly, agent.id, stored),
    }


async def _remembered(assembly: Assembly, agent: str, stored: StoredTicket) -> str:
    """Why the ticket passes this agent over; a missed offer counts only until the agent's next sign of life."""
    memory = (stored.own.get("_excluded") or {}).get(agent) or {}
    epoch = await assembly.engine.call("HGET", TicketKeys(assembly.engine).agents, f"{agent}.epoch")
    stale = memory.get("reason") == "missed" and memory.get("epoch") != int(epoch or 0)
    return "" if stale else str(memory.get("reason", ""))


def _sentences(seen: list[dict[str, object]], on_duty: bool, relaxed: bool) -> Iterator[str]:
    for each in seen:
        reason = left_out(each, speaker_on_duty=on_duty, relaxed=relaxed)
        words = REASONS.get(reason, reason) if reason else "could have it, and is about to be asked"
        yield f"  {each['agent']} {words} (load {each['load']} of {each['capacity']})"
