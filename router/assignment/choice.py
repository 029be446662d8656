"""The two choices of the assignment, as pure functions of what was seen, or of what a record says was seen.

`choose_agent`: a ticket takes, of the free agents it looked at, the one who adds most to the rate, of equals the least
scarce, then the longest idle, then the id.

`choose_ticket`: a free agent takes of the tickets they looked at (the most due of each kind) the most due one whose
turn it is. It is the turn of a ticket of the most important priority there, of one at the end of the ladder, and of any
other that passes the *slack test*: for each more important priority and each of three horizons, what is due within the
horizon (waiting on time, expected to arrive, and a reserve) must not exceed four fifths of the starts in that time; a
horizon within which nothing is due does no harm. The first ticket of the most important priority always has its turn,
so there is always one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from .rates import UNIT
from .tuning import Tuning

LONGEST_HORIZON = 1 << 27  # ms, a day and a half; keeps every product whole in a double

Way = Literal["own", "returning", "overflow"]

OWN: Literal["own"] = "own"
RETURNING: Literal["returning"] = "returning"
OVERFLOW: Literal["overflow"] = "overflow"


class AgentSeen(NamedTuple):
    """A free agent who could have the ticket; they compare as they rank."""

    slowness: int
    price: int
    idle_since: int
    agent: str


class HeadSeen(NamedTuple):
    """A ticket that the free agent could have; they compare as they rank."""

    place: int
    ticket: str
    priority: int
    final: bool
    fits: bool
    """Otherwise it is heavy, and the agent's room is kept for it."""
    way: Way


class Pace(NamedTuple):
    """How fast the pool starts tickets and gets new ones: counts as rates.py has them, by priority for arrivals."""

    span: int
    starts: int
    arrivals: tuple[int, int, int, int]
    targets: tuple[int, int, int, int]


DueWithin = Callable[[int, int], int]
"""How many tickets of a priority are due within so many milliseconds, and on time so far."""


def choose_agent(seen: Sequence[AgentSeen]) -> AgentSeen | None:
    """Whom the ticket takes."""
    return min(seen, default=None)


def choose_ticket(seen: Sequence[HeadSeen], pace: Pace, due_within: DueWithin, tuning: Tuning) -> HeadSeen | None:
    """What the agent takes."""
    if not seen:
        return None
    first = min(head.priority for head in seen)
    passed: dict[int, bool] = {}
    for head in sorted(seen):
        if head.priority == first or head.final:
            return head
        if head.priority not in passed:
            passed[head.priority] = has_slack(head.priority, pace, due_within, tuning)
        if passed[head.priority]:
            return head
    raise AssertionError("a head of the first priority was among them")


def limit_of(seen: Sequence[HeadSeen], priority: int) -> HeadSeen | None:
    """The first that has its turn whatever stands behind it: of the most important priority there, or at the end of the
    ladder. None while a ticket up to this priority may still turn out to be the most important."""
    first = min((head.priority for head in seen), default=priority + 1)
    if first > priority:
        return None
    return min(head for head in seen if head.priority == first or head.final)


def horizons(priority: int, pace: Pace, tuning: Tuning) -> list[int]:
    """The horizons of the slack test for a ticket of this priority, in their order; none for what never came."""
    return [
        min(pace.targets[other - 1] * quarters // 4, LONGEST_HORIZON)
        for other in range(1, priority)
        if pace.targets[other - 1]
        for quarters in tuning.horizon_quarters
    ]


def has_slack(priority: int, pace: Pace, due_within: DueWithin, tuning: Tuning) -> bool:
    """Whether everything more important stays on time if a ticket of this priority goes first."""
    return all(
        _spoken_for(priority, horizon, pace, due_within, tuning) <= tuning.slack_fifths * horizon * pace.starts
        for horizon in horizons(priority, pace, tuning)
    )


def _spoken_for(priority: int, horizon: int, pace: Pace, due_within: DueWithin, tuning: Tuning) -> int:
    """Starts that are spoken for within a horizon, in fifths of UNIT x span; none where nothing is due within it."""
    waiting = sum(due_within(other, horizon) for other in range(1, priority))
    if waiting == 0:
        return 0
    coming = sum(pace.arrivals[other - 1] * max(0, horizon - pace.targets[other - 1]) for other in range(1, priority))
    return 5 * (UNIT * pace.span * (waiting + tuning.slack_reserve) + coming)


def that_matter(seen: Sequence[HeadSeen], chosen: HeadSeen) -> list[HeadSeen]:
    """Those of the heads from which the choice comes out the same, and the one after it: ten at most.

    Of a priority only the first matters, and the first at the end of the ladder: the rest fares as they do.
    """
    ordered = sorted(seen)
    first: dict[tuple[int, bool], HeadSeen] = {}
    for head in ordered:
        first.setdefault((head.priority, head.final), head)
    following = ordered[ordered.index(chosen) + 1 :][:1]
    return sorted({*first.values(), chosen, *following})


def recorded(counts: Mapping[str, Sequence[int]]) -> DueWithin:
    """The counts that a decision recorded, by horizon, as the choice asks for them."""
    return lambda priority, horizon: counts[str(horizon)][priority - 1]
