"""The board as a record: what `GET /v1/board` answers, and what the page is made of.

All numbers of one board were seen in one moment. They are exact and the same whichever process is asked; only the
engine's fullness and the gate are measured by each process for itself, once a second.
"""

from typing import Literal

from pydantic import Field

from ...normalizer.envelope import Record
from ...queue.unread_sources import Unread
from ...router.parking import Parked
from ...router.records import Presence
from .balance import Balance
from .rates import Trend

Level = Literal["good", "watch", "bad"]


class Verdict(Record):
    """Whether things are well, in words, and what to do if they are not."""

    level: Level = Field(description="good; watch: somebody should look; bad: somebody must act.")
    sentence: str
    advice: str = ""
    see: str = Field(default="", description="The page where it can be done.")
    also: tuple[str, ...] = Field(default=(), description="What else is not well, the worst first.")


class Compared(Record):
    """A number and what it was before."""

    now: int
    yesterday: int | None = Field(default=None, description="At the same time yesterday.")
    typical: int | None = Field(default=None, description="The median of the last 24 hours.")


class Numbers(Record):
    """The four numbers that matter, and what explains them."""

    waiting: Compared = Field(description="Tickets that nobody has accepted yet, offered ones included.")
    oldest: Compared = Field(description="Seconds for which the oldest of them has waited.")
    at_risk: Compared = Field(description="Tickets with three quarters of their time used, late ones included.")
    available: Compared = Field(description="Agents who are available and have room.")
    offered: int = Field(description="How many of the waiting tickets are offered to an agent at this moment.")
    oldest_since: int | None = Field(description="Milliseconds; since when the oldest has waited.")
    oldest_in: str | None = Field(description="The queue that it is in.")
    late: int = Field(description="Tickets that should have had an agent, or an answer, by now.")
    undelivered: int = Field(
        description="Tickets of which an answer did not arrive, or perhaps did not, and nobody has decided on it."
    )
    absent: int = Field(default=0, description="Open tickets of agents who are offline.")
    orphans: int = Field(default=0, description="Open tickets of agents whom the configuration does not know.")
    on_duty: int = Field(description="Agents who are available, with room or without.")
    agents: int


class Lacking(Record):
    """What tickets wait for that nobody on duty has."""

    token: str = Field(description="`language:fi`, `skill:billing@3`.")
    tickets: int
    agents: tuple[str, ...] = Field(description="Names of those who have it, and are not on duty.")


class QueueRow(Record):
    """A queue."""

    name: str
    description: str = ""
    configured: bool = Field(default=True, description="false: only tickets of an earlier configuration are in it.")
    waiting: int = Field(description="Tickets that nobody has accepted yet, offered ones included.")
    offered: int = Field(description="How many of them are offered to an agent at this moment.")
    active: int = Field(description="Tickets that are new or open.")
    oldest_since: int | None = Field(description="Milliseconds; since when the oldest of them has waited.")
    unoffered_since: int | None = Field(description="Milliseconds; the same of those that are not offered to anybody.")
    declined: int = Field(default=0, description="How many were declined by everybody who could have them.")
    asked_again_at: int | None = Field(
        default=None, description="Milliseconds; when the first of these is offered to all of them anew."
    )
    lacking: tuple[Lacking, ...] = Field(default=(), description="What some wait for that nobody on duty has.")
    at_risk: int
    late: int
    undelivered: int = Field(description="Tickets of which an answer did not arrive, and nobody has decided on it.")
    shutting: int = Field(
        default=0,
        description="Tickets in which somebody waits, and to whom the channel takes a free answer for an hour at most.",
    )
    arriving: float = Field(
        description="Tickets a minute that came to need an agent, lately: opened, reopened, woken by an answer of the "
        "customer, or moved into the queue. Further messages in an open ticket do not count."
    )
    arriving_trend: Trend = Field(
        description="rising or falling: more than chance, see the last 5 minutes; else steady."
    )
    handled: float = Field(
        description="Tickets a minute that stopped needing an agent, lately: pending, on hold, solved or closed."
    )
    handled_trend: Trend
    agents: tuple[str, ...] = Field(description="Who serves it.")
    available: int = Field(description="Agents of it who are available and have room.")
    in_hand: float | None = Field(
        default=None,
        description="How many tickets are in hand at once if they come as lately and take as long as today.",
    )
    slots: int = Field(default=0, description="How many units of weight its available agents work on at the same time.")

    @property
    def unoffered(self) -> int:
        """How many wait and are not offered to anybody."""
        return self.waiting - self.offered


