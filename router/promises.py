"""What a customer is owed, and until when: the one place that says when a ticket is at risk or late.

    nobody has it      an agent, within the target; a ticket that woke or was given back has its whole time again
    it has an agent    the first answer within the target from when the message came, then each further answer within
                       the target from the first message that nobody has answered
    it is parked, solved or closed, or everything is answered     nothing

`ticket.lua` keeps the indexes `risk` and `due` by the same rule (`ticket_promises`), so that lists and counts of the
board need not read tickets; a test compares both. A ticket is at risk in the last quarter of its time.
"""

from dataclasses import dataclass

from .life_cycle import ACTIVE
from .stored_ticket import StoredTicket


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Something that is owed by the time `due`, of which the time `since` began to run; both in milliseconds."""

    since: int
    due: int

    @property
    def risk(self) -> int:
        """From when on it is at risk."""
        return self.due - (self.due - self.since) // 4


def promise_of(stored: StoredTicket) -> Promise | None:
    """What is owed for this ticket now; None when nothing is."""
    ticket, work = stored.record, stored.work
    target = work.target_ms
    if ticket.status not in ACTIVE:
        return None
    if work.unassigned_since is not None:
        since = max(work.due - target, work.unassigned_since)
    elif ticket.first_response_at is None:
        since = work.due - target
    elif work.customer_waits_since is not None:
        since = work.customer_waits_since
    else:
        return None
    return Promise(since=since, due=since + target)
