"""What the assignment wants to be woken for. Each timer is fenced: `token` names what it was set for, and it does
nothing when that is no longer so.

    expired    ticket   token: number of the offer     the offer ran out
    hold       ticket   token: when the hold ends      the ticket looks for anybody
    overflow   ticket   token: the step                one more optional token may be lacking
    ask_again  ticket   token: since when              everybody who declined or missed it may be asked again
    wrapped    ticket   token: number of the offer     its agent has wrapped it up, and has room again
    closing    agent    token: when                    nothing more is offered to them
    deserted   token    token: after which ticket      look at the next of the tickets that want it
    sweep      -        token: 0                       the safety net
"""

import heapq
from typing import NamedTuple


class Timer(NamedTuple):
    """One timer; of equal times they are due in the order of their names."""

    at: int
    kind: str
    subject: str
    token: str


class Timers:
    """All that are set; one that no longer means anything stays until it is due."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []

    def set(self, at: int, kind: str, subject: str, token: int | str) -> None:
        """Wake at this time."""
        heapq.heappush(self._heap, Timer(at, kind, subject, str(token)))

    def next_at(self) -> int | None:
        """When the next is due."""
        return self._heap[0].at if self._heap else None

    def pop(self, now: int) -> Timer | None:
        """The next that is due by now."""
        return heapq.heappop(self._heap) if self._heap and self._heap[0].at <= now else None
