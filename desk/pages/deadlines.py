"""Until when a customer should hear from us, and how near that is.

A customer waits from the first message that nobody has answered, and should have an answer within the target of the
ticket's channel and priority. Quiet until three quarters of the time have passed, then a warning, then late.
"""

from dataclasses import dataclass
from typing import Literal

from ...router.stored_ticket import StoredTicket
from ...router.targets import target_ms
from .days import brief

Tone = Literal["calm", "warn", "late"]

WARNS = 0.75
_WAITS = frozenset({"new", "open"})


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A time that began at `since` and ends at `due`; both in milliseconds."""

    since: int
    due: int

    def tone(self, now: int) -> Tone:
        """How near the end is."""
        if now >= self.due:
            return "late"
        return "warn" if now - self.since >= WARNS * (self.due - self.since) else "calm"

    def words(self, now: int) -> str:
        """`12 min left` or `5 min late`."""
        return f"{brief(now - self.due)} late" if now >= self.due else f"{brief(self.due - now)} left"


def answer_deadline(stored: StoredTicket) -> Deadline | None:
    """The deadline of the next answer; None when no customer waits for one."""
    ticket, since = stored.record, stored.own.get("_awaits")
    if ticket.status not in _WAITS or since is None:
        return None
    return Deadline(since=since, due=since + target_ms(ticket.channel, ticket.priority))
