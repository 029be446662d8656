"""Other tickets that a ticket names, taken out of what is told to who does not see them: over the API and in the feed.

A ticket names others as what it goes on from, follows, was split out of or is merged into, as those for which it
stands, and in the changes of these; a line of the feed about two tickets names the second as `other`, with a reason
that may speak of it; an article says by a number why it is in its ticket. What is not seen is told as if there were
none. Whether it is seen is asked now, also for lines of before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from ...router.reader import Reader
from ...router.records import Article, Ticket
from ...router.sight import Sight
from .veil import seen_among, veiled_sentences

Record = TypeVar("Record", Ticket, Article)

_ONE = ("follow_up_of", "merged_into", "split_from")
"""The fields that hold the id of one other ticket."""
_NAMING = (*_ONE, "goes_on", "merged")


async def told_of(answer: BaseModel, sight: Sight | None, reader: Reader) -> BaseModel:
    """An answer of the API whose tickets, itself or in its fields, name only others that are seen."""
    if sight is None:
        return answer
    named = [name for each in _records(answer, Ticket) for name in _named(dict(each))]
    seen = await seen_among(named, sight, reader) if named else frozenset[str]()
    reasons = list(dict.fromkeys(each.join_reason for each in _records(answer, Article)))
    told = dict(zip(reasons, await veiled_sentences(reasons, sight, reader), strict=True))
    return _kept(answer, seen, told)


async def told_lines(
    lines: Sequence[Mapping[str, Any]], sight: Sight | None, reader: Reader
) -> Sequence[Mapping[str, Any]]:
    """The data of lines of the feed, which name only tickets that are seen."""
    if sight is None:
        return lines
    named = [list(_named_by(data)) for data in lines]
    seen = await seen_among([name for names in named for name in names], sight, reader)
    reasons = await veiled_sentences([_reason(data) for data in lines], sight, reader)
    told = [data if seen.issuperset(names) else _line(data, seen) for data, names in zip(lines, named, strict=True)]
    return [_with_reason(data, reason) for data, reason in zip(told, reasons, strict=True)]


def _records(answer: BaseModel, kind: type[Record]) -> Iterator[Record]:
    """The answer, if it is of this kind, and what of it stands in its fields."""
    if isinstance(answer, kind):
        yield answer
    for _, value in answer:
        yield from (each for each in _listed(value) if isinstance(each, kind))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _kept(answer: BaseModel, seen: frozenset[str], reasons: Mapping[str, str]) -> BaseModel:
    changed: dict[str, Any] = {}
    for name, value in answer:
        if isinstance(value, Ticket | Article):
            changed[name] = _kept(value, seen, reasons)
        elif isinstance(value, list | tuple) and any(isinstance(each, Ticket | Article) for each in value):
            changed[name] = type(value)(_kept(each, seen, reasons) for each in value)
    if isinstance(answer, Ticket):
        changed |= {name: _seen_of(getattr(answer, name), seen) for name in _NAMING}
    elif isinstance(answer, Article):
        changed["join_reason"] = reasons[answer.join_reason]
    return answer.model_copy(update=changed) if changed else answer


def _reason(data: Mapping[str, Any]) -> str:
    return str((data.get("article") or {}).get("join_reason") or "")


def _with_reason(data: Mapping[str, Any], reason: str) -> Mapping[str, Any]:
    if reason == _reason(data):
        return data
    return {**data, "article": {**data["article"], "join_reason": reason}}


def _named(ticket: Mapping[str, Any]) -> Iterable[str]:
    """The ids of the others, of a record or of a ticket in a line of the feed."""
    return (name for field in _NAMING for name in _ids(ticket.get(field)))


def _named_by(data: Mapping[str, Any]) -> Iterable[str]:
    yield from _named(data.get("ticket") or {})
    yield from _ids((data.get("other") or {}).get("id"))
    yield from (name for _, pair in _changed(data) for value in pair for name in _ids(value))


def _line(data: Mapping[str, Any], seen: frozenset[str]) -> dict[str, Any]:
    told = dict(data)
    if isinstance(ticket := data.get("ticket"), dict):
        told["ticket"] = {**ticket, **{name: _seen_of(ticket[name], seen) for name in _NAMING if name in ticket}}
    if pairs := {name: [_seen_of(value, seen) for value in pair] for name, pair in _changed(data)}:
        told["changes"] = {**data["changes"], **pairs}
    other = _ids((data.get("other") or {}).get("id"))
    if not seen.issuperset(other):
        told = {name: value for name, value in told.items() if name not in ("other", "reason")}
    return told


def _changed(data: Mapping[str, Any]) -> list[tuple[str, Sequence[Any]]]:
    """The changes, as pairs of before and after, of fields that name tickets."""
    changes = data.get("changes")
    pairs = changes.items() if isinstance(changes, dict) else ()
    return [(name, pair) for name, pair in pairs if name in _NAMING and isinstance(pair, list)]


def _ids(value: Any) -> Iterable[str]:
    """The ids in the value of such a field: an id, several, or what `goes_on` holds."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    ticket = value.get("ticket") if isinstance(value, dict) else getattr(value, "ticket", None)
    return (ticket,) if ticket else ()


def _seen_of(value: Any, seen: frozenset[str]) -> Any:
    """The value without what is not seen."""
    if isinstance(value, list | tuple):
        return type(value)(each for each in value if each in seen)
    return value if seen.issuperset(_ids(value)) else None
