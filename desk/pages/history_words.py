"""What happened to a ticket, in words: one line for each event, as `router/ticket.lua` remembers it.

Offered to Boris · Boris declined: lunch · Taken by Ada · Moved from support to billing by Ada
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..views.labels import status_words

Event = Mapping[str, Any]
Names = Mapping[str, str]

LONGEST = 200  # characters of a reason

_FIELDS = {
    "priority": "Priority",
    "impact": "Impact",
    "urgency": "Urgency",
    "language": "Language",
    "tags": "Tags",
    "subject": "Subject",
    "required_skills": "Required skills",
    "preferred_skills": "Preferred skills",
}


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event as it is shown."""

    at: int
    words: str


def happenings(events: Sequence[Event], names: Names) -> list[Happened]:
    """All events that are worth a line, in order; `names` are those of the agents."""
    told = ((int(event["at"]), _sentence(event, names)) for event in events)
    return [Happened(at=at, words=words) for at, words in told if words]


def who(actor: str, names: Names) -> str:
    """An actor as people say it: the agent's name, `the customer`, `the token crm`."""
    kind, _, name = actor.partition(":")
    if kind == "agent":
        return names.get(name, name)
    if kind == "customer":
        return "the customer"
    return f"the token {name}" if kind == "token" else "the router"


def _sentence(event: Event, names: Names) -> str:
    make = _SENTENCES.get(str(event["kind"]))
    return make(event, names) if make else ""


def _offered(event: Event, names: Names) -> str:
    return f"Offered to {_agent(event.get('agent'), names)}"


def _assigned(event: Event, names: Names) -> str:
    agent, actor = event.get("agent"), str(event["actor"])
    name = _agent(agent, names)
    if actor == f"agent:{agent}":
        return f"Taken by {name}"
    return f"Given to {name} by {who(actor, names)}"


def _returned(words: str) -> Callable[[Event, Names], str]:
    def told(event: Event, names: Names) -> str:
        changes = _changes(event)
        agent = changes.get("agent") or str(event["actor"]).removeprefix("agent:")
        reason = str(changes.get("reason") or "")[:LONGEST]
        return words.format(_agent(agent, names)) + (f": {reason}" if reason else "")

    return told


def _status_changed(event: Event, names: Names) -> str:
    status, actor = status_words(str(event["status"])), str(event["actor"])
    if event["kind"] == "ticket.reopened":
        return "Opened again by the customer’s message"
    if actor.startswith("customer:"):
        return "Opened by the customer’s message"
    return f"Made {status} by {who(actor, names)}"


def _changed(event: Event, names: Names) -> str:
    changes = {name: pair for name, pair in _changes(event).items() if isinstance(pair, list) and len(pair) == 2}
    told = [_moved(name, *pair) for name, pair in changes.items() if name in _FIELDS or name == "queue"]
    return f"{', '.join(told)} by {who(str(event['actor']), names)}" if told else ""


def _moved(name: str, before: Any, after: Any) -> str:
    if name == "queue":
        return f"Moved from {before} to {after}"
    if name == "subject":
        return "Subject changed"
    return f"{_FIELDS[name]} {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "", {}) else str(value)


def _changes(event: Event) -> Mapping[str, Any]:
    changes = event.get("changes")
    return changes if isinstance(changes, dict) else {}


def _agent(agent: Any, names: Names) -> str:
    return names.get(str(agent), str(agent or "nobody"))


_SENTENCES: Mapping[str, Callable[[Event, Names], str]] = {
    "ticket.offered": _offered,
    "ticket.assigned": _assigned,
    "ticket.declined": _returned("{} declined"),
    "ticket.missed": _returned("{} missed the offer"),
    "ticket.withdrawn": _returned("The offer to {} was withdrawn"),
    "ticket.released": _returned("{} gave it back"),
    "ticket.status_changed": _status_changed,
    "ticket.reopened": _status_changed,
    "ticket.closed": _status_changed,
    "ticket.moved": _changed,
    "ticket.updated": _changed,
}
