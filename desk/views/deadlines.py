"""Until when something has to happen, and how near that is: quiet, then a warning in the last quarter, then late."""

from dataclasses import dataclass
from typing import Literal

from ...router.clock import KINDS
from ...router.life_cycle import FINISHED
from ...router.promises import Promise, promise_of
from ...router.stored_ticket import StoredTicket
from .times import brief

Tone = Literal["calm", "warn", "late"]

WINDOW = "window"
WINDOW_SOON_MS = 2 * 3_600_000
"""So long before its end it is told everywhere that the channel soon takes no free answer any more."""

CLOCKS = {
    "first_response": "First answer",
    "next_response": "Answer",
    "resolution": "Solution",
    "assignment": "An agent",
    WINDOW: "Free answers",
}
"""What the kinds of clocks are called on pages."""


def clock_words(name: str) -> str:
    """A clock as pages call it."""
    return CLOCKS.get(name) or name.replace("_", " ").capitalize()


@dataclass(frozen=True, kw_only=True)
class Deadline(Promise):
    """What is owed to a customer, or asked of an agent, as a page shows it."""

    @property
    def what(self) -> str:
        """What is owed, in words."""
        return clock_words(self.kind)

    def tone(self, now: int) -> Tone:
        """How near the end is."""
        if now >= self.due:
            return "late"
        return "warn" if now >= self.risk else "calm"

    def words(self, now: int) -> str:
        """`12 min left` or `5 min late`; of a window `shuts in 12 min` or `shut`."""
        if self.kind == WINDOW:
            return "shut" if now >= self.due else f"shuts in {brief(self.due - now)}"
        return f"{brief(now - self.due)} late" if now >= self.due else f"{brief(self.due - now)} left"


def answer_deadline(stored: StoredTicket) -> Deadline | None:
    """Until when the customer should hear from us; None when nothing is owed."""
    promise = promise_of(stored)
    if promise is None:
        return None
    return Deadline(since=promise.since, due=promise.due, risk_at=promise.risk_at, kind=promise.kind)


def window_deadline(stored: StoredTicket) -> Deadline | None:
    """Until when somebody who waits can be answered freely; None where nobody waits, or the channel has no end."""
    ticket, waits = stored.record, stored.work.customer_waits_since
    if ticket.reply_by is None or waits is None or ticket.status in FINISHED or ticket.merged_into:
        return None
    return Deadline(since=waits, due=ticket.reply_by, risk_at=ticket.reply_by - WINDOW_SOON_MS, kind=WINDOW)


def first_deadline(stored: StoredTicket) -> Deadline | None:
    """Until when somebody should act: the answer that is owed, or the end of the window, whichever is first."""
    known = [each for each in (answer_deadline(stored), window_deadline(stored)) if each is not None]
    return min(known, key=lambda each: each.due, default=None)


def own_deadlines(stored: StoredTicket) -> list[Deadline]:
    """What runs by a name of the desk's own, what is due first first."""
    clocks = {} if stored.record.merged_into else stored.record.clocks
    own = (
        Deadline(since=clock.began, due=clock.due, risk_at=clock.risk, kind=name)
        for name, clock in clocks.items()
        if name not in KINDS and clock.runs
    )
    return sorted(own, key=lambda each: (each.due, each.kind))


def standing(stored: StoredTicket) -> str:
    """What is owed and stands, and for what: `First answer paused, on hold`; nothing where something runs."""
    clocks = {} if stored.record.merged_into else stored.record.clocks
    stands = {name: clock for name, clock in clocks.items() if clock.paused_since is not None and clock.stopped is None}
    if not stands or any(clock.runs for clock in clocks.values()):
        return ""
    name = min(stands, key=lambda name: stands[name].due)
    return f"{clock_words(name)} paused, {stands[name].reason.replace('_', ' ')}"
