"""Macros: the steps of the configuration, taken with a ticket because somebody asks for it.

They are those of triggers (ticket_steps.py), done in the name of who asks: a reply is the agent's own, with the text of
`canned_replies` in the ticket's language, and what it changes is told as theirs. The same key again repeats nothing.
"""

from ..config.errors import NotFound
from ..config.rule_actions import StepSettings
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_id
from .actions import Actions
from .holders import holder_of
from .policy import CurrentPolicy
from .reader import Reader
from .rule_history import RuleHistory
from .stored_ticket import StoredTicket
from .ticket_requests import Writing
from .ticket_steps import Taken, Taker, TicketSteps
from .variables import filled


class Macros:
    """Takes the steps of macros."""

    def __init__(
        self, engine: Engine, clock: Clock, *, actions: Actions, reader: Reader, policy: CurrentPolicy
    ) -> None:
        self._clock = clock
        self._actions = actions
        self._reader = reader
        self._policy = policy
        self._steps = TicketSteps(actions, reader, clock, policy)
        self._told = RuleHistory(engine, clock)

    def steps(self, name: str) -> StepSettings:
        """What a macro does. Raises NotFound."""
        macro = self._policy().settings.macros.get(name)
        if macro is None:
            raise NotFound(f"there is no macro {name}")
        return macro.then

    async def run(self, name: str, stored: StoredTicket, *, actor: str, agent: str, key: str | None) -> Taken:
        """Take the steps with one ticket. Raises NotFound, EngineUnavailable."""
        then, key = self.steps(name), f"macro {name} {key or new_id(self._clock.now())}"
        taken = await self._take(then, stored, actor=actor, agent=agent, key=key, name=name)
        await self._told.used(stored.record.id, name, key, taken, actor=actor)
        return taken

    async def by_hand(
        self, then: StepSettings, stored: StoredTicket, *, actor: str, agent: str, key: str | None
    ) -> Taken:
        """Take steps that are no macro's; the history tells each of them by itself. Raises NotFound."""
        key = f"by hand {key or new_id(self._clock.now())}"
        return await self._take(then, stored, actor=actor, agent=agent, key=key, name="")

    async def _take(
        self, then: StepSettings, stored: StoredTicket, *, actor: str, agent: str, key: str, name: str
    ) -> Taken:
        ticket, address = stored.record, stored.work.reply_to
        customer = (address.name if address else "") or stored.work.said_last.by
        taker = Taker(
            actor=actor,
            key=key,
            name=name,
            agent=agent,
            variables={"customer": customer},
            holder=holder_of(ticket),
        )

        async def reply(text: str) -> str:
            if not agent:
                return "name the agent who answers; nobody has the ticket"
            settings = self._policy().settings
            texts = settings.canned_replies[text]
            written = texts.get(ticket.language) or texts.get("en") or next(iter(texts.values()))
            values = {"customer": customer, "number": ticket.number, "agent": settings.agent_names.get(agent, agent)}
            writing = Writing(text=filled(written, values), actor=actor, agent=agent, key=f"{key}:reply")
            await self._actions.reply(ticket.id, writing)
            return ""

        return await self._steps.take(ticket.id, then, taker, reply=reply)
