"""Macros: the steps of the configuration, taken with a ticket because somebody asks for it.

They are those of triggers (ticket_steps.py), done in the name of who asks: a reply is the agent's own, with the text of
`canned_replies` in the ticket's language, and what it changes is told as theirs. The same key again repeats nothing.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Steps:
    """What is to be done."""

    then: StepSettings
    name: str = ""
    """The macro whose steps they are; empty where they are no macro's."""


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

    def named(self, name: str) -> Steps:
        """The steps of a macro. Raises NotFound."""
        macro = self._policy().settings.macros.get(name)
        if macro is None:
            raise NotFound(f"there is no macro {name}")
        return Steps(macro.then, name)

    async def run(self, steps: Steps, stored: StoredTicket, *, actor: str, agent: str, key: str | None) -> Taken:
        """Take the steps with one ticket. Raises NotFound, EngineUnavailable.

        The history tells of a macro that it was used, and of other steps each by itself.
        """
        key = f"{f'macro {steps.name}' if steps.name else 'by hand'} {key or new_id(self._clock.now())}"
        taken = await self._take(steps, stored, actor=actor, agent=agent, key=key)
        if steps.name:
            await self._told.used(stored.record.id, steps.name, key, taken, actor=actor)
        return taken

    async def _take(self, steps: Steps, stored: StoredTicket, *, actor: str, agent: str, key: str) -> Taken:
        ticket, address = stored.record, stored.work.reply_to
        customer = (address.name if address else "") or stored.work.said_last.by
        taker = Taker(
            actor=actor,
            key=key,
            name=steps.name,
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

        return await self._steps.take(ticket.id, steps.then, taker, reply=reply)
