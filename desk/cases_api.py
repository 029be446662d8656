"""Merging and splitting tickets over HTTP: see what a merge would change, merge, undo it; split articles off."""

from typing import Annotated

from pydantic import Field

from ..config.errors import Conflict
from ..normalizer.envelope import Record
from ..router.cases import Cases
from ..router.policy import CurrentPolicy
from ..router.records import Ticket
from ..router.split_plan import MOST_ARTICLES, SplitRequest
from ..router.splits import Splits
from ..web.operations import Answer, Call, Operation
from ..web.preconditions import entity_tag
from .access.access import Access
from .acting_agent import actor_of
from .request_fields import ConfiguredName, Reason, RecordId, RequestModel, Subject, TicketName, TicketPath
from .ticket_models import SuggestionBody
from .ticket_operations import ticket_operation
from .views.merge_words import merge_words


class OtherTicket(RequestModel):
    """Another ticket."""

    into: Annotated[TicketName, Field(description="The ticket that is to stand for both, by id or number.")]


class MergeTicketBody(OtherTicket):
    """Into which ticket, and why."""

    reason: Reason = ""


class TicketMergePreview(Record):
    """What a merge would change; nothing is changed."""

    ticket: Ticket
    into: Ticket
    one_customer: bool = Field(description="Whether both are known to be the same person's.")
    changes: tuple[str, ...] = Field(description="What will be different, in sentences.")
    warnings: tuple[str, ...] = Field(description="What to mind, in sentences.")


class SplitTicketBody(RequestModel):
    """Which articles become a ticket of their own, and what it is to be."""

    articles: Annotated[tuple[RecordId, ...], Field(min_length=1, max_length=MOST_ARTICLES)]
    subject: Annotated[Subject | None, Field(description="Left out, that of the first of them.")] = None
    queue: Annotated[ConfiguredName | None, Field(description="Left out, that of the ticket.")] = None
    priority: Annotated[int | None, Field(ge=1, le=4, description="Left out, that of the ticket.")] = None
    reason: Reason = ""

    def request(self) -> SplitRequest:
        """What is asked for."""
        return SplitRequest(**dict(self))


class CasesApi:
    """The operations that merge and part tickets."""

    def __init__(self, cases: Cases, splits: Splits, policy: CurrentPolicy, access: Access) -> None:
        self._cases = cases
        self._splits = splits
        self._policy = policy
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered below `/v1/tickets/{id}`."""
        merge, changing = "/{id}/merge", {"conditional": True}
        return [
            ticket_operation(
                "GET", merge, self.preview, "See what merging a ticket into another would change", raises=(Conflict,)
            ),
            ticket_operation(
                "POST",
                merge,
                self.merge,
                "Merge a ticket into another, which stands for both from then on",
                "Nothing moves: it keeps its articles and its address. Messages to it are heard in "
                "the other one, which lists the articles of both.",
                example={"into": "T-7", "reason": "the same parcel"},
                **changing,
            ),
            ticket_operation(
                "POST",
                "/{id}/unmerge",
                self.unmerge,
                "Undo the merge of a ticket",
                "It has its own articles again, also those that came meanwhile.",
                **changing,
            ),
            ticket_operation(
                "POST",
                "/{id}/goes-on",
                self.goes_on,
                "Merge a ticket into the one that it seems to go on from, or say that it does not",
                "Only where `goes_on` is given.",
            ),
            ticket_operation(
                "POST",
                "/{id}/split",
                self.split,
                "Make a new ticket of articles of this one",
                "Later answers to them go to the new ticket. Merging it into this one undoes it.",
                status=201,
                **changing,
            ),
        ]

    async def preview(self, call: Call, path: TicketPath, query: OtherTicket) -> TicketMergePreview:
        """Nothing is written."""
        await self._access.demand_merge(call.principal, path.id, query.into)
        seen, policy = await self._cases.preview(path.id, query.into), self._policy()
        words = merge_words(seen, policy.channels, policy.settings.agent_names)
        return TicketMergePreview(
            ticket=seen.ticket.record,
            into=seen.into.record,
            one_customer=seen.one_customer,
            changes=words.changes,
            warnings=words.warnings,
        )

    async def merge(self, call: Call, path: TicketPath, body: MergeTicketBody) -> Answer[Ticket]:
        """Merging again is fine."""
        await self._access.demand_merge(call.principal, path.id, body.into)
        return _answer(
            await self._cases.merge(
                path.id,
                body.into,
                actor=actor_of(call.principal),
                reason=body.reason,
                revision=call.expected_revision(),
            )
        )

    async def goes_on(self, call: Call, path: TicketPath, body: SuggestionBody) -> Answer[Ticket]:
        """What was decided again changes nothing."""
        if body.accept:
            await self._access.demand_suggested(call.principal, path.id)
        return _answer(await self._cases.decide_goes_on(path.id, accept=body.accept, actor=actor_of(call.principal)))

    async def unmerge(self, call: Call, path: TicketPath) -> Answer[Ticket]:
        """Only what is merged."""
        revision = call.expected_revision()
        return _answer(await self._cases.unmerge(path.id, actor=actor_of(call.principal), revision=revision))

    async def split(self, call: Call, path: TicketPath, body: SplitTicketBody) -> Answer[Ticket]:
        """The new ticket."""
        revision = call.expected_revision()
        actor = actor_of(call.principal)
        made = await self._splits.split(path.id, body.request(), actor=actor, revision=revision)
        location = {"Location": f"/v1/tickets/{made.id}"}
        return Answer(made, headers={"ETag": entity_tag(made.revision), **location})


def _answer(ticket: Ticket) -> Answer[Ticket]:
    return Answer(ticket, headers={"ETag": entity_tag(ticket.revision)})
