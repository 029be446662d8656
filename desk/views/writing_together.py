"""Who is writing in a ticket right now, for colleagues who look at it or have it in their lists.

It goes over signals (queue/signals.py): nothing is stored, one that is lost is followed by another as long as somebody
writes, and a page forgets it after some seconds. It tells who writes and whether it is an answer or a note, never what.
"""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from ...queue.signals import Signals
from ...router.holders import holder_of
from ...router.records import Ticket
from ...router.sight import Sight

TOPIC = "desk:writing"


@dataclass(frozen=True, kw_only=True)
class Writes:
    """An agent writes in a ticket, which stood so at that moment; `holder` has it or is offered it."""

    ticket: str
    number: str
    queue: str
    holder: str
    agent: str
    name: str
    is_note: bool = False

    def is_seen(self, sight: Sight | None) -> bool:
        """Whether somebody with this sight may know."""
        return sight is None or self.queue in sight.queues or self.holder == sight.agent


class WritingTogether:
    """Tells it, and hears it."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    async def tell(self, ticket: Ticket, agent: str, name: str, *, is_note: bool) -> None:
        """This agent writes in the ticket now. Raises EngineUnavailable."""
        writes = Writes(
            ticket=ticket.id,
            number=ticket.number,
            queue=ticket.queue,
            holder=holder_of(ticket),
            agent=agent,
            name=name,
            is_note=is_note,
        )
        await self._signals.send(TOPIC, asdict(writes))

    async def heard(self) -> AsyncIterator[Writes]:
        """Whoever writes anywhere, from now on."""
        async with self._signals.listen(TOPIC) as listening:
            async for signal in listening:
                yield _read(signal)


def _read(signal: dict[str, Any]) -> Writes:
    return Writes(**{name: value for name, value in signal.items() if name != "topic"})
