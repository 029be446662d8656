"""What remains of a ticket, an article and a line of the feed when a person is erased. Pure.

What remains is named, so that a field which is added later goes unless somebody decides otherwise: what tickets are
counted, routed and measured by, that there was an article, of which kind and when, and which agent wrote it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...normalizer.envelope import Original
from ..belongings import is_theirs
from ..passed_on import without_people

Data = Mapping[str, Any]

TICKET = (
    *("id", "number", "reference", "queue", "status", "resolution", "priority", "impact", "urgency"),
    *("required_skills", "preferred_skills", "customer", "channel", "account", "language", "assignee", "offer"),
    *("unproven", "acknowledged", "follow_up_of", "merged_into", "merged", "split_from", "reopened", "revision"),
    *("config", "rules", "clocks", "created_at", "updated_at", "last_message_at", "first_response_at", "erased_at"),
)
"""Fields of a ticket."""

TICKET_WORK = (
    *("_arrived_at", "_target_ms", "_due", "_unassigned_since", "_customer_waits_since", "_queue_position"),
    *(
        "_weight",
        "_occupies",
        "_wrapping",
        "_takes",
        "_offer_count",
        "_routing",
        "_excluded",
        "_previous_agent",
        "_article_count",
    ),
    *("_answered_at", "_solved_at", "_sla", "_own_clock", "_own_wait_since", "_merge", "_split_of"),
)
"""Private fields of a ticket."""

ARTICLE = ("id", "ticket", "kind", "channel", "created_at")

_AUTHOR = ("kind", "name", "id")


def article_shell(article: Data, now: int) -> dict[str, Any]:
    """What remains of an article."""
    if article.get("erased_at"):
        return dict(article)
    author = article.get("author") or {}
    agents = {name: author.get(name, "") for name in _AUTHOR} if author.get("kind") != "customer" else {}
    remains = {name: article[name] for name in ARTICLE if name in article}
    return {**remains, "author": {"kind": "customer", **agents}, "text": "", "erased_at": now}


def goes_with_ticket(article: Data, records: Collection[str]) -> bool:
    """Whether an article of a ticket of theirs goes: all but what other customers wrote."""
    author = article.get("author") or {}
    return author.get("kind") != "customer" or author.get("id") in records


def without_them(article: Data, values: Collection[str]) -> dict[str, Any]:
    """Somebody else's article, without them among the copied and in reactions and what it passes on."""
    remains = dict(article)
    if copied := article.get("copied"):
        remains["copied"] = [each for each in copied if each.get("address") not in values]
    if marks := article.get("reactions"):
        remains["reactions"] = [each for each in marks if each.get("identity", "").partition(":")[2] not in values]
    if told := article.get("originals"):
        left = without_people(map(Original.model_validate, told), values)
        remains["originals"] = [each.model_dump(mode="json", exclude_defaults=True) for each in left]
    return remains


@dataclass(frozen=True)
class Person:
    """Who is erased, as far as lines of the feed can name them."""

    records: Collection[str]
    values: Collection[str]  # their identities without kind
    merged: Collection[str]  # their tickets for which another stands, whose line tells what is said in them
    passed_on: Collection[str] = ()  # tickets and articles that are theirs, though the record of somebody else has them


def line_data(kind: str, data: Data, person: Person, now: int) -> dict[str, Any]:
    """What remains of the data of a line of the feed that names them."""
    records = person.records
    if kind.startswith("customer."):
        return _line_about_people(data, records)
    ticket, article = data.get("ticket"), data.get("article")
    if not ticket:
        return {"actor": data.get("actor", ""), "erased": True}
    own = ticket.get("customer") in records or ticket.get("id") in person.passed_on
    remains = _line_about_ticket(data, ticket) if own else dict(data)
    if article:
        within = article.get("ticket") in person.merged or (own and article.get("ticket") == ticket.get("id"))
        goes = goes_with_ticket(article, records) if within else is_theirs(article, records, person.values)
        goes = goes or article.get("id") in person.passed_on
        remains["article"] = article_shell(article, now) if goes else without_them(article, person.values)
    return remains


def _line_about_ticket(data: Data, ticket: Data) -> dict[str, Any]:
    kept = {name: ticket[name] for name in TICKET if name in ticket}
    remains = {name: data[name] for name in ("actor", "agent", "after", "other") if name in data}
    changes = {name: change for name, change in (data.get("changes") or {}).items() if name in TICKET}
    if changes:
        remains["changes"] = changes
    return {**remains, "ticket": {**kept, "subject": "", "tags": []}, "erased": True}


def _line_about_people(data: Data, records: Collection[str]) -> dict[str, Any]:
    gone = data.get("record") in records
    links = [each for each in data.get("links") or () if not gone and each.get("customer") not in records]
    people = [each for each in data.get("people") or () if each.get("id") not in records]
    kept = {name: data[name] for name in ("record", "actor") if name in data}
    return {**kept, "links": links, "people": people, "erased": True}
