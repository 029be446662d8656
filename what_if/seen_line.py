"""A line of the feed as far as a replay needs it, without a word of anybody: small, so that it can be laid aside.

`of` gives None for a line that says nothing about who had which ticket when. As JSON a line is one list, as the
file of progress has it.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..queue.feed import FeedLine

TICKET, AGENT = "ticket", "agent"
_KEPT = (
    "number",
    "channel",
    "status",
    "queue",
    "priority",
    "language",
    "required_skills",
    "preferred_skills",
    "assignee",
)
_OF_OPENING = ("tags", "rules", "config", "split_from")
_OTHERS = {"message.received", "message.queued"}


class SeenLine(NamedTuple):
    """One change of a ticket or of an agent's presence."""

    position: int
    at: int
    kind: str
    subject: str
    actor: str
    facts: Mapping[str, Any]

    @property
    def about(self) -> str:
        """TICKET or AGENT."""
        return AGENT if self.kind == "agent.presence_changed" else TICKET

    @classmethod
    def from_json(cls, text: str) -> "SeenLine":
        """The line of a list."""
        return cls(*json.loads(text))


def of(line: FeedLine) -> SeenLine | None:
    """What is seen of a line."""
    actor = str(line.data.get("actor", ""))
    if line.kind == "agent.presence_changed":
        agent = line.data["agent"]
        facts = {"presence": agent["presence"], "missed": actor == "router" and "missed" in agent.get("reason", "")}
        return SeenLine(line.position, line.time, line.kind, line.subject, actor, facts)
    if not line.kind.startswith("ticket.") and line.kind not in _OTHERS:
        return None
    ticket = line.data.get("ticket")
    if not isinstance(ticket, Mapping) or not all(ticket.get(name) for name in ("status", "queue", "number")):
        return None  # a person was erased from it
    return SeenLine(line.position, line.time, line.kind, line.subject, actor, _facts(line, ticket))


def _facts(line: FeedLine, ticket: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: ticket.get(name) for name in _KEPT}
    offer = ticket.get("offer")
    facts["offered"] = offer["agent"] if offer else None
    changes = line.data.get("changes")
    if isinstance(changes, Mapping) and isinstance(changes.get("status"), list):
        facts["was"] = changes["status"][0]
    if line.kind == "ticket.created":
        facts |= {name: ticket.get(name) for name in _OF_OPENING}
    if line.kind == "message.queued":
        article = line.data.get("article") or {}
        facts["automatic"] = (article.get("author") or {}).get("kind") != "agent"
    return facts
