"""What the card of a ticket says: the facts, gathered from the stored ticket by what the desk page says of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...router.life_cycle import FINISHED
from ...router.policy import Policy
from ...router.records import Offer
from ...router.stored_ticket import StoredTicket
from ..views.deadlines import Deadline, first_deadline
from ..views.labels import standing as status_now
from ..views.language_names import language_name
from ..views.person_names import person_name
from ..views.ticket_head import head
from .handles import Handle

TAGS = 3


@dataclass(frozen=True, kw_only=True)
class Card:
    """One ticket as all who see its channel see it; nothing in it depends on who looks."""

    ticket: str
    revision: int
    number: str
    title: str
    product: str  # what people know its channel by
    customer: str
    language: str  # by its name; empty for the one that everybody here speaks, or an unknown one
    queue: str
    priority: int
    tags: Sequence[str] = ()
    status: str
    status_words: str
    status_since: int
    holder: str = ""  # the name of who has it
    offer: Offer | None = None
    offered_to: str = ""
    absent: bool = False  # who has it is offline
    excerpt: str = ""  # of the last that the customer said
    said_at: int = 0
    files: int = 0
    deadline: Deadline | None = None
    standing: str = ""  # what is owed and stands
    unproven: bool = False
    undelivered: bool = False
    merged_into: str = ""  # the number of what stands for it
    page: str = ""  # the address of its page on the desk

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be done."""
        return self.status in FINISHED or bool(self.merged_into)

    @property
    def handle(self) -> Handle:
        """What its controls carry."""
        return Handle(self.ticket, self.revision)


def card_of(
    stored: StoredTicket,
    policy: Policy,
    *,
    absent: bool = False,
    merged_into: str = "",
    usual_language: str = "",
    excerpt: bool = True,
    page: str = "",
) -> Card:
    """The card of a ticket.

    `absent`: who has it is offline; `merged_into`: the number of the ticket that stands for it; `usual_language`: the
    code of the one that is not worth a word; without `excerpt`, for queues whose texts stay out of Slack, not even its
    subject is shown, since that is the customer's text too.
    """
    ticket, names, said = stored.record, policy.settings.agent_names, stored.work.said_last
    shown, offered = head(stored, "", policy), ticket.offer.agent if ticket.offer else ""
    customer = person_name(said.by, said.key, policy.channels)
    return Card(
        ticket=ticket.id,
        revision=ticket.revision,
        number=ticket.number,
        title=shown.title if excerpt else f"{shown.product}: {customer}",
        product=shown.product,
        customer=customer,
        language="" if ticket.language in ("unknown", usual_language) else language_name(ticket.language),
        queue=ticket.queue,
        priority=ticket.priority,
        tags=ticket.tags[:TAGS],
        status=ticket.status,
        status_words=status_now(ticket),
        status_since=ticket.status_since or ticket.updated_at,
        holder=names.get(ticket.assignee, ticket.assignee) if ticket.assignee else "",
        offer=ticket.offer,
        offered_to=names.get(offered, offered),
        absent=absent,
        excerpt=said.text if excerpt else "",
        said_at=said.at,
        files=said.files,
        deadline=first_deadline(stored),
        standing=shown.standing,
        unproven=ticket.unproven,
        undelivered=ticket.undelivered,
        merged_into=merged_into,
        page=page,
    )
