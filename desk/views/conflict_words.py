"""Who was first, in words, for whoever was second: `Boris took it 2 s ago`."""

from ...config.errors import Conflict, NotFound
from ...router.policy import CurrentPolicy
from ...router.reader import Reader
from ...router.stored_ticket import StoredTicket
from .happenings import Names
from .times import brief

_TOOK, _OFFERED = "ticket.assigned", "ticket.offered"


async def with_reason(error: Conflict, ticket: str, *, reader: Reader, policy: CurrentPolicy, now: int) -> Conflict:
    """The same refusal with what is known of who was first."""
    agent = error.facts.get("agent")
    if agent is None:
        return error
    try:
        stored = await reader.ticket(ticket)
    except NotFound:
        return error
    words = first_words(stored, str(agent), policy().settings.agent_names, now)
    return Conflict(words, **error.facts) if words else error


def first_words(stored: StoredTicket, agent: str, names: Names, now: int) -> str:
    """Who has it, or is asked; empty when it is neither."""
    ticket, name = stored.record, names.get(agent, agent)
    events = stored.work.history
    if ticket.assignee == agent:
        took = [int(event["at"]) for event in events if event["kind"] == _TOOK and event.get("agent") == agent]
        return f"{name} took it {brief(max(0, now - took[-1]))} ago" if took else f"{name} has it"
    if ticket.offer is not None and ticket.offer.agent == agent:
        return f"It is offered to {name} for another {brief(max(0, ticket.offer.expires_at - now))}"
    return ""
