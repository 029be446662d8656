"""What a change makes of recorded days: two replays of them compared ticket by ticket, beside what happened; pure.

Both replays have the same arrivals, people and handling times, so what differs between them is due to the change. That
another week would have brought other tickets is told by an interval (stretches.py): a difference whose interval holds 0
may be chance.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from ..router.clock import KINDS
from .history import History
from .measures import Measures, TicketMeasure, quantile
from .stretches import Draw, Stretches, interval

Unit = Literal["ms", "count"]
Sides = Sequence[Sequence[TicketMeasure]]
"""The tickets as it happened, before and after."""
Drawn = tuple[Stretches, Stretches]
"""Those before and after."""

SHARES = {"half within": 0.5, "90 % within": 0.9, "99 % within": 0.99}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One number before and after; a wait of no tickets is not a number."""

    name: str
    unit: Unit
    happened: float
    before: float
    after: float
    low: float | None = None
    high: float | None = None
    """Between these lies the difference in nineteen of twenty draws."""

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def is_more_than_chance(self) -> bool | None:
        """Whether the interval leaves out 0; None without one."""
        if self.low is None or self.high is None:
            return None
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Tickets that stand elsewhere by the change."""

    queues: Mapping[tuple[str, str], int]
    priorities: Mapping[tuple[int, int], int]
    other_agent: int
    tickets: Sequence["MovedTicket"]
    """Those that are placed in another queue or with another priority, as they came."""


@dataclass(frozen=True, kw_only=True)
class MovedTicket:
    """A ticket that is placed otherwise; of each the value before and after."""

    number: str
    queue: tuple[str, str]
    priority: tuple[int, int]
    agent: tuple[str | None, str | None]
    """Who had it first."""
    wait: tuple[int, int]
    """Milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that a report tells."""

    history: History
    happened: Measures
    before: Measures
    after: Measures
    moves: Moves
    waits: Sequence[Difference]
    missed: Sequence[Difference]
    by_queue: Mapping[str, Sequence[Difference]]


def compare(history: History, happened: Measures, before: Measures, after: Measures) -> Comparison:
    """Compare two replays, beside what happened."""
    three = (happened, before, after)
    sides = [list(each.tickets.values()) for each in three]
    drawn = _drawn(history, sides)
    queues = sorted({*before.queues, *after.queues})
    return Comparison(
        history=history,
        happened=happened,
        before=before,
        after=after,
        moves=_moves(before, after),
        waits=_waits(sides, drawn),
        missed=_missed(three, drawn),
        by_queue={queue: _waits_in(queue, history, sides) for queue in queues},
    )


def _moves(before: Measures, after: Measures) -> Moves:
    queues, priorities = Counter[tuple[str, str]](), Counter[tuple[int, int]]()
    others, moved = 0, list[MovedTicket]()
    for id_, was in before.tickets.items():
        now = after.tickets.get(id_)
        if now is None:
            continue
        queues[was.queue, now.queue] += was.queue != now.queue
        priorities[was.priority, now.priority] += was.priority != now.priority
        others += was.agent != now.agent
        if (was.queue, was.priority) != (now.queue, now.priority):
            moved.append(
                MovedTicket(
                    number=was.passage.number,
                    queue=(was.queue, now.queue),
                    priority=(was.priority, now.priority),
                    agent=(was.agent, now.agent),
                    wait=(was.wait, now.wait),
                )
            )
    return Moves(queues=+queues, priorities=+priorities, other_agent=others, tickets=moved)


def _drawn(history: History, sides: Sides) -> Drawn:
    _, before, after = sides
    return Stretches(before, history.start, history.end), Stretches(after, history.start, history.end)


def _waits_in(queue: str, history: History, sides: Sides) -> list[Difference]:
    some = [[each for each in side if each.queue == queue] for side in sides]
    return _waits(some, _drawn(history, some))


def _waits(sides: Sides, drawn: Drawn) -> list[Difference]:
    (_, before, after), (was, now) = sides, drawn
    lists = [sorted(each.wait for each in tickets) for tickets in sides]
    counts = [float(len(each)) for each in lists]
    means = [sum(each) / len(each) if each else math.nan for each in lists]
    told = [_told("tickets", "count", counts, interval(Stretches.count, was, now))]
    ways: list[tuple[str, list[float], Callable[[Stretches, Draw], float]]] = [("wait, mean", means, Stretches.mean)]
    for words, share in SHARES.items():
        values = [float(quantile(each, share)) if each else math.nan for each in lists]
        ways.append((f"wait, {words}", values, partial(_quantile, share)))
    for name, values, of in ways:
        told.append(_told(name, "ms", values, interval(of, was, now) if before and after else (None, None)))
    return told


def _quantile(share: float, stretches: Stretches, draw: Draw) -> float:
    return stretches.quantile(share, draw)


def _missed(three: Sequence[Measures], drawn: Drawn) -> list[Difference]:
    (was, now), told = drawn, list[Difference]()
    for clock in KINDS:
        if any(each.given.get(clock) for each in three):
            of: Callable[[Stretches, Draw], float] = partial(_missed_of, clock)
            told.append(_told(clock, "count", [float(each.missed(clock)) for each in three], interval(of, was, now)))
    return told


def _missed_of(clock: str, stretches: Stretches, draw: Draw) -> float:
    return stretches.missed(clock, draw)


def _told(name: str, unit: Unit, values: Sequence[float], between: tuple[float | None, float | None]) -> Difference:
    happened, before, after = values
    return Difference(
        name=name, unit=unit, happened=happened, before=before, after=after, low=between[0], high=between[1]
    )
