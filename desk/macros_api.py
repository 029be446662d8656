"""Macros over HTTP: with one ticket, or with many of a list or a search, with a result for each.

A request does at most a page of tickets and names where the next one begins, so a long list goes on where it was left.
A ticket that the macro leaves is not met again, because a page goes by numbers and not by places.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from ..config.errors import Invalid
from ..config.trigger_settings import MacroSettings
from ..normalizer.envelope import Record
from ..router.macros import Macros
from ..router.policy import CurrentPolicy
from ..router.reader import Reader, TicketFilter
from ..router.records import Status
from ..web.operations import Call, Operation
from .access.access import Access
from .acting_agent import key_of
from .request_fields import AgentName, ConfiguredName, RequestModel, TicketPath
from .steps_by_hand import MOST, MacroResult, StepsByHand
from .ticket_operations import ticket_operation


class MacroPath(RequestModel):
    """Names a macro."""

    name: Annotated[ConfiguredName, Field(description="The macro's name.")]


class TicketMacroPath(TicketPath):
    """Names a ticket and a macro."""

    name: Annotated[ConfiguredName, Field(description="The macro's name.")]


class MacroBody(RequestModel):
    """Who takes the steps."""

    agent: AgentName | None = None


class MacroQuery(RequestModel):
    """Tickets by what they are; all conditions hold at once."""

    queue: ConfiguredName | None = None
    status: Status | None = None
    assignee: ConfiguredName | None = None
    q: Annotated[str | None, Field(max_length=200, description="Words that the ticket has.")] = None


class BulkBody(RequestModel):
    """With which tickets: those that are named, or those of a search."""

    tickets: Annotated[
        tuple[Annotated[str, Field(max_length=36)], ...],
        Field(max_length=MOST, description="Ids or numbers."),
    ] = ()
    query: Annotated[MacroQuery | None, Field(description="Or a search, a page of tickets at once.")] = None
    cursor: Annotated[
        str | None, Field(max_length=12, pattern="^[0-9]{12}$", description="`next` of the page before.")
    ] = None
    agent: AgentName | None = None


class MacroView(Record):
    """A macro."""

    name: str
    description: str
    queues: tuple[str, ...] = Field(default=(), description="Those with whose tickets it is used; empty: with all.")


class MacroList(Record):
    """The macros that the caller may use, by name."""

    items: tuple[MacroView, ...]


class MacroResults(Record):
    """What came of it with each ticket."""

    items: tuple[MacroResult, ...]
    next: str | None = Field(default=None, description="The `cursor` of the page that follows; null on the last.")


class MacrosApi:
    """The operations with macros."""

    def __init__(self, macros: Macros, reader: Reader, policy: CurrentPolicy, access: Access) -> None:
        self._reader = reader
        self._access = access
        self._by_hand = StepsByHand(macros, policy, access)

    def operations(self) -> Sequence[Operation]:
        """What is offered."""
        return (
            Operation(
                method="GET",
                path="/v1/macros",
                handler=self.list,
                scope="tickets:read",
                tag="tickets",
                summary="List the macros that one may use",
            ),
            ticket_operation(
                "POST",
                "/{id}/macros/{name}",
                self.one,
                "Take the steps of a macro with a ticket",
                "A step that the ticket does not allow is told, the others are taken. A reply needs an agent: that of "
                "the token, the one named, or the ticket's assignee.",
                raises=(),
                example={"agent": "ada"},
            ),
            Operation(
                method="POST",
                path="/v1/macros/{name}",
                handler=self.many,
                scope="tickets:write",
                tag="tickets",
                summary="Take the steps of a macro with many tickets",
                description="With those that are named, or with a page of a search; `next` names where it goes on.",
                idempotent=True,
                example={"tickets": ["T-1", "T-2"], "agent": "ada"},
            ),
        )

    async def list(self, call: Call) -> MacroList:
        """By name."""
        macros = self._by_hand.usable(call.principal)
        return MacroList(items=tuple(_view(name, macro) for name, macro in macros.items()))

    async def one(self, call: Call, path: TicketMacroPath, body: MacroBody) -> MacroResult:
        """With one ticket."""
        steps = self._by_hand.macro(call.principal, path.name)
        return await self._by_hand.run(call.principal, path.id, steps, agent=body.agent, key=key_of(call))

    async def many(self, call: Call, path: MacroPath, body: BulkBody) -> MacroResults:
        """With each of them, one after another."""
        steps = self._by_hand.macro(call.principal, path.name)
        if bool(body.tickets) == (body.query is not None):
            raise Invalid("either `tickets` or `query`", field="tickets")
        named, after = list(body.tickets), None
        if body.query is not None:
            wanted, sight = TicketFilter(**body.query.model_dump()), self._access.of(call.principal).sight
            page = await self._reader.tickets(wanted, cursor=body.cursor, limit=MOST, sight=sight)
            named, after = [ticket.number for ticket in page.items], page.next
        results = await self._by_hand.each(call.principal, named, steps, agent=body.agent, key=key_of(call))
        return MacroResults(items=tuple(results), next=after)


def _view(name: str, macro: MacroSettings) -> MacroView:
    queues = macro.for_.queues if macro.for_ else ()
    return MacroView(name=name, description=macro.description, queues=queues)
