"""Tickets beyond one's queues, in what is told of a person or a decision: that they are there, and nothing else."""

from collections.abc import Sequence

from ...router.person_timeline import Said
from ...router.reader import Reader
from ...router.records import Author, Decision
from ...router.sight import Sight, admits
from ...router.stored_ticket import StoredTicket

ELSEWHERE = "a ticket in another queue"
"""What is said in place of its subject."""


async def seen_among(tickets: Sequence[str], sight: Sight | None, reader: Reader) -> frozenset[str]:
    """Those of these tickets that are seen, by their ids."""
    if sight is None:
        return frozenset(tickets)
    found = [each for each in await reader.stored(dict.fromkeys(tickets)) if each is not None]
    cases = await reader.stored(each.record.merged_into for each in found if each.record.merged_into)
    open_cases = {each.record.id for each in cases if each is not None and sight.admits(each.record)}
    return frozenset(each.record.id for each in found if sight.admits(each.record) or _within(each, open_cases))


async def veiled(said: Sequence[Said], sight: Sight | None, reader: Reader) -> list[Said]:
    """A timeline as it may be seen."""
    seen = await seen_among([each.ticket for each in said], sight, reader)
    return [each if each.ticket in seen else _elsewhere(each) for each in said]


async def veiled_decisions(decisions: Sequence[Decision], sight: Sight | None, reader: Reader) -> list[Decision]:
    """Decisions as they may be seen: tickets that are not seen are counted among `more_tickets`."""
    if sight is None:
        return list(decisions)
    named = [each.ticket for decision in decisions for each in decision.tickets]
    seen = await seen_among(named, sight, reader)
    return [_without_unseen(decision, seen) for decision in decisions]


def split(tickets: Sequence[StoredTicket], sight: Sight | None) -> tuple[list[StoredTicket], int]:
    """Those that are seen, and how many are not."""
    seen = [each for each in tickets if admits(sight, each.record)]
    return seen, len(tickets) - len(seen)


def _without_unseen(decision: Decision, seen: frozenset[str]) -> Decision:
    kept = tuple(each for each in decision.tickets if each.ticket in seen)
    more = decision.more_tickets + len(decision.tickets) - len(kept)
    return decision.model_copy(update={"tickets": kept, "more_tickets": more})


def _within(stored: StoredTicket, cases: set[str]) -> bool:
    return stored.record.merged_into in cases


def _elsewhere(said: Said) -> Said:
    nobody = Author(kind=said.author.kind)
    empty = {"article": "", "ticket": "", "number": "", "text": "", "files": 0, "kind": "message", "hidden": True}
    return said.model_copy(update={**empty, "subject": ELSEWHERE, "author": nobody, "status": "open"})
