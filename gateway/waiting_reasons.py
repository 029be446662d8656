"""What happens to a ticket now: who has it, to whom it is offered, or why it waits, agent by agent."""

from collections.abc import Iterator

from ..router.decision import REASONS, left_out
from ..router.eligibility import Candidate, candidates, is_eligible
from ..router.records import AgentState
from ..router.stored_ticket import StoredTicket
from .assembly import Assembly
from .moments import moment


async def why_now(assembly: Assembly, stored: StoredTicket) -> list[str]:
    """In sentences."""
    ticket = stored.record
    if ticket.assignee is not None:
        return [f"{ticket.assignee} has it."]
    if ticket.offer is not None:
        return [f"it is offered to {ticket.offer.agent} until {moment(ticket.offer.expires_at)} UTC."]
    if ticket.status not in ("new", "open"):
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
    agents = {agent.id: agent for agent in await assembly.agents.all(settings)}
    seen = [_seen(candidate, agents[candidate.agent], stored) for candidate in able]
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in seen)
    relaxed = bool(stored.own.get("_relaxed"))
    sentences = list(_sentences(seen, on_duty, relaxed))
    return [f"it waits in {ticket.queue}, because nobody can have it:", *sentences]


def _seen(candidate: Candidate, agent: AgentState, stored: StoredTicket) -> dict[str, object]:
    memory = (stored.own.get("_excluded") or {}).get(candidate.agent) or {}
    return {
        "agent": candidate.agent,
        "speaks": candidate.speaks,
        "presence": agent.presence,
        "room": agent.load + _weight(stored) <= agent.capacity,
        "load": agent.load,
        "capacity": agent.capacity,
        "left_out": memory.get("reason", ""),
    }


def _weight(stored: StoredTicket) -> int:
    return int(stored.own.get("_weight", 1))


def _sentences(seen: list[dict[str, object]], on_duty: bool, relaxed: bool) -> Iterator[str]:
    for each in seen:
        reason = left_out(each, speaker_on_duty=on_duty, relaxed=relaxed)
        words = REASONS.get(reason, reason) if reason else "could have it, and is about to be asked"
        yield f"  {each['agent']} {words} (load {each['load']} of {each['capacity']})"


