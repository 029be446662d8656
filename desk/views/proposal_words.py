"""A proposal as people read it: who the two are, what speaks for it, and who they would be as one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ...config.field_settings import Declared
from ...normalizer.channel_facts import Channels
from ...router.open_proposals import OpenProposal
from ...router.person import as_one
from ...router.records import Customer, Ticket
from ...router.sight import Sight, admits
from .people import Profile, profile
from .ticket_lists import TicketLists

TICKETS = 3


@dataclass(frozen=True, kw_only=True)
class ProposedPerson:
    """One of the two: the record by which it is decided, who they are, their newest tickets and how many there are."""

    record: str
    profile: Profile
    tickets: Sequence[Ticket]
    total: int


@dataclass(frozen=True, kw_only=True)
class ProposalWords:
    """A proposal as the template takes it."""

    titles: Sequence[str]
    """Their names; of two with the same name with an address each."""
    people: Sequence[ProposedPerson]
    how: str
    evidence: str
    again: bool
    at: int
    as_one: Profile
    total: int


async def proposal_words(
    proposal: OpenProposal,
    lists: TicketLists,
    channels: Channels,
    declared: Declared,
    sight: Sight | None = None,
) -> ProposalWords:
    """The proposal with what is known of both, and those of their tickets that are seen."""
    entry, ids = proposal.entry, (proposal.record, proposal.other)
    pairs = zip(ids, proposal.people, strict=True)
    people = await asyncio.gather(*(_person(id_, each, lists, channels, declared, sight) for id_, each in pairs))
    return ProposalWords(
        titles=_titles([each.profile for each in people]),
        people=people,
        how=str(entry.get("how", "")),
        evidence=str(entry.get("evidence", "")),
        again=bool(entry.get("again")),
        at=entry["at"],
        as_one=profile(as_one(proposal.people), channels, declared),
        total=sum(each.total for each in people),
    )


async def _person(
    record: str,
    customer: Customer,
    lists: TicketLists,
    channels: Channels,
    declared: Declared,
    sight: Sight | None,
) -> ProposedPerson:
    found = await lists.of_customer(customer.records or (customer.id,), TICKETS)
    shown = [each.record for each in found.tickets if admits(sight, each.record)]
    return ProposedPerson(
        record=record, profile=profile(customer, channels, declared), tickets=shown, total=found.total
    )


def _titles(profiles: Sequence[Profile]) -> Sequence[str]:
    if len({each.name for each in profiles}) > 1:
        return [each.name for each in profiles]
    return [f"{each.name} ({each.identities[0].words.value})" if each.identities else each.name for each in profiles]
