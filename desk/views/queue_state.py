"""What a queue looks like now: what waits in it, for whom, and since when somebody should have had it."""

import asyncio

from pydantic import Field

from ...config.settings import Settings
from ...normalizer.envelope import Record
from ...router.ticket_index import TicketIndex


class QueueState(Record):
    """A queue: what the configuration says, and how full it is."""

    name: str
    description: str = ""
    fallback: bool = Field(description="It takes what no rule has placed.")
    auto_accept: bool = Field(description="What is offered counts as accepted at once.")
    agents: tuple[str, ...] = Field(description="Who works in it.")
    waiting: int = Field(description="Tickets that wait for an agent; offered ones do not.")
    most_due_at: int | None = Field(description="Milliseconds; when the most due of them should have an agent.")
    declined: int = Field(default=0, description="How many of them were declined by everybody who could have them.")
    new: int = Field(description="Tickets of status new, offered ones included.")
    open: int = Field(description="Tickets of status open.")


async def queue_state(index: TicketIndex, settings: Settings, name: str) -> QueueState:
    """One queue of the configuration, and what is in it."""
    configured = settings.queues[name]
    waiting, head, declined, new, opened = await asyncio.gather(
        index.count_waiting(name),
        index.most_due(name, 1),
        index.count(f"declined:{name}"),
        index.count(f"queue:{name}:new"),
        index.count(f"queue:{name}:open"),
    )
    return QueueState(
        name=name,
        description=configured.description,
        fallback=configured.fallback,
        auto_accept=configured.auto_accept,
        agents=tuple(sorted(id_ for id_, agent in settings.agents.items() if name in agent.queues)),
        waiting=waiting,
        most_due_at=int(head[0].order) if head else None,
        declined=declined,
        new=new,
        open=opened,
    )
