"""A clock: something that a ticket owes, since when, how soon and until when.

    first_response   the first answer to whoever wrote, from when their message came
    next_response    each further answer, from the first message that nobody has answered
    resolution       the end of the matter, where the agreement gives a time for it; reopened, it goes on
    assignment       an agent who has the ticket, from when nobody had it
    any other name   what an agent, a system or a rule began for this ticket by its name (own_clocks.py)

`clocks.lua` begins, pauses and stops them in the script that makes the change. `due` and `risk` count open time of the
calendar; until it has been asked they count by the wall (clock_events.py). Times are milliseconds since 1970.
"""

from collections.abc import Mapping

from pydantic import Field

from ..normalizer.envelope import Record
from ..queue.script_head import names_beside

KINDS = names_beside(__file__, "clocks.lua", "clock_kinds")
"""The kinds of the house, the one that is named first of two that are due together before the others."""


class TicketClock(Record):
    """One clock of a ticket."""

    began: int = Field(description="Since when it runs.")
    target: int = Field(description="How much time it has, in ms of the calendar's open time.")
    due: int = Field(description="Until when, as it stands now; while it is paused, what it was before.")
    risk: int = Field(description="From when on it is at risk: three quarters of the target are used.")
    token: int = Field(default=0, description="Rises whenever it is reckoned anew; an answer to an older one is void.")
    paused_since: int | None = Field(default=None, description="Since when it stands.")
    reason: str = Field(default="", description="What it stands for: the status.")
    pauses: tuple[tuple[int, int], ...] = Field(default=(), description="From when to when it stood; the last thirty.")
    rested: int = Field(default=0, description="For how long it stood before those, in ms of open time.")
    stopped: int | None = Field(default=None, description="When it ended.")
    ended: bool = Field(default=False, description="It ended without what was owed, as when a ticket is closed.")
    met: int = Field(default=0, description="How often it was kept in time.")
    missed: int = Field(default=0, description="How often it was not.")
    missed_by: int | None = Field(default=None, description="By how many ms of the wall, the last time.")
    stood_since: int | None = Field(default=None, description="Since when it stood as it was stopped.")
    given: bool = Field(default=False, description="Its target was said as it began; no policy changes it.")
    of: str | None = Field(default=None, description="The ticket whose it is, of those merged into this one.")
    policy: str = Field(default="", description="The agreement of the configuration that it follows.")
    calendar: str = Field(default="", description="The calendar that it counts by; none: all hours.")
    steps: tuple[str, ...] = Field(default=(), description="The steps of its escalation that are done.")
    step_at: int | None = Field(default=None, description="When the next one is due.")
    reckoned: bool = Field(default=False, description="The calendar has been asked.")

    @property
    def runs(self) -> bool:
        """Whether time passes on it."""
        return self.stopped is None and self.paused_since is None

    def paused_total(self, now: int) -> int:
        """For how long it has stood, in ms of the wall."""
        standing = 0 if self.paused_since is None else max(0, now - self.paused_since)
        return standing + self.rested + sum(end - begin for begin, end in self.pauses)


def most_urgent(clocks: Mapping[str, TicketClock]) -> tuple[str, TicketClock] | None:
    """The running clock that is due first, with its name; the same as `clocks_urgent` of clocks.lua."""
    running = [(name, clock) for name, clock in clocks.items() if clock.runs]
    return min(running, key=lambda each: (each[1].due, _place(each[0]), each[0]), default=None)


def _place(name: str) -> int:
    return KINDS.index(name) if name in KINDS else len(KINDS)
