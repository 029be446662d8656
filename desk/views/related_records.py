"""Other records that are, or may be, the same person's: whose, what says so, and what joining them would bring."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...normalizer.channel_facts import Channels
from ...router.person import Entry, is_linked, relations
from ...router.reader import Reader
from ...router.records import Customer
from .happenings import who
from .person_names import person_name
from .ticket_lists import TicketLists

MOST = 10
"""Records that are shown of either sort."""


@dataclass(frozen=True, kw_only=True)
class RelatedRecord:
    """Another record, and what holds between it and one of this person's."""

    record: str
    other: str
    is_joined: bool
    name: str
    identities: Sequence[str]
    tickets: int
    how: str
    evidence: str
    by: str
    reason: str
    at: int


async def related_records(
    records: Sequence[Customer], reader: Reader, lists: TicketLists, channels: Channels, names: Mapping[str, str]
) -> Sequence[RelatedRecord]:
    """What is proposed of a person with these records, then how they were joined, each the newest first.

    `names` are those of the agents.
    """
    related = sorted(_related(records), key=lambda each: each[2]["at"], reverse=True)
    proposed = [each for each in related if not is_linked(each[2])][:MOST]
    joined = [each for each in related if is_linked(each[2])][:MOST]
    shown = [*proposed, *joined]
    known = await asyncio.gather(*(_known(other, reader, lists) for _, other, _ in shown))
    return [
        RelatedRecord(
            record=record,
            other=other,
            is_joined=is_linked(entry),
            name=customer.names[-1] if customer.names else "",
            identities=[person_name("", identity.key, channels) for identity in customer.identities],
            tickets=tickets,
            how=str(entry.get("how", "")),
            evidence=str(entry.get("evidence", "")),
            by=who(str(entry["by"]), names) if "by" in entry else "",
            reason=str(entry.get("reason", "")),
            at=entry["at"],
        )
        for (record, other, entry), (customer, tickets) in zip(shown, known, strict=True)
        if customer is not None
    ]


def _related(records: Sequence[Customer]) -> Iterator[tuple[str, str, Entry]]:
    """Each relation that somebody can act on, once, as seen from the older record where both are this person's."""
    ours = {each.id for each in records}
    for each in records:
        for other, entry in relations(each).items():
            if (is_linked(entry) and each.id < other) or (entry.get("state") == "proposed" and other not in ours):
                yield each.id, other, entry


async def _known(customer: str, reader: Reader, lists: TicketLists) -> tuple[Customer | None, int]:
    record, tickets = await asyncio.gather(reader.record(customer), lists.of_customer([customer], 0))
    return record, tickets.total
