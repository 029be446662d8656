"""Clocks of a ticket over HTTP, by names of the desk's own: begin one, and stop it when what was owed is given."""

from typing import Annotated

from pydantic import Field

from ..router.actions import Actions
from ..router.reader import Reader
from ..router.records import Ticket
from ..web.operations import Answer, Call, Operation
from ..web.preconditions import entity_tag
from .acting_agent import actor_of
from .request_fields import ConfiguredName, RequestModel, TicketPath
from .ticket_operations import ticket_operation

YEAR_MS = 366 * 86_400_000


class ClockPath(TicketPath):
    """Names a clock of a ticket."""

    name: Annotated[ConfiguredName, Field(description="The clock's name, such as `delivery`.")]


class ClockBody(RequestModel):
    """How soon it is owed."""

    target: Annotated[
        int | None,
        Field(
            ge=1000,
            le=YEAR_MS,
            description="Milliseconds of the open time of the ticket's calendar; no policy changes it then. Left out, "
            "what the ticket's policy says for this name.",
        ),
    ] = None


class ClocksApi:
    """The operations on one clock."""

    def __init__(self, actions: Actions, reader: Reader) -> None:
        self._clocks = actions.own_clocks
        self._reader = reader

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/tickets/{id}/clocks/{name}`."""
        return [
            ticket_operation(
                "POST",
                "/{id}/clocks/{name}",
                self.begin,
                "Begin a clock of the ticket",
                "One that runs goes on. Those that follow the ticket by themselves are refused (docs/clocks.md).",
                example={"target": 14_400_000},
            ),
            ticket_operation(
                "DELETE",
                "/{id}/clocks/{name}",
                self.stop,
                "Stop a clock of the ticket: what was owed is given",
                "It is `met`, or `missed` when that was too late; the clock stays there and tells it.",
            ),
        ]

    async def begin(self, call: Call, path: ClockPath, body: ClockBody | None) -> Answer[Ticket]:
        """Beginning again is fine."""
        record = (await self._reader.ticket(path.id)).record
        target = body.target if body else None
        await self._clocks.change(record.id, actor=actor_of(call.principal), start=[path.name], target=target)
        return await self._answer(record.id)

    async def stop(self, call: Call, path: ClockPath) -> Answer[Ticket]:
        """Stopping again is fine."""
        record = (await self._reader.ticket(path.id)).record
        await self._clocks.change(record.id, actor=actor_of(call.principal), stop=[path.name])
        return await self._answer(record.id)

    async def _answer(self, ticket: str) -> Answer[Ticket]:
        record = (await self._reader.ticket(ticket)).record
        return Answer(record, headers={"ETag": entity_tag(record.revision)})
