"""Rates out of counts by minute. Pure.

`counts` are those of the minute that runs and of the `WINDOW` before it, the newest first. A rate is per minute over
these whole minutes and what has passed of the one that runs, or since counting began, if that is later. The trend
compares the last `RECENT` whole minutes with those before them. It is told only when it is real: the share of the
recent ones is further from what it would be at a steady rate than chance explains (`SURE` standard deviations, which
happens by itself about once in four hundred times), and the rate has changed by a quarter at least.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Literal

from .snapshot import SeenMinute

WINDOW = 15
RECENT = 5
SURE = 3.0
SPAN = WINDOW + 1
MINUTE = 60_000

Trend = Literal["rising", "falling", "steady"]


def counts_of(slots: Sequence[SeenMinute | None], queue: str, now: int) -> list[int]:
    """The counts of a queue, the minute that runs first. A slot that was not written since its last round counts 0."""
    newest = now // MINUTE
    return [
        slot.counts.get(queue, 0) if slot is not None and slot.minute == newest - index else 0
        for index, slot in enumerate(slots)
    ]


def rate(counts: Sequence[int], now: int, begun: int) -> float:
    """So many a minute lately."""
    passed = WINDOW + (now % MINUTE) / MINUTE
    known = max(1.0, (now - begun) / MINUTE) if begun else passed
    return sum(counts[: WINDOW + 1]) / min(passed, known)


def trend(counts: Sequence[int], now: int, begun: int) -> Trend:
    """Whether it clearly became more or fewer; steady while less than the whole window is known."""
    if not begun or begun > (now // MINUTE - WINDOW) * MINUTE:
        return "steady"
    lately, before = sum(counts[1 : RECENT + 1]), sum(counts[RECENT + 1 : SPAN])
    share, total = RECENT / WINDOW, lately + before
    surplus = lately - total * share
    chance = sqrt(total * share * (1 - share))
    usual = before * RECENT / (WINDOW - RECENT)
    if abs(surplus) - 0.5 < SURE * chance or abs(lately - usual) * 4 < usual or not total:
        return "steady"
    return "rising" if surplus > 0 else "falling"
