"""What days came to: waits, promises, load; the same for what happened and for a replay. Pure.

A wait is the time from a ticket's arrival until somebody had it; what waits still at the end of the record counts with
its wait so far. Load is the share of attendance times capacity that was taken by work in hand; above `FULL` somebody
has no room most of the time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .attendance import Attendance
from .history import Episode, History, Passage
from .owed import Kept, promises
from .regime import Regime, Regimes

FULL = 0.85


@dataclass(frozen=True, kw_only=True)
class Load:
    """One agent."""

    agent: str
    tickets: int
    """How many episodes they worked on."""
    attended: int
    """Milliseconds."""
    share: float
    """Of their capacity in that time, that was taken."""


@dataclass(frozen=True, kw_only=True)
class TicketMeasure:
    """One ticket, so that two measures can be compared ticket by ticket."""

    passage: Passage
    wait: int
    """The first wait, ms; so far for one that waits still."""
    kept: Sequence[Kept]
    agent: str | None
    queue: str
    priority: int

    def missed(self, clock: str) -> int:
        """How many promises of this clock were missed."""
        return sum(each.missed for each in self.kept if each.clock == clock)


@dataclass(frozen=True, kw_only=True)
class Measures:
    """All of it."""

    tickets: Mapping[str, TicketMeasure]
    loads: Mapping[str, Load]
    given: Mapping[str, int] = field(default_factory=dict)
    """Promises by clock that were kept or missed."""

    def missed(self, clock: str) -> int:
        """How many promises of this clock were missed."""
        return sum(each.missed(clock) for each in self.tickets.values())

    @property
    def queues(self) -> list[str]:
        """Those in which tickets were placed."""
        return sorted({each.queue for each in self.tickets.values()})


def quantile(ordered: Sequence[int], share: float) -> int:
    """The value below which this share lies; 0 for nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def measure(history: History, passages: Mapping[str, Passage], regimes: Regimes, attendance: Attendance) -> Measures:
    """Measure the tickets that came within the days, and the load of everybody."""
    measured = [_measured(each, regimes.at(each.arrived_at), history.until) for each in history.measured(passages)]
    given = Counter(kept.clock for each in measured for kept in each.kept)
    return Measures(
        tickets={each.passage.id: each for each in measured},
        loads=_loads(history, passages.values(), regimes, attendance),
        given=given,
    )


def _measured(passage: Passage, regime: Regime, until: int) -> TicketMeasure:
    kind = passage.episodes[0].kind
    agreed = regime.agreement(passage, kind)
    first = passage.first_taken
    wait = passage.first_wait
    return TicketMeasure(
        passage=passage,
        wait=_so_far(passage, until) if wait is None else wait,
        kept=promises(passage, agreed, regime.policy.open_time(agreed.calendar), until),
        agent=first.agent if first else None,
        queue=regime.home(kind.queue),
        priority=kind.priority,
    )


def _so_far(passage: Passage, until: int) -> int:
    ended = passage.episodes[-1].ended_at
    return max(0, (until if ended is None else ended) - passage.arrived_at)


def _loads(history: History, passages: Iterable[Passage], regimes: Regimes, attendance: Attendance) -> dict[str, Load]:
    agents = regimes.at(history.end).policy.settings.agents
    weight = regimes.at(history.end).policy.settings.weight
    worked, counts = Counter[str](), Counter[str]()
    for passage in passages:
        for episode in passage.episodes:
            begin, end = _in_hand(episode, history)
            if episode.agent is not None and begin < end:
                counts[episode.agent] += 1
                worked[episode.agent] += attendance.between(episode.agent, begin, end) * weight(passage.channel)
    loads = {}
    for agent in sorted({*agents, *counts}):
        attended = attendance.total(agent, history.start, history.end)
        room = attended * (agents[agent].capacity if agent in agents else 0)
        share = worked[agent] / room if room else 0.0
        loads[agent] = Load(agent=agent, tickets=counts[agent], attended=attended, share=share)
    return loads


def _in_hand(episode: Episode, history: History) -> tuple[int, int]:
    if episode.taken_at is None:
        return 0, 0
    end = history.end if episode.ended_at is None else episode.ended_at
    return max(episode.taken_at, history.start), min(end, history.end)


def waiting_by_time(passages: Iterable[Passage], begin: int, end: int, parts: int) -> list[int]:
    """How many tickets wanted an agent and had none at each of so many moments."""
    step = max(1, (end - begin) // parts)
    changes = [0] * (parts + 1)
    for passage in passages:
        for episode in passage.episodes:
            until = episode.taken_at if episode.taken_at is not None else episode.ended_at
            first = max(0, -(-(episode.wanted_at - begin) // step))
            last = parts if until is None else min(parts, max(0, -(-(until - begin) // step)))
            if first < last:
                changes[first] += 1
                changes[last] -= 1
    waiting, so_far = [], 0
    for change in changes[:parts]:
        so_far += change
        waiting.append(so_far)
    return waiting
