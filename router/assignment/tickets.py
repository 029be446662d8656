"""A ticket as the assignment sees it: what it needs, by when, and what the assignment remembers of it.

Times are milliseconds since 1970. Its tokens are strings: `queue:sales`, `skill:billing@3`, `language:fr`. Optional
tokens are among `tokens` too; they may be dropped in the order in which they stand in `optional`.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

FINAL = 3  # steps of the ladder

WAITING, HELD, OFFERED, TAKEN, GONE = "waiting", "held", "offered", "taken", "gone"

Signature = tuple[str, ...]
"""Required tokens, sorted, each once; never empty."""


class Optional(NamedTuple):
    """A token that a ticket can do without."""

    token: str
    after: int
    """How long after its arrival somebody without the token may have it as second-choice work."""
    at_once: bool
    """Whether it is dropped for good while nobody on duty could have the ticket with it."""


@dataclass(slots=True, kw_only=True)
class Ticket:
    """One ticket; the first block is given, the second is kept by the assignment alone."""

    id: str
    arrived_at: int
    due: int
    target: int
    priority: int
    tokens: Signature
    optional: tuple[Optional, ...] = ()
    channel: str = "mail"
    weight: int = 1
    patient: bool = False
    """Interruptible: in hand it keeps nobody from what is not patient."""
    exclusive: bool = False
    """In hand it keeps its agent from everything else."""
    previous: str | None = None
    hold: int = 0
    """At most so long it is kept for the previous agent while others are idle."""
    offer: int | None = 30_000
    """How long an offer stands; None: what is offered counts as accepted."""

    aim: int = 0
    step: int = 0
    """Steps of the ladder that it has taken."""
    state: str = GONE
    fresh: bool = False
    """Nobody has looked at it yet."""
    dropped: frozenset[str] = frozenset()
    """Tokens dropped for good."""
    relaxed: int = 0
    """How many optional tokens second-choice agents may lack."""
    agent: str | None = None
    offers: int = 0
    since: int = 0
    """When it was bound, or accepted."""
    held_until: int = 0
    wrapped_at: int = 0
    """Until when its agent wraps it up, when they are done with it."""
    excluded: dict[str, int] = field(default_factory=dict)
    """Agents who declined or missed it, with their epoch then; it holds within that epoch."""
    asked_all_at: int | None = None
    """Since when everybody on duty who could have it has declined or missed it."""
    looks_at: int = 0
    """When it looks whether anybody is left to ask, some having declined or missed it."""
    keeper: str | None = None
    """The agent whose room is kept for it."""

    @property
    def final(self) -> bool:
        """Whether it is head of the line for good."""
        return self.step == FINAL

    def facts(self) -> tuple[object, ...]:
        """By what it is seen whether it waits for something else than before."""
        wishes = tuple(each.token for each in self.optional)
        return (self.tokens, wishes, self.priority, self.due, self.target, self.channel, self.weight, self.previous)

    def relaxed_by(self, now: int) -> int:
        """How many optional tokens second-choice agents may lack by now."""
        passed = (step for step, each in enumerate(self.optional, 1) if self.arrived_at + each.after <= now)
        return max(passed, default=0)

    def signature(self) -> Signature:
        """What somebody needs for it as their own work."""
        return tuple(token for token in self.tokens if token not in self.dropped) if self.dropped else self.tokens

    def relaxed_signature(self) -> Signature:
        """What somebody needs for it as second-choice work; the last token always stays."""
        lacking = self.dropped | {each.token for each in self.optional[: self.relaxed]}
        return tuple(token for token in self.tokens if token not in lacking) or self.tokens[-1:]
