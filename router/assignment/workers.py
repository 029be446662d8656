"""An agent as the assignment sees them: what they can do, whether they can be asked, and what they have in hand.

Rates are thousandths of the work that one agent does who has one ticket in hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .tickets import Ticket

OFFLINE, AWAY, BUSY, AVAILABLE = "offline", "away", "busy", "available"

GAINS = (1000, 600, 300, 200, 100)
"""What each further ticket in hand adds to an agent's rate, where nothing was measured (Tezcan, Zhang 2014)."""


class Hours(NamedTuple):
    """The shifts of an agent."""

    shift_at: Callable[[int], tuple[int, int]]
    """Of the shift that runs at a moment, or the next: from when on nothing is offered, and its end; 0, 0: none."""
    overtime: int
    """How long after the end they may finish live conversations, ms."""
    live: tuple[str, ...]
    """Channels that have such."""


@dataclass(slots=True)
class Load:
    """What somebody has in hand, offers and wrap-up included."""

    every: int = 0
    """Units of weight."""
    live: int = 0
    """Those of them that are not patient."""
    tickets: int = 0
    live_tickets: int = 0
    exclusive: int = 0
    """Tickets that keep them from everything else."""
    by_channel: dict[str, int] = field(default_factory=dict)

    def change(self, ticket: Ticket, sign: int) -> None:
        """Add a ticket (1) or take it away (-1)."""
        live = 0 if ticket.patient else sign
        self.every += sign * ticket.weight
        self.live += live * ticket.weight
        self.tickets += sign
        self.live_tickets += live
        self.exclusive += sign if ticket.exclusive else 0
        self.by_channel[ticket.channel] = self.by_channel.get(ticket.channel, 0) + sign * ticket.weight


@dataclass(slots=True, kw_only=True)
class Worker:
    """One agent; the first block is given, the second is kept by the assignment."""

    id: str
    tokens: frozenset[str]
    capacity: int = 1
    caps: Mapping[str, int] = field(default_factory=dict)
    """By channel, in units of weight."""
    gains: tuple[int, ...] = GAINS
    speeds: Mapping[str, int] = field(default_factory=dict)
    """By token, in thousandths; a token that is not named has 1000."""
    hours: Hours | None = None
    """Their shifts, if they have any."""

    removed: bool = False
    """No longer in the configuration."""
    presence: str = OFFLINE
    muted: bool = False
    """Missed an offer, and has given no sign of life since."""
    closes_at: int = 0
    """From when on nothing is offered, because the shift ends soon; 0: never."""
    shift_ends: int = 0
    shift_look: int = 0
    """When their shift is looked at next."""
    said_at: int = 0
    """When they said last how they are."""
    epoch: int = 0
    idle_since: int = 0
    load: Load = field(default_factory=Load)
    keeps: str | None = None
    """The heavy ticket for which their room is kept."""
    stands: list[tuple[bool, str, tuple[int, int, str]]] = field(default_factory=list)
    """Where they stand among the free (free.py)."""

    @property
    def on_duty(self) -> bool:
        """Whether they work, if only on what they have; whoever is muted is taken to be away."""
        return self.presence in (AVAILABLE, BUSY) and not self.muted

    def offerable(self, now: int) -> bool:
        """Whether anything may be offered to them."""
        return self.presence == AVAILABLE and not self.muted and not 0 < self.closes_at <= now

    def has_room(self, weight: int, *, patient: bool) -> bool:
        """Whether so much fits, whatever the channel."""
        taken = self.load.every if patient else self.load.live
        return self.load.exclusive == 0 and taken + weight <= self.capacity

    def fits(self, ticket: Ticket) -> bool:
        """Whether a ticket fits what they have in hand."""
        if not self.has_room(ticket.weight, patient=ticket.patient):
            return False
        if ticket.exclusive and self.load.live > 0:
            return False
        cap = self.caps.get(ticket.channel)
        return cap is None or self.load.by_channel.get(ticket.channel, 0) + ticket.weight <= cap

    def could_ever(self, ticket: Ticket) -> bool:
        """Whether it would fit if they had nothing in hand."""
        return ticket.weight <= min(self.capacity, self.caps.get(ticket.channel, self.capacity))

    def gain(self, *, patient: bool) -> int:
        """What one more ticket would add to their rate, before the speed."""
        held = self.load.tickets if patient else self.load.live_tickets
        return self.gains[min(held, len(self.gains) - 1)]

    def speed(self, tokens: tuple[str, ...]) -> int:
        """Their speed with a ticket of these tokens: that of the slowest."""
        return (
            min((self.speeds[token] for token in tokens if token in self.speeds), default=1000) if self.speeds else 1000
        )

    def is_finishing(self) -> bool:
        """Whether they have a live conversation in hand."""
        live = self.hours.live if self.hours else ()
        return any(self.load.by_channel.get(channel, 0) > 0 for channel in live)

    def take_over(self, before: "Worker") -> None:
        """Go on as they were under the configuration before."""
        self.presence, self.muted, self.said_at = before.presence, before.muted, before.said_at
        self.closes_at, self.shift_ends, self.shift_look = before.closes_at, before.shift_ends, before.shift_look
        self.epoch, self.idle_since, self.load = before.epoch, before.idle_since, before.load
