"""When the shift of an agent ends, by their calendars: the one that runs now, else the next one. Pure.

Shifts that touch or overlap are one, also those of different calendars and zones. Whoever is on shift for more than
`LONGEST` on end has none that ends. Instants are milliseconds since 1970.
"""

from collections.abc import Sequence
from heapq import merge
from typing import NamedTuple

from .open_time import OpenTime

LONGEST = 7 * 86_400_000


class Shift(NamedTuple):
    """Until when something is offered, and until when it lasts; 0: there is no end."""

    closes_at: int = 0
    ends_at: int = 0


def shift_at(calendars: Sequence[OpenTime], now: int, closing: int) -> Shift:
    """The shift of now, else the next; `closing` is how long before its end nothing is offered any more (ms)."""
    ends_at = None
    for begin, end in merge(*(calendar.intervals(now) for calendar in calendars)):
        if ends_at is not None and begin > ends_at:
            break
        ends_at = max(end, ends_at or 0)
        if ends_at - max(begin, now) > LONGEST:
            return Shift()
    return Shift() if ends_at is None else Shift(ends_at - closing, ends_at)
