"""Notices: mails by which rules tell colleagues of a ticket. They are laid into a queue, and sent by who can send mail.

They go to agents' own addresses and to those that the configuration names, never to a customer.
"""

from collections.abc import Mapping
from uuid import NAMESPACE_OID, uuid5

from ..config.rule_actions import StepSettings
from ..normalizer.envelope import Record
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.work import WorkQueue
from .policy import CurrentPolicy
from .records import Ticket
from .variables import filled

QUEUE = "notices"


class Notice(Record):
    """One mail; the same key is the same mail."""

    to: str
    subject: str
    text: str
    key: str
    created_at: int


class Notices:
    """Lays notices into their queue."""

    def __init__(self, engine: Engine, clock: Clock, policy: CurrentPolicy) -> None:
        self._clock = clock
        self._policy = policy
        self._queue = WorkQueue(engine, QUEUE)

    async def tell(self, then: StepSettings, ticket: Ticket, values: Mapping[str, str], *, name: str, key: str) -> None:
        """Lay one for each address. Raises EngineUnavailable."""
        if then.notify is None:
            return
        agents = self._policy().settings.agents
        own = (agents[agent].email for agent in then.notify.agents if agent in agents)
        text = f"{filled(then.notify.text, values)}\n\n{ticket.number}, {ticket.queue}, priority {ticket.priority}\n"
        for address in dict.fromkeys((*filter(None, own), *then.notify.addresses)):
            notice = Notice(
                to=address,
                subject=f"[{ticket.number}] {name}",
                text=text,
                key=uuid5(NAMESPACE_OID, f"{ticket.id} {key} {address}").hex,
                created_at=self._clock.now(),
            )
            await self._queue.push(f"to:{address}", notice.model_dump_json().encode())
