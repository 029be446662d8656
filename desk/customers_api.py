"""Customers over HTTP."""

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from ..config.errors import Conflict
from ..normalizer.envelope import Record
from ..router.life_cycle import FINISHED
from ..router.merging import Merging
from ..router.reader import Reader, TicketFilter
from ..router.records import Customer, Status
from ..web.operations import Call, Handler, Method, Operation
from .acting_agent import actor_of
from .request_fields import Reason, RecordId, RecordPath, RequestModel

MOST_OPEN = 100


class OpenTicket(Record):
    """A ticket in a few words."""

    id: str
    number: str
    subject: str
    queue: str
    status: Status


class CustomerDetail(Customer):
    """A customer and what they wait for."""

    open_tickets: tuple[OpenTicket, ...] = Field(
        description="Their newest tickets that are neither solved nor closed; at most 100."
    )


class OtherRecord(RequestModel):
    """Another customer, by any of their records."""

    customer: Annotated[RecordId, Field(description="The other customer's id.")]


class MergeBody(OtherRecord):
    """What is decided about two customers, and why."""

    reason: Reason = ""


class CustomerDecision(MergeBody):
    """The same, with the record of the first by which it is decided."""

    decision: Literal["merge", "part", "keep_apart"]
    record: RecordId


class CustomersApi:
    """The operations on customers."""

    def __init__(self, reader: Reader, merging: Merging) -> None:
        self._reader = reader
        self._merging = merging

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/customers`."""
        path = "/v1/customers/{id}"
        return [
            _operation("GET", path, self.get, "Read a customer", "With all records that are this person's."),
            _operation("GET", f"{path}/merge", self.preview, "See who two customers would be as one person"),
            _operation(
                "POST",
                f"{path}/merge",
                self.merge,
                "Say that two customers are one person",
                "Nothing moves: both records stay and are read as one. It can be parted again at any time.",
            ),
            _operation(
                "POST",
                f"{path}/part",
                self.part,
                "End the link between two records",
                "Each is what it would have been without it. Other links that hold keep what they join.",
            ),
            _operation(
                "POST", f"{path}/keep-apart", self.keep_apart, "Say that two customers are not the same, for good"
            ),
        ]

    async def get(self, _: Call, path: RecordPath) -> CustomerDetail:
        """One customer."""
        return await self._detail(await self._reader.customer(path.id))

    async def preview(self, _: Call, path: RecordPath, query: OtherRecord) -> CustomerDetail:
        """Nothing is written."""
        return await self._detail(await self._merging.preview(path.id, query.customer), path.id, query.customer)

    async def merge(self, call: Call, path: RecordPath, body: MergeBody) -> CustomerDetail:
        """Merging again is fine."""
        actor = actor_of(call.principal)
        return await self._detail(await self._merging.merge(path.id, body.customer, actor=actor, reason=body.reason))

    async def part(self, call: Call, path: RecordPath, body: MergeBody) -> CustomerDetail:
        """Only a link can be ended."""
        actor = actor_of(call.principal)
        return await self._detail(await self._merging.part(path.id, body.customer, actor=actor, reason=body.reason))

    async def keep_apart(self, call: Call, path: RecordPath, body: MergeBody) -> CustomerDetail:
        """Only what is not linked."""
        actor, reason = actor_of(call.principal), body.reason
        return await self._detail(await self._merging.keep_apart(path.id, body.customer, actor=actor, reason=reason))

    async def _detail(self, customer: Customer, *others: str) -> CustomerDetail:
        """With what they wait for; `others` are customers whose tickets would be theirs."""
        wanted = (TicketFilter(customer=id_) for id_ in dict.fromkeys((customer.id, *others)))
        pages = await asyncio.gather(*(self._reader.tickets(each, limit=MOST_OPEN) for each in wanted))
        tickets = {ticket.id: ticket for page in pages for ticket in page.items if ticket.status not in FINISHED}
        newest = sorted(tickets.values(), key=lambda ticket: ticket.created_at, reverse=True)[:MOST_OPEN]
        names = tuple(OpenTicket.model_fields)
        open_tickets = tuple(OpenTicket(**{name: getattr(ticket, name) for name in names}) for ticket in newest)
        return CustomerDetail(**dict(customer), open_tickets=open_tickets)


def _operation(method: Method, path: str, handler: Handler, summary: str, description: str = "") -> Operation:
    writes = method == "POST"
    return Operation(
        method=method,
        path=path,
        handler=handler,
        scope="tickets:write" if writes else "tickets:read",
        tag="customers",
        summary=summary,
        description=description,
        idempotent=writes,
        raises=(Conflict,) if path.count("/") > 3 else (),
    )
