"""What a queue looks like now: what waits in it, for whom, and since when somebody should have had it."""

import asyncio

from pydantic import Field

from ..config.settings import Settings
from ..normalizer.envelope import Record
from ..queue.connection import Engine
from ..router.ticket_keys import TicketKeys


class QueueState(Record):
    """A queue: what the configuration says, and how full it is."""

    name: str
    description: str = ""
    fallback: bool = Field(description="It takes what no rule has placed.")
    auto_accept: bool = Field(description="What is offered counts as accepted at once.")
    agents: tuple[str, ...] = Field(description="Who works in it.")
    waiting: int = Field(description="Tickets that wait for an agent; offered ones do not.")
    most_due_at: int | None = Field(description="Milliseconds; when the most due of them should have an agent.")
    new: int = Field(description="Tickets of status new, offered ones included.")
    open: int = Field(description="Tickets of status open.")


class QueueStates:
    """Counts what is in the queues."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)

    async def one(self, settings: Settings, name: str) -> QueueState:
        """One queue of the configuration."""
        configured, waiting = settings.queues[name], self._keys.waiting
        counted, head, new, opened = await asyncio.gather(
            self._count(waiting, name),
            self._engine.call("ZRANGE", waiting, f"[{name}|", f"({name}}}", "BYLEX", "LIMIT", 0, 1),
            self._count(self._keys.index, f"queue:{name}:new"),
            self._count(self._keys.index, f"queue:{name}:open"),
        )
        return QueueState(
            name=name,
            description=configured.description,
            fallback=configured.fallback,
            auto_accept=configured.auto_accept,
            agents=tuple(sorted(id_ for id_, agent in settings.agents.items() if name in agent.queues)),
            waiting=counted,
            most_due_at=int(head[0].split(b"|")[1]) if head else None,
            new=new,
            open=opened,
        )

    async def _count(self, key: str, dimension: str) -> int:
        # members are <dimension>|…, and } is the character after |
        return int(await self._engine.call("ZLEXCOUNT", key, f"[{dimension}|", f"({dimension}}}"))
