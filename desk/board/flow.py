"""Rates out of counts by minute. Pure.

`counts` are those of the minute that runs and of the `SPAN - 1` before it, the newest first. A rate is per minute over
the last `WINDOW` whole minutes and what has passed of the one that runs, or since counting began, if that is later. The
trend compares them with as many before.
"""

from collections.abc import Sequence
from typing import Literal

from .snapshot import SeenMinute

WINDOW = 15
SPAN = 2 * WINDOW + 1
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


def trend(counts: Sequence[int]) -> Trend:
    """Whether the last `WINDOW` minutes had clearly more than those before: by half, and by 3 at least."""
    lately, before = sum(counts[:WINDOW]), sum(counts[WINDOW : 2 * WINDOW])
    if abs(lately - before) < 3 or max(lately, before) * 2 < min(lately, before) * 3:
        return "steady"
    return "rising" if lately > before else "falling"
