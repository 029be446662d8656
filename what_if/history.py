"""What happened at a desk in some days, as a replay needs it: tickets, agents, and nothing of what anybody wrote.

A ticket goes through *episodes*: it wants an agent, mostly has one, and at the end of the episode needs nobody for a
while (parked), nobody any more (finished), or another agent (returned to its queue, or moved while it waited). A replay
gives the same; so what happened and what would have happened are measured alike (measures.py). Times are milliseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

How = Literal["accepted", "declined", "missed", "withdrawn"]
By = Literal["offer", "hand", "kept"]
"""offer: it was offered and accepted; hand: taken or given by hand; kept: it woke, and its agent had room."""
Ending = Literal["parked", "finished", "returned", "moved", "open"]
"""open: it was not over when the record ended."""


class Kind(NamedTuple):
    """What of a ticket decides who can have it, and when it is its turn."""

    queue: str
    priority: int
    language: str = "unknown"
    required: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()

    def follows(self, before: "Kind", after: "Kind") -> "Kind":
        """With what was changed from `before` to `after`, where it was as it was there before the change."""
        pairs = zip(self, before, after, strict=True)
        return Kind._make(new if mine == old else mine for mine, old, new in pairs)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What the rules said of a ticket."""

    kind: Kind
    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    config: str = ""


@dataclass(slots=True, kw_only=True)
class Try:
    """It was offered to an agent."""

    agent: str
    at: int
    ended: int | None = None
    how: How | None = None
    """None: nobody knows yet."""


@dataclass(slots=True, kw_only=True)
class Episode:
    """One time in which a ticket wants an agent, and has one."""

    kind: Kind
    wanted_at: int
    tries: list[Try] = field(default_factory=list)
    agent: str | None = None
    taken_at: int | None = None
    by: By = "offer"
    ended_at: int | None = None
    ending: Ending = "open"
    status: str = ""
    """In which it then was."""

    def end(self, at: int, ending: Ending, status: str = "") -> None:
        """It is over."""
        self.ended_at, self.ending, self.status = at, ending, status

    def copy(self) -> "Episode":
        """Another one that can be changed."""
        return replace(self, tries=[replace(each) for each in self.tries])


@dataclass(slots=True, kw_only=True)
class Passage:
    """What a ticket went through."""

    id: str
    number: str
    channel: str
    arrived_at: int
    came: bool = True
    """It arrived in these days; false: it was there before, and began as it was found."""
    placed: Placed | None = None
    segment: str = ""
    region: str = ""
    """What promises may ask of its customer."""
    episodes: list[Episode] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    """When the customer wrote, the first message included."""
    answers: list[int] = field(default_factory=list)
    """When somebody of ours answered."""

    @property
    def first_taken(self) -> Episode | None:
        """The first episode in which somebody had it."""
        return next((each for each in self.episodes if each.taken_at is not None), None)

    @property
    def first_wait(self) -> int | None:
        """From its arrival until somebody had it first; None where nobody did."""
        first = self.first_taken
        return None if first is None or first.taken_at is None else first.taken_at - self.arrived_at


class PresenceChange(NamedTuple):
    """An agent was so from then on."""

    at: int
    agent: str
    presence: str
    missed: bool = False
    """The router set them away, because they had missed an offer."""


@dataclass(kw_only=True)
class History:
    """What happened from `since` to `until`; what is measured are tickets that came from `start` to `end`."""

    since: int
    start: int
    end: int
    until: int
    passages: Mapping[str, Passage]
    presences: Sequence[PresenceChange]
    agents: frozenset[str] = frozenset()
    """Who was configured; whoever is not is a newcomer of the change."""

    def measured(self, passages: Mapping[str, Passage]) -> list[Passage]:
        """Those of these tickets that are measured, in the order in which they came."""
        return sorted(
            (each for each in passages.values() if each.came and each.episodes and self._within(each)),
            key=lambda each: (each.arrived_at, each.id),
        )

    def _within(self, passage: Passage) -> bool:
        return self.start <= passage.arrived_at < self.end
