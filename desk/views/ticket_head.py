"""What an agent can do with a ticket now: the buttons of its head, and what stands there instead. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...config.settings import Settings
from ...router.clock import KINDS
from ...router.eligibility import is_eligible
from ...router.life_cycle import ACTIVE, FINISHED, MOVES
from ...router.policy import Policy
from ...router.spam_tickets import sender_of
from ...router.stored_ticket import StoredTicket
from .deadlines import Deadline, answer_deadline, clock_words, own_deadlines, standing
from .happenings import Names
from .labels import PARKING
from .person_names import person_name
from .products import ticket_product


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a ticket."""

    title: str
    product: str  # what people know its channel by
    holder: str
    mine: bool
    offer: Deadline | None
    deadline: Deadline | None
    standing: str  # what is owed and stands, where nothing runs
    own: Sequence[Deadline]  # what else is owed by a name of the desk's own
    clocks: Mapping[str, Mapping[str, str]]  # what can be begun and stopped, by name
    may_accept: bool
    may_take: bool
    may_take_over: bool
    may_release: bool
    may_solve: bool
    parks: Mapping[str, str]  # statuses in which it may wait, with the words of their buttons
    may_reopen: bool
    is_spam: bool
    may_mark_spam: bool
    sender: str  # who can be blocked with it


def head(stored: StoredTicket, agent: str, policy: Policy, *, absent: bool = False) -> Head:
    """The head for this agent; for somebody who is no agent, nothing can be accepted or taken.

    `absent` says that whoever has the ticket is offline, so that a colleague can take it over.
    """
    ticket, settings, channels = stored.record, policy.settings, policy.channels
    offered = ticket.offer.agent if ticket.offer else None
    finished, mine = ticket.status in FINISHED, bool(agent) and ticket.assignee == agent
    free = ticket.assignee is None and offered is None and not finished
    preview, owed, product = stored.work.preview, answer_deadline(stored), ticket_product(stored, channels).words
    return Head(
        title=ticket.subject or f"{product}: {person_name(preview.by, preview.key, channels)}",
        product=product,
        holder=_holder(stored, agent, settings.agent_names) + (" and is offline" if absent and not mine else ""),
        mine=mine,
        offer=offer_deadline(stored) if offered == agent else None,
        deadline=owed,
        standing=standing(stored),
        own=[each for each in own_deadlines(stored) if owed is None or each.kind != owed.kind],
        clocks=_clocks(stored),
        may_accept=bool(agent) and offered == agent,
        may_take=free and _eligible(stored, agent, settings),
        may_take_over=absent and not mine and not finished and _eligible(stored, agent, settings),
        may_release=mine and not finished,
        may_solve=not finished and offered is None,
        parks=PARKING if ticket.status in ACTIVE and offered is None else {},
        may_reopen=ticket.status not in ACTIVE and "open" in MOVES[ticket.status],
        is_spam=ticket.resolution == "spam",
        may_mark_spam=ticket.status != "closed",
        sender=sender_of(stored),
    )


def offer_deadline(stored: StoredTicket) -> Deadline | None:
    """From when until when the ticket is offered; None when it is not."""
    offer = stored.record.offer
    if offer is None:
        return None
    offered = [int(event["at"]) for event in stored.work.history if event["kind"] == "ticket.offered"]
    return Deadline(since=offered[-1] if offered else stored.record.updated_at, due=offer.expires_at)


def _clocks(stored: StoredTicket) -> Mapping[str, Mapping[str, str]]:
    """What can be begun (a policy names it) and what can be stopped, by names of the desk's own."""
    ticket, agreed = stored.record, stored.work.sla
    going = {name for name, clock in ticket.clocks.items() if name not in KINDS and clock.stopped is None}
    known = set(agreed.targets) - set(KINDS) if agreed and ticket.status not in FINISHED else set[str]()
    words = {"start": sorted(known - going), "stop": sorted(going)}
    return {act: {name: clock_words(name) for name in names} for act, names in words.items()}


def _holder(stored: StoredTicket, agent: str, names: Names) -> str:
    ticket = stored.record
    if ticket.offer is not None:
        return "offered to you" if ticket.offer.agent == agent else f"offered to {_name(ticket.offer.agent, names)}"
    if ticket.assignee is None:
        return "nobody has it"
    return "you have it" if ticket.assignee == agent else f"{_name(ticket.assignee, names)} has it"


def _name(agent: str, names: Names) -> str:
    return names.get(agent, agent)


def _eligible(stored: StoredTicket, agent: str, settings: Settings) -> bool:
    configured = settings.agents.get(agent)
    return configured is not None and is_eligible(configured, stored.record.queue, stored.record.required_skills)
