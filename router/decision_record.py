"""What is kept of a routing decision: a list of such records stands beside each ticket.

Complete enough for the decision to be made again (decision.py), and below two kilobytes whatever the size of the desk:
who or what mattered is told by name, all others are counted by what kept them.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from ..normalizer.envelope import Record
from .assignment.choice import Way


class SeenAgent(Record):
    """A free agent whom a ticket looked at, as they rank: the least slowness, then price, then idle since, then id."""

    agent: str
    slowness: int = Field(description="100,000 less what the ticket adds to their work, in thousandths of an agent.")
    price: int = Field(description="What it costs that they are not free: the demand for what they can do.")
    idle_since: int
    load: int = 0
    capacity: int = 0


class SeenTicket(Record):
    """A ticket that an agent with room looked at, as they rank: the least place, then id."""

    ticket: str
    number: str = ""
    place: int = Field(description="Its aim as this agent sees it, milliseconds.")
    priority: int
    final: bool = Field(default=False, description="So late that it is head of the line.")
    fits: bool = Field(default=True, description="false: their room is kept for it.")
    way: Way = "own"


class SeenPace(Record):
    """How fast work was begun and came (router/assignment/rates.py): counts, for arrivals by priority."""

    span: int = Field(description="The milliseconds that a count stands for.")
    starts: int
    arrivals: tuple[int, int, int, int]
    targets: tuple[int, int, int, int] = Field(description="Milliseconds; 0 for a priority that never came.")


class Decision(Record):
    """What one routing decision saw, complete enough to be made again.

    Either the ticket looked for an agent, and `agents` are those whom it could have had; or an agent had room, and
    `tickets` are those that they could have had, the ones that mattered. Decisions from before there was a `way` have
    `candidates`.
    """

    kind: Literal["offer"] = "offer"
    at: int
    agent: str = Field(description="Who was chosen.")
    ticket: str = Field(default="", description="The ticket that was chosen.")
    config: str
    cause: str = Field(default="", description="The event that led to it.")
    channel: str
    weight: int
    way: Way | Literal[""] = Field(
        default="",
        description="own: they can do all that it needs. returning: they had it before. overflow: they lack what it "
        "can do without.",
    )
    lacking: tuple[str, ...] = Field(default=(), description="What they lack of what the ticket wanted.")
    agents: tuple[SeenAgent, ...] = ()
    tickets: tuple[SeenTicket, ...] = ()
    more_tickets: int = Field(default=0, description="How many more they looked at, that did not matter.")
    pace: SeenPace | None = Field(default=None, description="Where a more important ticket was there.")
    due: Mapping[str, tuple[int, int, int]] = Field(
        default_factory=dict,
        description="By horizon in milliseconds: how many tickets of priority 1, 2 and 3 were due within it.",
    )
    others: Mapping[str, int] = Field(
        default_factory=dict, description="How many other agents were looked at, by what kept them (decision.REASONS)."
    )
    load_before: int
    load_after: int
    capacity: int
    relaxed: bool = Field(default=False, description="Whether it may go to somebody who does not speak its language.")
    speaker_on_duty: bool = Field(default=False, description="Whether somebody who does was on duty.")
    candidates: tuple[dict[str, Any], ...] = Field(default=(), description="All, or the first of very many.")
