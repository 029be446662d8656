"""Tickets beyond one's queues, in what is told of a person, a decision or another ticket: only that they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...router.decision_record import Decision
from ...router.person_timeline import Said
from ...router.reader import Reader
from ...router.records import Author
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


async def without_unseen(stored: StoredTicket, sight: Sight | None, reader: Reader) -> StoredTicket:
    """A ticket that names no other one that is not seen: neither in its history nor as one from which it goes on."""
    if sight is None:
        return stored
    record, history = stored.record, stored.work.history
    named = [str(event["other"]["id"]) for event in history if event.get("other")]
    goes_on = [record.goes_on.ticket] if record.goes_on else []
    seen = await seen_among([*named, *goes_on], sight, reader)
    kept = record if seen.issuperset(goes_on) else record.model_copy(update={"goes_on": None})
    told = tuple(event if _may_name(event, seen) else _nameless(event) for event in history)
    return replace(stored, record=kept, work=stored.work.model_copy(update={"history": told}))


def nameless_line(data: Mapping[str, Any], sight: Sight | None) -> Mapping[str, Any]:
    """What a line of the feed tells of its ticket, without the number of another one, which may not be seen."""
    if sight is None or not data.get("other"):
        return data
    return {**data, "other": {"id": data["other"].get("id")}}


def split(tickets: Sequence[StoredTicket], sight: Sight | None) -> tuple[list[StoredTicket], int]:
    """Those that are seen, and how many are not."""
    seen = [each for each in tickets if admits(sight, each.record)]
    return seen, len(tickets) - len(seen)


def _without_unseen(decision: Decision, seen: frozenset[str]) -> Decision:
    kept = tuple(each for each in decision.tickets if each.ticket in seen)
    more = decision.more_tickets + len(decision.tickets) - len(kept)
    return decision.model_copy(update={"tickets": kept, "more_tickets": more})


def _may_name(event: Mapping[str, Any], seen: frozenset[str]) -> bool:
    return not event.get("other") or event["other"]["id"] in seen


def _nameless(event: Mapping[str, Any]) -> dict[str, Any]:
    """Who merged may have said why in words about the other ticket."""
    return {name: value for name, value in event.items() if name not in ("other", "reason")}


def _within(stored: StoredTicket, cases: set[str]) -> bool:
    return stored.record.merged_into in cases


def _elsewhere(said: Said) -> Said:
    nobody = Author(kind=said.author.kind)
    empty = {"article": "", "ticket": "", "number": "", "text": "", "files": 0, "kind": "message", "hidden": True}
    return said.model_copy(update={**empty, "subject": ELSEWHERE, "author": nobody, "status": "open"})
