"""What agents are wanted for, by pool and half hour of the week: the work that came, and how much is in work at once.

Each time that a ticket wants an agent counts: when it comes, when it wakes, when it is given back. A pool is a queue
with the skills that tickets ask for there. The load of a half hour is the modified offered load (Green, Kolesar, Whitt,
Coping with Time-Varying Demand, 2006): what would be in work then if nobody waited, so that work which is long counts
where it is done and not where it came. What comes while the calendar of its promise is closed counts where it opens.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import NamedTuple

from ..desk.views.times import instant
from .history import Episode, History, Passage
from .regime import Regime

INTERVAL = 1_800_000  # ms
A_DAY = 48
A_WEEK = 7 * A_DAY


class Pool(NamedTuple):
    """Who can have these tickets."""

    queue: str
    skills: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """As people are told."""
        return f"{self.queue} ({', '.join(self.skills)})" if self.skills else self.queue


@dataclass(slots=True)
class Demand:
    """Of one pool, by half hour of the week (from Monday midnight)."""

    items: list[float] = field(default_factory=lambda: [0.0] * A_WEEK)
    """How many came, in a mean week."""
    load: list[float] = field(default_factory=lambda: [0.0] * A_WEEK)
    """Tickets in work at once."""
    work: float = 0.0
    """Mean, ms."""
    target: float = 0.0
    """Mean time until somebody is to have one, ms of open time."""


def half_hour(at: int, zone: tzinfo) -> int:
    """Which one of the week a moment lies in."""
    there = instant(at).astimezone(zone)
    return there.weekday() * A_DAY + (there.hour * 60 + there.minute) // 30


def items_of(history: History, usual: Callable[[str], int]) -> Iterator[Passage]:
    """Every time that a ticket wanted an agent, as a ticket of its own; `usual` work by queue, ms."""
    for passage in history.passages.values():
        for number, episode in enumerate(passage.episodes):
            if not passage.came or (episode.taken_at is None and episode.ending == "moved"):
                continue
            yield _item(passage, number, episode, usual)


def _item(passage: Passage, number: int, episode: Episode, usual: Callable[[str], int]) -> Passage:
    alone = episode.copy()
    alone.tries, alone.by = [], "offer"
    if alone.taken_at is not None:
        if alone.ended_at is None:
            alone.end(alone.taken_at + usual(alone.kind.queue), "finished", "solved")
        alone.ending, alone.status = "finished", "solved"
    return Passage(
        id=f"{passage.id}/{number}",
        number=passage.number,
        channel=passage.channel,
        arrived_at=episode.wanted_at,
        segment=passage.segment,
        region=passage.region,
        episodes=[alone],
    )


def pool_of(item: Passage, regime: Regime) -> Pool:
    """Who can have it."""
    kind = item.episodes[0].kind
    return Pool(regime.home(kind.queue), tuple(sorted(kind.required)))


def weeks_of(history: History, zone: tzinfo) -> Counter[int]:
    """How often each half hour of the week lies in the days that are measured."""
    return Counter(half_hour(at, zone) for at in range(history.start, history.end, INTERVAL))


def demand(
    history: History, items: Iterable[Passage], works: Mapping[str, int], regime: Regime, zone: tzinfo
) -> dict[Pool, Demand]:
    """The demand for each pool, from items that came in the days; `works` is how long each takes, by id."""
    weeks, found = weeks_of(history, zone), dict[Pool, Demand]()
    counts, targets = Counter[Pool](), Counter[Pool]()
    took: Counter[Pool] = Counter()
    for item in items:
        if not history.start <= item.arrived_at < history.end:
            continue
        pool = pool_of(item, regime)
        agreed = regime.agreement(item, item.episodes[0].kind)
        opens = regime.policy.open_time(agreed.calendar).after(item.arrived_at, 1) or item.arrived_at
        at = half_hour(max(item.arrived_at, opens - 1), zone)
        found.setdefault(pool, Demand()).items[at] += 1 / max(1, weeks[at])
        counts[pool] += 1
        took[pool] += works[item.id]
        targets[pool] += agreed.targets.get("assignment", 0)
    for pool, each in found.items():
        each.work, each.target = took[pool] / counts[pool], targets[pool] / counts[pool]
        each.load = offered_load(each.items, each.work)
    return found


def offered_load(items: list[float], work: float) -> list[float]:
    """The load of each half hour of a week that goes on and on, in its middle, with work of this mean length."""
    if work <= 0:
        return [0.0] * len(items)
    stays, half = math.exp(-INTERVAL / work), math.exp(-INTERVAL / 2 / work)
    load, loads = 0.0, [0.0] * len(items)
    for number in range(2 * len(items)):
        at = number % len(items)
        full = items[at] * work / INTERVAL
        loads[at] = load * half + full * (1 - half)
        load = load * stays + full * (1 - stays)
    return loads
