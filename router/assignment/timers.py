"""What follows from an event, and what the assignment wants to be woken for later.

A *wake* is one thing to be looked at. Those that an event causes are worked off one after another, in the order in
which they were caused, before the next event. Each is fenced: `token` names what it was set for, and it does nothing
when that is no longer so.

    waiting    ticket                                 it looks for an agent
    again      ticket                                 the same, it may find one now (as a timer too)
    freed      agent                                  they are given tickets while there is room
    gone       agent                                  what is offered to them wants another
    deserted   token    token: after which ticket     those who wait for the token look whether anybody has it
    anchors    -                                      the agents have changed: lines stand under other tokens

and as timers:

    expired    ticket   token: number of the offer    the offer ran out
    hold       ticket   token: when the hold ends     the ticket looks for anybody
    overflow   ticket   token: the step               one more optional token may be lacking
    overdue    ticket                                 it is twice as old as promised, so what it only wishes for ends
    ask_again  ticket   token: since when             everybody who declined or missed it may be asked again
    wrapped    agent                                  they may have wrapped something up, and have room again
    shift      agent    token: when                   their shift closes, or has ended, or is another
    sweep      -                                      the safety net

Timers that are due at the same look come in the order in which they were set, whatever their times.
"""

import heapq
from typing import NamedTuple


class Wake(NamedTuple):
    """One thing to be looked at."""

    kind: str
    subject: str = ""
    token: str = ""


class Timer(NamedTuple):
    """A wake for later."""

    at: int
    sequence: int
    wake: Wake


class Timers:
    """All that are set; one that no longer means anything stays until it is due."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._sequence = 0

    def set(self, at: int, kind: str, subject: str, token: int | str = "") -> None:
        """Wake at this time."""
        self._sequence += 1
        heapq.heappush(self._heap, Timer(at, self._sequence, Wake(kind, subject, str(token))))

    def next_at(self) -> int | None:
        """When the next is due."""
        return self._heap[0].at if self._heap else None

    def due(self, now: int) -> list[Wake]:
        """Those that are due by now, which are set no longer."""
        due: list[Timer] = []
        while self._heap and self._heap[0].at <= now:
            due.append(heapq.heappop(self._heap))
        return [timer.wake for timer in sorted(due, key=lambda timer: timer.sequence)]
