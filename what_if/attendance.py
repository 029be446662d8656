"""When agents were there: from how they said they were, the time in which work goes on.

Whoever is not offline works on what they have: away and busy only keep new offers off. Work is measured and spent in
this time, so a letter that lay over night took no night to answer. Whoever finishes something soon after they went
offline was still at it. Before somebody's first change they are taken to have been the opposite: who comes was not
there.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..router.assignment.workers import AVAILABLE, OFFLINE
from .history import Passage, PresenceChange

STILL_AT_IT = 3_600_000  # ms

Spans = list[tuple[int, int]]


class Attendance:
    """Spans of attendance by agent, from the beginning of a record to its end; `passages` tell who was still at it."""

    def __init__(
        self, presences: Iterable[PresenceChange], since: int, until: int, passages: Iterable[Passage] = ()
    ) -> None:
        self._since, self._until = since, until
        self._spans: dict[str, Spans] = {}
        there: dict[str, int] = {}
        for change in presences:
            agent = change.agent
            if agent not in self._spans:
                self._spans[agent] = []
                if change.presence == OFFLINE:
                    there[agent] = since
            if change.presence == OFFLINE:
                begun = there.pop(agent, None)
                if begun is not None and change.at > begun:
                    self._spans[agent].append((begun, change.at))
            else:
                there.setdefault(agent, change.at)
        for agent, begun in there.items():
            self._spans[agent].append((begun, until))
        for passage in passages:
            for episode in passage.episodes:
                if episode.agent in self._spans and episode.ended_at and episode.ending in ("parked", "finished"):
                    self._draw_out(self._spans[episode.agent], episode.ended_at)

    def between(self, agent: str, begin: int, end: int) -> int:
        """How long they were there between two moments, in ms; all of it for somebody of whom nothing is told."""
        spans = self._spans.get(agent)
        if spans is None:
            return max(0, end - begin)
        return sum(max(0, min(end, last) - max(begin, first)) for first, last in spans[self._from(spans, begin) :])

    def after(self, agent: str, begin: int, amount: int) -> int | None:
        """When they have been there for so long since then; None where that is after the end of the record."""
        spans = self._spans.get(agent)
        if spans is None:
            return begin + amount
        left = amount
        for first, last in spans[self._from(spans, begin) :]:
            at = max(first, begin)
            if last - at >= left:
                return at + left
            left -= max(0, last - at)
        return None

    def total(self, agent: str, begin: int, end: int) -> int:
        """The same as `between`; nothing for somebody of whom nothing is told."""
        return self.between(agent, begin, end) if agent in self._spans else 0

    @staticmethod
    def _draw_out(spans: Spans, worked: int) -> None:
        """They were there until this moment, if they went shortly before it."""
        at = bisect_right(spans, (worked, worked)) - 1
        if at >= 0 and spans[at][1] < worked <= spans[at][1] + STILL_AT_IT:
            spans[at] = spans[at][0], worked

    @staticmethod
    def _from(spans: Spans, begin: int) -> int:
        return max(0, bisect_right(spans, (begin, begin)) - 1)


class Inattention:
    """When agents did not look: from an offer that they missed until their next word."""

    def __init__(self, passages: Iterable[Passage], presences: Sequence[PresenceChange]) -> None:
        words: dict[str, list[int]] = {}
        for change in presences:
            if not change.missed:
                words.setdefault(change.agent, []).append(change.at)
        self._spans: dict[str, Spans] = {}
        for passage in passages:
            for each in (one for episode in passage.episodes for one in episode.tries):
                if each.how == "missed" and each.ended is not None:
                    after = words.get(each.agent, [])
                    at = bisect_right(after, each.ended)
                    until = after[at] if at < len(after) else each.ended
                    self._spans.setdefault(each.agent, []).append((each.at, until))

    def covers(self, agent: str, at: int) -> bool:
        """Whether they did not look then."""
        return any(begin <= at < end for begin, end in self._spans.get(agent, ()))


def with_newcomers(
    presences: Sequence[PresenceChange], agents: Mapping[str, Sequence[str]], before: Collection[str]
) -> tuple[list[PresenceChange], dict[str, str]]:
    """With agents who were not configured `before` taken to come and go as the one who shares most queues with them.

    `agents` are the queues of each. Also returns who was taken for whom.
    """
    known = {change.agent for change in presences}
    alike: dict[str, str] = {}
    for agent, queues in sorted(agents.items()):
        others = [each for each in sorted(known) if each in agents]
        if agent not in known and agent not in before and others:
            alike[agent] = max(others, key=lambda each: len({*queues} & {*agents[each]}))
    copies = [
        change._replace(agent=agent) for agent, like in alike.items() for change in presences if change.agent == like
    ]
    return sorted([*presences, *copies], key=lambda change: change.at), alike


def first_presences(presences: Iterable[PresenceChange]) -> dict[str, str]:
    """How agents were before their first change."""
    found: dict[str, str] = {}
    for change in presences:
        found.setdefault(change.agent, AVAILABLE if change.presence == OFFLINE else OFFLINE)
    return found