class AgentRow(Record):
    """An agent."""

    id: str
    name: str
    queues: tuple[str, ...]
    presence: Presence
    since: int | None
    load: int = Field(description="Units of capacity in use, offers and what is being wrapped up included.")
    live: int = Field(description="What of it is not patient; letters in hand keep nobody from a chat.")
    exclusive: bool = Field(default=False, description="Something in hand keeps them from everything else.")
    closing: bool = Field(default=False, description="Their shift ends soon, so nothing is offered to them.")
    wrapping: bool = Field(default=False, description="They wrap up what they are done with.")
    offered_load: int = Field(description="How much of the load is offered to them and not accepted yet.")
    capacity: int
    open_tickets: tuple[str, ...] = Field(description="Numbers of the first open tickets they have.")
    open_count: int = Field(description="How many open tickets they have.")
    pressing: int = Field(
        default=0,
        description="How many of them cannot wait for an agent who is offline: their customer waits for an answer, or "
        "what they owe comes close.",
    )
    offered: tuple[str, ...] = Field(description="Numbers of the tickets that are offered to them.")
    missed: int = Field(description="Offers missed in a row.")
    handled: int = Field(description="Tickets of theirs that stopped being new or open today.")
    handling: int | None = Field(description="Seconds from getting a ticket to handling it, on average, today.")

    @property
    def has_room(self) -> bool:
        """Whether they can be offered something."""
        return self.presence == "available" and not self.closing and self.spare

    @property
    def spare(self) -> bool:
        """Whether there is room for a conversation beside what they have in hand."""
        return not self.exclusive and self.live < self.capacity

    @property
    def is_over(self) -> bool:
        """Whether they have more in hand than they work on at the same time, of letters or of the rest."""
        return max(self.live, self.load - self.live) > self.capacity


class Upkeep(Record):
    """What waits for a person."""

    dead: int = Field(description="Dead letters of all queues, and of the followers of the feed.")
    suspended: int
    proposed: int = Field(description="Pairs of records that may be one person's.")


class EngineFacts(Record):
    """The engine, as the process that was asked sees it."""

    memory: float = Field(description="Percent of the memory it may use, the backlog included; 0 without a limit.")
    disk: float = Field(description="Percent of the data folder's disk.")
    backlog: int = Field(description="Messages and receipts that are accepted and not yet filed.")
    closed: str = Field(description="Why intake is refused; empty while it is open.")
    filling: str = Field(default="", description="That it fills up, and what to do, while there is still time.")
    clock: str = Field(default="", description="What to do about a clock that is astray; empty while it is not.")
    strange: bool = Field(
        default=False, description="true: it is not the engine of the data folder, and nothing of it is shown."
    )


class Board(Record):
    """Everything."""

    at: int = Field(description="Milliseconds; the moment in which it was seen.")
    config: str = Field(description="The version of the configuration in force.")
    zone: str = Field(description="The time zone in which the desk's day begins.")
    verdict: Verdict
    numbers: Numbers
    queues: tuple[QueueRow, ...]
    agents: tuple[AgentRow, ...]
    balance: Balance
    upkeep: Upkeep
    engine: EngineFacts
    parked: tuple[Parked, ...] = Field(
        default=(), description="Accounts of channels that take nothing now, so that answers wait."
    )
    unread: tuple[Unread, ...] = Field(
        default=(), description="Sources of messages, such as mailboxes, that cannot be read now."
    )
    counted: bool = Field(description="false while the feed is still being counted; rates are then too low.")
