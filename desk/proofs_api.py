"""Proofs over HTTP: a customer proves another address with a code that is mailed there and comes back in the ticket."""

from typing import Annotated

from pydantic import Field

from ..config.errors import Conflict, Gone, NotFound, Overloaded
from ..normalizer.envelope import Record
from ..queue.clock import Clock
from ..router.actions import Actions
from ..router.proof_request import ProofRequest
from ..router.reader import Reader
from ..web.operations import Call, Operation
from .acting_agent import actor_of
from .request_fields import EmailAddress, RequestModel, TicketPath


class ProofBody(RequestModel):
    """What is to be proven."""

    address: Annotated[EmailAddress, Field(description="The address of which the customer says that it is theirs.")]


class ProofView(Record):
    """A request that waits for its code."""

    address: str
    identity: str = Field(description="Who has to write the code into the ticket.")
    asked_at: int
    until: int = Field(description="When the code runs out.")
    by: str = Field(description="Who asked: agent:ada, token:crm.")
    wrong_codes: int = Field(description="How many wrong codes they wrote; the fifth ends it.")

    @classmethod
    def of(cls, request: ProofRequest) -> "ProofView":
        """It, without what makes up the code."""
        names = ("address", "identity", "asked_at", "until", "by")
        return cls(**{name: getattr(request, name) for name in names}, wrong_codes=request.tries)


class ProofsApi:
    """The operations on the request of a ticket."""

    def __init__(self, actions: Actions, reader: Reader, clock: Clock) -> None:
        self._proofs = actions.proofs
        self._reader = reader
        self._clock = clock

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/tickets/{id}/proof`."""
        path, tag = "/v1/tickets/{id}/proof", "customers"
        return [
            Operation(
                method="POST",
                path=path,
                handler=self.ask,
                scope="tickets:write",
                tag=tag,
                summary="Ask the customer to prove another address",
                description="A code is mailed there. When they write it into this ticket, from where they wrote so "
                "far, the address is theirs (A3); whom it belonged to so far is joined with them, which can be undone. "
                "A code is good for a day, once; asking again makes the one before worthless.",
                status=201,
                idempotent=True,
                raises=(Conflict, Overloaded),
                example={"address": "maria@work.example"},
            ),
            Operation(
                method="GET",
                path=path,
                handler=self.get,
                scope="tickets:read",
                tag=tag,
                summary="Read what the customer was asked to prove",
                description="404 when nothing waits for a code.",
            ),
            Operation(
                method="DELETE",
                path=path,
                handler=self.withdraw,
                scope="tickets:write",
                tag=tag,
                summary="Take back what the customer was asked to prove",
                description="The code that was mailed is worthless from then on. Again is fine.",
                status=204,
                idempotent=True,
                raises=(Gone,),
            ),
        ]

    async def ask(self, call: Call, path: TicketPath, body: ProofBody) -> ProofView:
        """The code goes to the address, never to whoever asks."""
        return ProofView.of(await self._proofs.ask(path.id, body.address, actor=actor_of(call.principal)))

    async def get(self, _: Call, path: TicketPath) -> ProofView:
        """The one of this ticket."""
        ticket = (await self._reader.ticket(path.id)).record
        request = await self._proofs.store.of(ticket.id, self._clock.now())
        if request is None:
            raise NotFound(f"{ticket.number} waits for no code")
        return ProofView.of(request)

    async def withdraw(self, call: Call, path: TicketPath) -> None:
        """Nothing waits for a code afterwards."""
        await self._proofs.withdraw(path.id, actor=actor_of(call.principal))
