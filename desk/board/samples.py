"""The day behind the four numbers: a sample a minute, and what can be said of them. Pure.

A line shows the last 24 hours, or less while less is known, in at most `SLOTS` steps; each is the highest value that
was sampled in it (the lowest for agents, because too few of them is what matters), None where nobody sampled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

KEPT = 25 * 60  # minutes
DAY = 24 * 60
SPANS = (60, 180, 360, 720, DAY)  # minutes that a line can show
SLOTS = 96
NEAR = 5  # minutes around the same time yesterday
ENOUGH = 60  # samples, before their median says anything

Name = Literal["waiting", "oldest", "at_risk", "available"]
NAMES: tuple[Name, ...] = ("waiting", "oldest", "at_risk", "available")

Samples = Mapping[int, Sequence[int]]
"""Values by minute since 1970, in the order of NAMES; `oldest` in seconds."""


@dataclass(frozen=True)
class Sample:
    """One minute."""

    minute: int
    values: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Day:
    """One number over the last hours, `span` minutes of them."""

    points: tuple[int | None, ...] = ()
    span: int = DAY
    yesterday: int | None = None
    typical: int | None = None


def day_of(samples: Samples, name: Name, minute: int, now: int) -> Day:
    """The day that ends with this minute, in which the value is `now`."""
    place = NAMES.index(name)
    values = {when: found[place] for when, found in samples.items() if minute - DAY < when < minute} | {minute: now}
    known = minute - min(values) + 1
    span = next(span for span in SPANS if span >= known)
    return Day(
        points=_points(values, minute, span, lowest=name == "available"),
        span=span,
        yesterday=_near(samples, place, minute - DAY),
        typical=round(median(values.values())) if len(values) >= ENOUGH else None,
    )


def _points(values: Mapping[int, int], minute: int, span: int, *, lowest: bool) -> tuple[int | None, ...]:
    step, choose = -(-span // SLOTS), min if lowest else max
    last = span // step - 1
    slots: dict[int, int] = {}
    for when, value in values.items():
        slot = last - (minute - when) // step
        slots[slot] = choose(slots.get(slot, value), value)
    return tuple(slots.get(slot) for slot in range(last + 1))


def _near(samples: Samples, place: int, minute: int) -> int | None:
    for distance in range(NEAR + 1):
        for when in (minute - distance, minute + distance):
            if when in samples:
                return samples[when][place]
    return None
