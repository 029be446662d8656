"""Who has a ticket, over HTTP: accept or take, decline, release, assign.

A token that is an agent's own acts for that agent and needs no body. Any other names the agent; only a release may
leave it out, and then takes the ticket from whoever has it. Where there are roles, who leads in the ticket's queue may
take it from others too, and go beyond a capacity.

What is judged by who has a ticket is done only while they have it (router/holders.py): of two who assign or take over
at once, the second is told of the first.
"""

from typing import Any

from ..config.errors import Conflict
from ..router.actions import Actions
from ..router.holders import demand_holder, holder_of
from ..router.reader import Reader
from ..router.records import Ticket
from ..web.operations import Answer, Call, Handler, Operation
from ..web.preconditions import entity_tag
from .access.access import Access
from .acting_agent import acting_agent, actor_of, agent_missing
from .request_fields import TicketPath
from .ticket_models import AcceptBody, AssignBody, GiveBackBody, TakeBody


class AssignmentApi:
    """The operations that give a ticket to an agent or take it back."""

    def __init__(self, actions: Actions, reader: Reader, access: Access) -> None:
        self._actions = actions
        self._reader = reader
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered below `/v1/tickets/{id}`."""
        return [
            _operation("accept", self.accept, "Accept an offer, or take a ticket that nobody was offered", {}),
            _operation("decline", self.decline, "Give an offer back; the next agent is asked", {"reason": "at lunch"}),
            _operation("release", self.release, "Give a ticket back to its queue", {"reason": "end of shift"}),
            _operation("assign", self.assign, "Assign a ticket by hand", {"force": True, "reason": "knows the case"}),
        ]

    async def accept(self, call: Call, path: TicketPath, body: TakeBody | None) -> Answer[Ticket]:
        """Accepting again is fine."""
        ticket, agent = await self._named(call, path, body)
        wanted, actor = body or TakeBody(), actor_of(call.principal)
        await self._actions.accept(ticket, agent, actor=actor, take_over=wanted.take_over, holder=wanted.holder)
        return await self._answer(ticket)

    async def decline(self, call: Call, path: TicketPath, body: GiveBackBody | None) -> Answer[Ticket]:
        """Only the agent to whom it is offered can."""
        ticket, agent = await self._named(call, path, body)
        reason = body.reason if body else ""
        await self._actions.decline(ticket, agent, actor=actor_of(call.principal), reason=reason)
        return await self._answer(ticket)

    async def release(self, call: Call, path: TicketPath, body: GiveBackBody | None) -> Answer[Ticket]:
        """With an agent named, only when that agent has it."""
        record = (await self._reader.ticket(path.id)).record
        ticket, agent, reason = (
            record.id,
            (body and body.agent) or call.principal.agent or "",
            body.reason if body else "",
        )
        await self._access.demand_release(call.principal, record, agent, reason)
        await self._actions.release(ticket, agent=agent, actor=actor_of(call.principal), reason=reason)
        return await self._answer(ticket)

    async def assign(self, call: Call, path: TicketPath, body: AssignBody | None) -> Answer[Ticket]:
        """An agent may hand a ticket to a colleague, so here the one named goes before the token's own."""
        record = (await self._reader.ticket(path.id)).record
        wanted = body or AssignBody()
        agent = wanted.agent or call.principal.agent
        if agent is None:
            raise agent_missing("name the agent to whom it is assigned")
        demand_holder(record, wanted.holder, agent)
        await self._access.demand_assign(call.principal, record, force=wanted.force, reason=wanted.reason)
        await self._actions.assign(
            record.id,
            agent,
            actor=actor_of(call.principal),
            force=wanted.force,
            reason=wanted.reason,
            holder=holder_of(record),
        )
        return await self._answer(record.id)

    async def _named(self, call: Call, path: TicketPath, body: AcceptBody | None) -> tuple[str, str]:
        ticket = (await self._reader.ticket(path.id)).record.id
        agent = acting_agent(call.principal, body.agent if body else None)
        if agent is None:
            raise agent_missing("name the agent; this token is not an agent's own")
        return ticket, agent

    async def _answer(self, ticket: str) -> Answer[Ticket]:
        record = (await self._reader.ticket(ticket)).record
        return Answer(record, headers={"ETag": entity_tag(record.revision)})


def _operation(verb: str, handler: Handler, summary: str, example: dict[str, Any]) -> Operation:
    return Operation(
        method="POST",
        path=f"/v1/tickets/{{id}}/{verb}",
        handler=handler,
        scope="tickets:write",
        tag="tickets",
        summary=summary,
        description="409 names who has it or was offered it.",
        idempotent=True,
        raises=(Conflict,),
        example={"agent": "ada", **example},
    )
