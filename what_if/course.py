"""A ticket on its way through a replay: what it has gone through so far, and what of its record comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .history import By, Episode, Kind, Passage


@dataclass(slots=True)
class Course:
    """One ticket; `number` is the episode of the record that is being played."""

    record: Passage
    kind: Kind
    number: int = 0
    episodes: list[Episode] = field(default_factory=list)
    fence: int = 0
    """Rises with each step, so that what was laid out for an earlier one does nothing."""
    played: list[int] = field(default_factory=list)
    """Of each episode the number of the one in the record that its work is from."""

    @property
    def recorded(self) -> Episode:
        """The episode of the record."""
        return self.record.episodes[self.number]

    @property
    def now(self) -> Episode:
        """The episode of the replay."""
        return self.episodes[-1]

    @property
    def answered(self) -> bool:
        """Whether somebody of ours has answered in an episode before this one."""
        first = self.record.answers[0] if self.record.answers else None
        return first is not None and first < self.recorded.wanted_at

    def want(self, at: int) -> Episode:
        """It wants an agent from now on."""
        self.fence += 1
        self.episodes.append(Episode(kind=self.kind, wanted_at=at))
        self.played.append(self.number)
        return self.now

    def take(self, at: int, agent: str, by: By) -> None:
        """Somebody has it. What was changed by hand before anybody of the record had it is changed no more."""
        self.fence += 1
        while self.recorded.taken_at is None and self.recorded.ending == "moved" and self.has_next:
            self.number += 1
        self.played[-1] = self.number
        self.now.agent, self.now.taken_at, self.now.by = agent, at, by

    @property
    def has_next(self) -> bool:
        """Whether there is another episode in the record."""
        return self.number + 1 < len(self.record.episodes)

    def advance(self) -> None:
        """On to the next episode of the record, with what was changed of the ticket in between."""
        before = self.recorded.kind
        self.number += 1
        self.kind = self.kind.follows(before, self.recorded.kind)

    def finish(self) -> Passage:
        """What it went through, with messages and answers where they would have been."""
        passage = replace(self.record, episodes=self.episodes)
        passage.messages = self._moved(self.record.messages)
        passage.answers = self._moved(self.record.answers)
        return passage

    def _moved(self, times: Sequence[int]) -> list[int]:
        """Moments of the record as far behind the same moment of an episode as they were there."""
        found = (self._moment(at) for at in times)
        return sorted(at for at in found if at is not None)

    def _moment(self, at: int) -> int | None:
        number = max((n for n, each in enumerate(self.record.episodes) if each.wanted_at <= at), default=None)
        if number is None:
            return at
        there = next((each for each, played in zip(self.episodes, self.played, strict=True) if played >= number), None)
        was = self.record.episodes[number]
        if there is None:
            return None
        if was.taken_at is None or at < was.taken_at:
            return there.wanted_at + at - was.wanted_at
        if there.taken_at is None:
            return None
        return _within(at - was.taken_at, was, there) + there.taken_at


def _within(behind: int, was: Episode, there: Episode) -> int:
    """So far behind the beginning of the work, drawn out or together as the work is."""
    if was.ended_at is None or was.taken_at is None or there.ended_at is None or there.taken_at is None:
        return behind
    took, takes = was.ended_at - was.taken_at, there.ended_at - there.taken_at
    return behind * takes // took if took > 0 and behind <= took else behind
