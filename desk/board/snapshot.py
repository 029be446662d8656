"""What look.lua saw in one moment, as it says it."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _numbers(value: Any) -> Any:
    return [int(number) for number in value.split()] if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return () if value is None else value


Numbers = Annotated[tuple[int, ...], BeforeValidator(_numbers)]


class Seen(BaseModel):
    """The base of what was seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenQueue(Seen):
    """A queue: counts of tickets, and since when (ms) nobody has the oldest."""

    name: str
    waiting: int = Field(description="Not offered either.")
    wanted: int = Field(description="Waiting or offered: nobody has it.")
    oldest: int
    unoffered: int = Field(description="The same of those that are not offered; 0 when there is none.")
    declined: int = Field(default=0, description="Of those waiting: declined by everybody who could have them.")
    asked: int = Field(default=0, description="Since when all have declined the first of them; 0 when there is none.")
    lacking: dict[str, int] = Field(
        default_factory=dict, description="How many wait for a skill or language that nobody on duty has, by token."
    )
    risk: int
    late: int
    undelivered: int = Field(description="Of which an answer did not arrive, in whatever status.")
    shutting: int = Field(default=0, description="Of which the window for free answers shuts within an hour.")
    new: int
    open: int


class SeenAgent(Seen):
    """An agent; `open_tickets` and `offered` are the first numbers, `open_count` counts all that they have."""

    id: str
    presence: str
    since: int
    load: int
    missed: int
    open_tickets: Numbers
    open_count: int
    pressing: int = Field(default=0, description="Of one who is offline: those that cannot wait for them.")
    offered: Numbers
    offers: int = Field(description="What all that is offered to them weighs.")
    live: int = Field(description="What of the load is not patient.")
    exclusive: bool = Field(default=False, description="Something keeps them from everything else.")
    closing: bool = Field(default=False, description="Their shift ends, so nothing is offered.")
    wrapping: bool = Field(default=False, description="Something that is done still takes room.")
    day: str


class SeenChannel(Seen):
    """The counts of a channel, see balance.py."""

    channel: str
    last: str = Field(description="The raw id of its newest message, which holds its time.")
    oldest: int
    in_progress: int
    received: int
    entered: int = Field(alias="in")
    done: int
    receipts: int
    dead: int
    dropped: int
    suspended: int
    released: int
    discarded: int


class SeenMinute(Seen):
    """What happened in a minute, by queue."""

    minute: int
    counts: dict[str, int]


def _slots(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


Minutes = Annotated[tuple[SeenMinute | None, ...], BeforeValidator(_slots)]


class Snapshot(Seen):
    """Everything that was seen."""

    queues: Annotated[tuple[SeenQueue, ...], BeforeValidator(_listed)]
    agents: Annotated[tuple[SeenAgent, ...], BeforeValidator(_listed)]
    channels: Annotated[tuple[SeenChannel, ...], BeforeValidator(_listed)]
    waiting: int
    wanted: int
    undelivered: int
    orphans: int = Field(default=0, description="Open tickets of agents whom the configuration does not know.")
    entries: int
    dead: int
    given_up: int = Field(description="Dead letters of all but intake.")
    suspended: int
    proposed: int = Field(description="Pairs of records that may be one person's (router/open_proposals.py).")
    known: int = Field(description="Messages that would be recognised if they came again.")
    arrived: Minutes = Field(description="Slots of the ring, the minute that runs first; what lies there can be older.")
    handled: Minutes
    begun: int = Field(description="When counting the feed began; 0 when it did not.")


NOTHING = Snapshot.model_validate(
    dict.fromkeys(("queues", "agents", "channels", "arrived", "handled"), ())
    | dict.fromkeys(
        ("waiting", "wanted", "undelivered", "entries", "dead", "given_up", "suspended", "proposed", "known", "begun"),
        0,
    )
)
"""What is shown of an engine that is not ours."""
