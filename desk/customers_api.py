"""Customers over HTTP: found, read, written, and who is the same person."""

import asyncio
from collections.abc import Sequence
from typing import Any

from ..config.errors import Conflict
from ..router.customer_terms import CustomerFilter
from ..router.customer_values import checked
from ..router.customer_writing import CustomerWriting
from ..router.life_cycle import FINISHED
from ..router.merging import Merging
from ..router.own_fields import demand
from ..router.policy import CurrentPolicy
from ..router.reader import Reader, TicketFilter
from ..router.records import Customer
from ..router.sight import admits
from ..web.operations import Answer, Call, Handler, Method, Operation
from ..web.paging import Page, cursor_at
from ..web.preconditions import entity_tag
from .access.access import Access
from .acting_agent import actor_of
from .customer_models import (
    CustomerDetail,
    CustomerPatch,
    CustomerQuery,
    DeclaredField,
    DeclaredFields,
    MergeBody,
    NewCustomerBody,
    OpenTicket,
    OtherRecord,
)
from .list_positions import name_position
from .request_fields import RecordPath

MOST_OPEN = 100


class CustomersApi:
    """The operations on customers."""

    def __init__(
        self, reader: Reader, writing: CustomerWriting, merging: Merging, policy: CurrentPolicy, access: Access
    ) -> None:
        self._reader = reader
        self._writing = writing
        self._merging = merging
        self._policy = policy
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/customers`."""
        many, path = "/v1/customers", "/v1/customers/{id}"
        return [
            _operation(
                "GET",
                many,
                self.list,
                "Find customers",
                "The newest first; of a search in the order of what was found. A page may be short, even empty, and "
                "still name the next one.",
            ),
            _operation(
                "POST",
                many,
                self.create,
                "Write a customer down",
                "409 when somebody is known by one of the identities or ids.",
            ),
            _operation(
                "GET",
                path,
                self.get,
                "Read a customer",
                "With all records that are this person's. ETag is the revision.",
            ),
            _operation(
                "PATCH",
                path,
                self.change,
                "Write into a customer's record",
                "Into the record of this id. Where records of one person differ the newest writing holds, and when "
                "they are parted each keeps what was written into it.",
            ),
            _operation("GET", "/v1/fields", self.fields, "List the fields that customers and tickets have"),
            *self._links(path),
        ]

    def _links(self, path: str) -> Sequence[Operation]:
        return (
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
            _operation("POST", f"{path}/keep-apart", self.keep_apart, "Say that two customers are not the same"),
            _operation(
                "POST",
                f"{path}/reopen",
                self.reopen,
                "Undo what was decided of a proposal",
                "It is open as it was, whether they were merged or kept apart. 409 when nothing was proposed.",
            ),
        )

    async def list(self, _: Call, query: CustomerQuery) -> Page[Customer]:
        """A page of customers, without their ledgers."""
        asked = query.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
        place = name_position(query) or None
        page = await self._reader.directory.page(CustomerFilter(**asked), after=place, limit=query.limit)
        items = [each.model_copy(update={"links": ()}) for each in page.items]
        return Page(items=items, next=cursor_at((page.next,)) if page.next else None)

    async def create(self, call: Call, body: NewCustomerBody) -> Answer[CustomerDetail]:
        """Somebody new."""
        actor, values = actor_of(call.principal), self._checked(body)
        entered = await self._writing.enter(body.entry(values, actor), actor=actor, must_be_new=True)
        answer = await self._answer(call, await self._reader.customer(entered.customer))
        return Answer(answer.body, headers={**answer.headers, "Location": f"/v1/customers/{answer.body.id}"})

    async def get(self, call: Call, path: RecordPath) -> Answer[CustomerDetail]:
        """One customer."""
        return await self._answer(call, await self._reader.customer(path.id))

    async def change(self, call: Call, path: RecordPath, body: CustomerPatch) -> Answer[CustomerDetail]:
        """Write what is named."""
        await self._reader.customer(path.id)
        actor, revision = actor_of(call.principal), call.expected_revision()
        return await self._answer(
            call, await self._writing.change(path.id, self._checked(body), actor=actor, revision=revision)
        )

    async def fields(self, _: Call) -> DeclaredFields:
        """As the configuration declares them."""
        settings = self._policy().settings
        return DeclaredFields(
            customer=tuple(DeclaredField.of(*each) for each in settings.customer_fields.items()),
            ticket=tuple(DeclaredField.of(*each) for each in settings.ticket_fields.items()),
        )

    async def preview(self, call: Call, path: RecordPath, query: OtherRecord) -> CustomerDetail:
        """Nothing is written."""
        return await self._detail(call, await self._merging.preview(path.id, query.customer), path.id, query.customer)

    async def merge(self, call: Call, path: RecordPath, body: MergeBody) -> CustomerDetail:
        """Merging again is fine."""
        actor = actor_of(call.principal)
        return await self._detail(
            call, await self._merging.merge(path.id, body.customer, actor=actor, reason=body.reason)
        )

    async def part(self, call: Call, path: RecordPath, body: MergeBody) -> CustomerDetail:
        """Only a link can be ended."""
        actor = actor_of(call.principal)
        return await self._detail(
            call, await self._merging.part(path.id, body.customer, actor=actor, reason=body.reason)
        )

    async def keep_apart(self, call: Call, path: RecordPath, body: MergeBody) -> CustomerDetail:
        """Only what is not linked."""
        actor, reason = actor_of(call.principal), body.reason
        return await self._detail(
            call, await self._merging.keep_apart(path.id, body.customer, actor=actor, reason=reason)
        )

    async def reopen(self, call: Call, path: RecordPath, body: OtherRecord) -> CustomerDetail:
        """Again is fine."""
        return await self._detail(
            call, await self._merging.reopen(path.id, body.customer, actor=actor_of(call.principal))
        )

    def _checked(self, body: CustomerPatch) -> dict[str, Any]:
        """Raises Invalid naming every value that is none."""
        return demand(*checked(body.given(), self._policy().settings.customer_fields))

    async def _answer(self, call: Call, customer: Customer) -> Answer[CustomerDetail]:
        return Answer(await self._detail(call, customer), headers={"ETag": entity_tag(customer.revision)})

    async def _detail(self, call: Call, customer: Customer, *others: str) -> CustomerDetail:
        """With what they wait for; `others` are customers whose tickets would be theirs."""
        wanted = (TicketFilter(customer=id_) for id_ in dict.fromkeys((customer.id, *others)))
        pages = await asyncio.gather(*(self._reader.tickets(each, limit=MOST_OPEN) for each in wanted))
        tickets = {ticket.id: ticket for page in pages for ticket in page.items if ticket.status not in FINISHED}
        newest = sorted(tickets.values(), key=lambda ticket: ticket.created_at, reverse=True)[:MOST_OPEN]
        sight = self._access.of(call.principal).sight
        seen = [ticket for ticket in newest if admits(sight, ticket)]
        names = tuple(OpenTicket.model_fields)
        open_tickets = tuple(OpenTicket(**{name: getattr(ticket, name) for name in names}) for ticket in seen)
        return CustomerDetail(**dict(customer), open_tickets=open_tickets, elsewhere=len(newest) - len(seen))


def _operation(method: Method, path: str, handler: Handler, summary: str, description: str = "") -> Operation:
    writes = method != "GET"
    return Operation(
        method=method,
        path=path,
        handler=handler,
        scope="tickets:write" if writes else "tickets:read",
        tag="customers",
        summary=summary,
        description=description,
        status=201 if path == "/v1/customers" and writes else 200,
        idempotent=writes,
        conditional=method == "PATCH",
        raises=(Conflict,) if writes or path.count("/") > 3 else (),
    )
