"""Tickets beyond one's queues, in what is told of a person, a decision or another ticket: only that they are."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...config.errors import NotFound
from ...router.decision_record import Decision
from ...router.person_timeline import Said
from ...router.reader import Reader
from ...router.records import Author
from ...router.sight import Sight, admits
from ...router.stored_ticket import StoredTicket

ELSEWHERE = "a ticket in another queue"
"""What is said in place of its subject, or of its number in a sentence."""

_NUMBER = re.compile(r"\bT-[0-9]+\b")


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


async def veiled_sentences(sentences: Sequence[str], sight: Sight | None, reader: Reader) -> Sequence[str]:
    """Sentences of ours, such as why a message is in its ticket, without the numbers of tickets that are not seen."""
    numbers = {number for sentence in sentences for number in _NUMBER.findall(sentence)}
    if sight is None or not numbers:
        return sentences
    ids = dict(zip(numbers, await asyncio.gather(*(_id_of(number, reader) for number in numbers)), strict=True))
    seen = await seen_among([id_ for id_ in ids.values() if id_], sight, reader)
    hidden = {number for number, id_ in ids.items() if id_ not in seen}
    return [_NUMBER.sub(lambda at: ELSEWHERE if at[0] in hidden else at[0], sentence) for sentence in sentences]


async def veiled_decisions(decisions: Sequence[Decision], sight: Sight | None, reader: Reader) -> list[Decision]:
    """Decisions as they may be seen: tickets that are not seen are counted among `more_tickets`."""
    if sight is None:
        return list(decisions)
    named = [each.ticket for decision in decisions for each in decision.tickets]
    seen = await seen_among(named, sight, reader)
    return [_without_unseen(decision, seen) for decision in decisions]


async def without_unseen(stored: StoredTicket, sight: Sight | None, reader: Reader) -> StoredTicket:
    """A ticket for the page, whose history, marks and suggestion name no other one that is not seen.

    That it was split out of one or follows one stays, for the page says it without a name.
    """
    if sight is None:
        return stored
    record, history, moved = stored.record, stored.work.history, stored.work.moved
    named = [str(event["other"]["id"]) for event in history if event.get("other")]
    goes_on = [record.goes_on.ticket] if record.goes_on else []
    seen = await seen_among([*named, *goes_on, *(each.ticket for each in moved)], sight, reader)
    kept = record if seen.issuperset(goes_on) else record.model_copy(update={"goes_on": None})
    told = tuple(event if _may_name(event, seen) else _nameless(event) for event in history)
    marks = tuple(each if each.ticket in seen else each.model_copy(update={"number": ELSEWHERE}) for each in moved)
    (opened,) = await veiled_sentences([stored.work.join_reason], sight, reader)
    work = stored.work.model_copy(update={"history": told, "moved": marks, "join_reason": opened})
    return replace(stored, record=kept, work=work)


def split(tickets: Sequence[StoredTicket], sight: Sight | None) -> tuple[list[StoredTicket], int]:
    """Those that are seen, and how many are not."""
    seen = [each for each in tickets if admits(sight, each.record)]
    return seen, len(tickets) - len(seen)


async def _id_of(number: str, reader: Reader) -> str:
    try:
        return (await reader.ticket(number)).record.id
    except NotFound:
        return ""


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
