"""A whole simulation: read the days, place their tickets again, play them as they were and as they would have been.

Its stages, each of which tells how far it is: `read` the feed, `place` each ticket by the rules, `play` the days with
the configurations of those days, `try` them with the changed one. What is read and placed is laid aside in a file of
progress; a simulation that was killed goes on there. A play takes a moment (docs/what_if.md) and begins anew.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from ..router.kept_configurations import InForce, in_force_within
from ..router.rules import Rules
from .attendance import Attendance, with_newcomers
from .comparison import Comparison, compare
from .history import History, Passage, PresenceChange
from .measures import measure
from .placement import PlacedAgain, kinds_by_ticket, place_again
from .progress_file import ProgressFile
from .recorded_days import AROUND, RecordedDays
from .regime import Regime, Regimes
from .replay import Played, Replay
from .retelling import Retelling
from .staffing import PoolPlan, Staffing

AT_ONCE = 100  # tickets that are placed between two looks at the file

Told = Callable[[str, float], None]
"""Hears the stage, and how much of it is done, from 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is simulated."""

    start: int
    end: int
    """Milliseconds: tickets that came from `start` to before `end` are measured."""
    changed: Regime
    kept: Sequence[InForce]
    """Which configuration was in force from when on."""
    regime_of: Callable[[str], Awaitable[Regime | None]]
    """That of a version, where it is kept."""

    @property
    def about(self) -> str:
        """What tells it from any other simulation."""
        words = (self.start, self.end, self.changed.policy.settings.version, *(each.version for each in self.kept))
        return hashlib.sha256(repr(words).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """What came out."""

    comparison: Comparison
    placed: Mapping[str, PlacedAgain]
    alike: Mapping[str, str]
    """Agents of whom nothing was recorded, and for whom each was taken."""
    notes: Sequence[str]
    """What should be known of the answer, in sentences."""

    @property
    def reproduced(self) -> tuple[int, int]:
        """Of how many tickets whose rules could be asked again, how many came out the same: (same, asked)."""
        asked = [each.is_same for each in self.placed.values() if each.is_same is not None]
        return sum(asked), len(asked)


class Simulation:
    """Simulates recorded days."""

    def __init__(
        self, days: RecordedDays, asked: Asked, *, file: Path, told: Told = lambda _stage, _share: None
    ) -> None:
        self._days = days
        self._asked = asked
        self._told = told
        self._progress = ProgressFile(file, asked.about)
        self._notes: list[str] = []

    @property
    def goes_on(self) -> bool:
        """Whether it goes on from an earlier run."""
        return self._progress.goes_on

    async def run(self, now: int) -> Simulated:
        """All of it. Raises EngineUnavailable."""
        history, regimes, placed = await self._known(now)
        found = self._simulated(history, regimes, placed)
        self._progress.remove()
        return found

    async def plan(self, now: int, *, share: float, zone: tzinfo) -> list[PoolPlan]:
        """How many agents would have kept this share of promises, with the changed configuration."""
        history, _, placed = await self._known(now)
        for id_, again in placed.items():
            passage = history.passages.get(id_)
            if passage is not None and passage.episodes:
                first = passage.episodes[0].kind
                for episode in passage.episodes:
                    episode.kind = again.kind.follows(first, episode.kind)
        plans = Staffing(history, self._asked.changed, share=share, zone=zone).plan(
            lambda done: self._told("staff", done)
        )
        self._progress.remove()
        return plans

    async def _known(self, now: int) -> tuple[History, Regimes, Mapping[str, PlacedAgain]]:
        """What was read and placed again."""
        self._progress.open()
        try:
            history = await self._history(now)
            regimes = await self._regimes(history)
            history = replace(history, agents=frozenset(regimes.queues))
            return history, regimes, await self._placed(history, regimes)
        finally:
            self._progress.close()

    async def _history(self, now: int) -> History:
        """Read the days."""
        asked, days = self._asked, self._days
        begin, until = await days.begin(asked.start - AROUND), min(now, asked.end + AROUND)
        since = max(asked.start - AROUND, await days.time_of(begin) or asked.start)
        retelling, after = Retelling(since), self._progress.position
        for line in self._progress.stored():
            retelling.add(line)
        if not self._progress.all_read:
            last = max(begin + 1, await days.begin(until))
            async for position, lines in days.pages(begin if after is None else after, until):
                self._progress.add_lines(lines)
                for line in lines:
                    retelling.add(line)
                self._told("read", min(1.0, (position - begin) / (last - begin)))
            self._progress.end_lines()
        self._told("read", 1.0)
        history = retelling.history(start=asked.start, end=min(asked.end, until), until=until)
        return await self._with_the_rest(history)

    async def _with_the_rest(self, history: History) -> History:
        """With what no line tells of: tickets in hand all the time, agents who stayed as they were."""
        more = {each.id: each for each in await self._days.untouched(history.since)}
        steady = await self._days.presences(self._asked.changed.policy.settings, history.since)
        known = {change.agent for change in history.presences}
        presences: list[PresenceChange] = [each for each in steady if each.agent not in known]
        return replace(history, passages={**more, **history.passages}, presences=[*presences, *history.presences])

    async def _regimes(self, history: History) -> Regimes:
        """The configurations that were in force in these days."""
        kept: list[tuple[int, Regime]] = []
        for each in in_force_within(self._asked.kept, history.since, history.until):
            regime = await self._asked.regime_of(each.version)
            if regime is None:
                self._notes.append(
                    f"the configuration {each.version} is not kept, or not as one reads today: another stands for it"
                )
            else:
                kept.append((each.since, regime))
        if not kept:
            self._notes.append("no configuration of those days is kept; the changed one stands for it too")
            return Regimes([(0, self._asked.changed)])
        if kept[0][0] > history.since:
            self._notes.append("the first configuration that is kept stands for the time before it as well")
        return Regimes(kept)

    async def _placed(self, history: History, regimes: Regimes) -> Mapping[str, PlacedAgain]:
        """Ask the rules again, those of each day and the changed ones."""
        todo = [
            each
            for each in history.passages.values()
            if each.placed is not None and each.id not in self._progress.placed
        ]
        rules = self._asked.changed.policy.rules
        then = {regime.policy.settings.version: regime.policy.rules for _, regime in regimes.each}
        for first in range(0, len(todo), AT_ONCE):
            some = todo[first : first + AT_ONCE]
            self._progress.add_placed(await asyncio.gather(*(self._place(each, then, rules) for each in some)))
            self._told("place", (first + len(some)) / len(todo))
        self._told("place", 1.0)
        for id_, again in self._progress.placed.items():
            if id_ in history.passages:
                history.passages[id_].segment, history.passages[id_].region = again.segment, again.region
        return self._progress.placed

    async def _place(self, passage: Passage, then: Mapping[str, Rules], rules: Rules) -> PlacedAgain:
        assert passage.placed is not None
        facts = await self._days.facts(passage.id)
        return place_again(passage.id, passage.placed, facts, then.get(passage.placed.config), rules)

    def _simulated(self, history: History, regimes: Regimes, placed: Mapping[str, PlacedAgain]) -> Simulated:
        """Play the days twice, and compare."""
        changed = Regimes([(0, self._asked.changed)])
        before = Replay(history, regimes, {}).run(lambda share: self._told("play", share))
        after = Replay(history, changed, kinds_by_ticket(placed)).run(lambda share: self._told("try", share))
        attendance = _attendance(history, regimes)
        comparison = compare(
            history,
            measure(history, history.passages, regimes, attendance),
            measure(history, before.passages, regimes, attendance),
            measure(history, after.passages, changed, _attendance(history, changed)),
        )
        self._note(before, after, placed)
        return Simulated(comparison=comparison, placed=placed, alike=after.alike, notes=tuple(self._notes))

    def _note(self, before: Played, after: Played, placed: Mapping[str, PlacedAgain]) -> None:
        lost = sum(each.is_same is None for each in placed.values())
        if lost:
            self._notes.append(
                f"the rules of that day cannot be asked again for {lost} tickets, which stay where they were"
            )
        for agent, like in sorted(after.alike.items()):
            self._notes.append(f"{agent} was not there in those days, and is taken to come and go as {like} did")
        if before.swept or after.swept:
            self._notes.append(f"{before.swept} and {after.swept} tickets were only found by the sweep")


def _attendance(history: History, regimes: Regimes) -> Attendance:
    """That of all agents of these configurations."""
    presences, _ = with_newcomers(history.presences, regimes.queues, history.agents)
    return Attendance(presences, history.since, history.until, history.passages.values())
