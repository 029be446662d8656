"""What a ticket owes, and until when: the one place that says when it is at risk or late.

It is what its most urgent running clock says (clock.py): the one that is due first. A clock that is paused or stopped
owes nothing, and of tickets that are one case only the one that stands for all does. `ticket.lua` keeps the indexes
`risk` and `due` by the same rule (`ticket_promises`), so that lists and counts of the board need not read tickets; a
test compares both.
"""

from dataclasses import dataclass

from .clock import most_urgent
from .stored_ticket import StoredTicket


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Something that is owed by the time `due`, of which the time `since` began to run; both in milliseconds."""

    since: int
    due: int
    risk_at: int | None = None
    kind: str = ""

    @property
    def risk(self) -> int:
        """From when on it is at risk; where nothing else is said, in the last quarter of its time."""
        return self.due - (self.due - self.since) // 4 if self.risk_at is None else self.risk_at


def promise_of(stored: StoredTicket) -> Promise | None:
    """What is owed for this ticket now; None when nothing is."""
    ticket = stored.record
    if ticket.merged_into is not None or (urgent := most_urgent(ticket.clocks)) is None:
        return None
    kind, clock = urgent
    return Promise(since=clock.began, due=clock.due, risk_at=clock.risk, kind=kind)
