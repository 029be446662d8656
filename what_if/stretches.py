"""Whether a difference is more than chance: stretches of the days are drawn again, with repetition (a block bootstrap).

What happens together stays together in a stretch, so a bad afternoon counts as one thing that happened and not as a
hundred. Of each stretch sums are kept, and waits in classes `STEP` wide, so a draw costs the same for a hundred tickets
and for a million. Draws have a fixed seed: the same days give the same intervals.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from .measures import TicketMeasure

DRAWS = 400
STRETCHES = 28  # in a week they are of six hours
FEW = 8  # with fewer in which anything came there is no interval
SEED = 7
STEP = 1.05
SHORTEST = 1_000  # ms; shorter waits are one class
CLASSES = 320  # up to more than sixty days

Draw = tuple[tuple[int, int], ...]
"""The stretches that were drawn, each with how often."""


@cache
def draws() -> tuple[Draw, ...]:
    """All of them."""
    chance, found = random.Random(SEED), []  # noqa: S311 -- draws are to be the same again
    for _ in range(DRAWS):
        drawn = Counter(chance.choices(range(STRETCHES), k=STRETCHES))
        found.append(tuple(sorted(drawn.items())))
    return tuple(found)


def class_of(wait: int) -> int:
    """The class of a wait in ms."""
    return 0 if wait <= SHORTEST else min(CLASSES - 1, 1 + int(math.log(wait / SHORTEST, STEP)))


def wait_of(number: int) -> float:
    """The longest wait of a class, ms; none for the shortest."""
    return SHORTEST * STEP**number if number else 0.0


class Stretches:
    """Sums of tickets by the stretch in which they came."""

    def __init__(self, tickets: Iterable[TicketMeasure], start: int, end: int) -> None:
        self.counts = [0] * STRETCHES
        self._waits = [0] * STRETCHES
        self._classes: dict[int, list[int]] = {}
        self._missed: dict[str, list[int]] = {}
        span = max(1, end - start)
        for each in tickets:
            part = min(STRETCHES - 1, (each.passage.arrived_at - start) * STRETCHES // span)
            self.counts[part] += 1
            self._waits[part] += each.wait
            self._classes.setdefault(class_of(each.wait), [0] * STRETCHES)[part] += 1
            for kept in each.kept:
                if kept.missed:
                    self._missed.setdefault(kept.clock, [0] * STRETCHES)[part] += 1
        self._merged: dict[Draw, list[tuple[int, int]]] = {}

    def count(self, draw: Draw) -> float:
        """How many tickets."""
        return float(_sum(self.counts, draw))

    def mean(self, draw: Draw) -> float:
        """The mean wait, ms."""
        return _sum(self._waits, draw) / max(1, _sum(self.counts, draw))

    def quantile(self, share: float, draw: Draw) -> float:
        """The wait within which this share lies, ms, as the longest of its class."""
        merged = self._merged.get(draw)
        if merged is None:
            merged = [(number, _sum(parts, draw)) for number, parts in sorted(self._classes.items())]
            self._merged[draw] = merged
        wanted, so_far = share * sum(count for _, count in merged), 0
        for number, count in merged:
            so_far += count
            if so_far and so_far >= wanted:
                return wait_of(number)
        return 0.0

    def missed(self, clock: str, draw: Draw) -> float:
        """How many promises of this clock."""
        return float(_sum(self._missed.get(clock, [0] * STRETCHES), draw))


def interval(
    of: Callable[[Stretches, Draw], float], before: Stretches, after: Stretches
) -> tuple[float | None, float | None]:
    """Between what lies the difference (after less before) in nineteen of twenty draws; nothing with few."""
    if sum(bool(one or other) for one, other in zip(before.counts, after.counts, strict=True)) < FEW:
        return None, None
    found = sorted(of(after, draw) - of(before, draw) for draw in draws())
    return found[DRAWS // 40], found[-1 - DRAWS // 40]


def _sum(values: Sequence[int], draw: Draw) -> int:
    return sum(values[part] * times for part, times in draw)
