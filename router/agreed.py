"""What is agreed for a ticket that there is, by what it and its customer's record say now."""

from ..queue.connection import Engine
from .agreements import Promised
from .customer_records import load_records
from .person import as_one
from .policy import Policy
from .private_fields import Agreement
from .records import Ticket
from .ticket_keys import TicketKeys

REGION = "region"
"""The field of one's own by which policies know where a customer is."""


async def facts_of_ticket(
    engine: Engine, policy: Policy, ticket: Ticket, *, queue: str | None = None, priority: int | None = None
) -> Promised:
    """What policies can ask of it, with this queue and priority where they are to change.

    The customer's record is read only when a policy asks for it. Raises EngineUnavailable.
    """
    segment, region = "", ""
    if policy.agreements.asks_customers and ticket.customer:
        records = await load_records(engine, TicketKeys(engine), [ticket.customer])
        if records:
            person = as_one(sorted(records.values(), key=lambda each: each.id))
            segment, region = person.segment, str(person.fields.get(REGION) or "")
    return Promised(
        priority=priority or ticket.priority,
        channel=ticket.channel,
        queue=queue or ticket.queue,
        language=ticket.language,
        segment=segment,
        region=region,
    )


async def agreed_for(
    engine: Engine, policy: Policy, ticket: Ticket, *, queue: str | None = None, priority: int | None = None
) -> Agreement:
    """The agreement for it; see `facts_of_ticket`."""
    return policy.agreements.of(await facts_of_ticket(engine, policy, ticket, queue=queue, priority=priority))
