"""Whose tickets somebody sees: those of their queues, and those that are theirs, assigned or offered. Pure.

No sight at all (None) sees everything. A ticket that is merged is seen by whoever sees what stands for it; who asks for
one ticket sees to that, lists do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .records import Status, Ticket


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What an agent sees."""

    queues: frozenset[str]
    agent: str

    def admits(self, ticket: Ticket) -> bool:
        """Whether they see this ticket."""
        return self._sees(ticket.queue, ticket.assignee, ticket.offer.agent if ticket.offer else None)

    def admits_fields(self, ticket: Mapping[str, Any]) -> bool:
        """The same of a ticket as it stands in a line of the feed."""
        return self._sees(ticket.get("queue"), ticket.get("assignee"), (ticket.get("offer") or {}).get("agent"))

    def dimensions(self, status: Status | None) -> list[str]:
        """The heads of the index in which everything is that they see."""
        tail = f":{status}" if status else ""
        queues = [f"queue:{queue}{tail}" for queue in sorted(self.queues)]
        return [*queues, f"assignee:{self.agent}{tail}", f"offered:{self.agent}"]

    def _sees(self, queue: str | None, assignee: str | None, offered: str | None) -> bool:
        return queue in self.queues or self.agent in (assignee, offered)


def admits(sight: Sight | None, ticket: Ticket) -> bool:
    """Whether somebody with this sight sees the ticket."""
    return sight is None or sight.admits(ticket)
