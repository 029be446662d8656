"""Customers over HTTP."""

from pydantic import Field

from ..normalizer.envelope import Record
from ..router.life_cycle import FINISHED
from ..router.reader import Reader, TicketFilter
from ..router.records import Customer, Status
from ..web.operations import Call, Operation
from .request_fields import RecordPath

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


class CustomersApi:
    """The operations on customers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/customers`."""
        path = "/v1/customers/{id}"
        return [
            Operation(
                method="GET",
                path=path,
                handler=self.get,
                scope="tickets:read",
                tag="customers",
                summary="Read a customer",
            )
        ]

    async def get(self, _: Call, path: RecordPath) -> CustomerDetail:
        """One customer."""
        customer = await self._reader.customer(path.id)
        page = await self._reader.tickets(TicketFilter(customer=customer.id), limit=MOST_OPEN)
        unfinished = [ticket for ticket in page.items if ticket.status not in FINISHED]
        names = tuple(OpenTicket.model_fields)
        open_tickets = tuple(OpenTicket(**{name: getattr(ticket, name) for name in names}) for ticket in unfinished)
        return CustomerDetail(**dict(customer), open_tickets=open_tickets)
