"""Tickets over HTTP: list, open, read, change, and write into them."""

import asyncio
from collections.abc import Sequence

from ..config.errors import Conflict, Gone, PreconditionFailed
from ..router.actions import Actions
from ..router.due_tickets import DueTickets
from ..router.open_ticket import NewTicket
from ..router.reader import Reader, TicketFilter
from ..router.records import Article, Ticket
from ..router.ticket_requests import Seen, TicketChanges
from ..web.operations import Answer, Call, Operation
from ..web.paging import Page, cursor_at
from ..web.preconditions import entity_tag
from .access.access import Access
from .access.file_access import FileAccess
from .access.veil import veiled_decisions
from .acting_agent import acting_agent, actor_of, agent_missing, key_of
from .list_positions import due_position, ticket_position
from .notes import Notes
from .request_fields import TicketPath
from .ticket_models import (
    Answers,
    FiledHeld,
    FoundTicket,
    ListedArticle,
    MessageBody,
    NewTicketBody,
    OriginalWriterBody,
    SpamBody,
    SuggestionBody,
    TicketDetail,
    TicketPatch,
    TicketQuery,
)
from .ticket_operations import ticket_operation


class TicketsApi:
    """The operations on tickets as a whole."""

    def __init__(
        self, actions: Actions, reader: Reader, due: DueTickets, access: Access, files: FileAccess, notes: Notes
    ) -> None:
        self._due = due
        self._actions = actions
        self._reader = reader
        self._access = access
        self._files = files
        self._notes = notes

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/tickets`."""
        return [*self._reading_and_writing(), *self._deciding()]

    def _reading_and_writing(self) -> Sequence[Operation]:
        return (
            ticket_operation(
                "GET",
                "",
                self.list,
                "List tickets",
                "The newest first, or what is due first. A page may be short, even empty, and still name the next one.",
            ),
            ticket_operation(
                "POST",
                "",
                self.create,
                "Open a ticket by hand",
                status=201,
                raises=(),
                example={"text": "Called: the lamp is broken", "subject": "Lamp", "email": "maria@example.org"},
            ),
            ticket_operation(
                "GET", "/{id}", self.get, "Read a ticket with its articles and decisions", "ETag is the revision."
            ),
            ticket_operation("PATCH", "/{id}", self.change, "Change a ticket", conditional=True),
            ticket_operation(
                "POST",
                "/{id}/messages",
                self.write,
                "Reply to the customer, or write a note",
                "Needs an agent: that of the token, the one named, or the ticket's assignee. Files are "
                "uploaded first, to `/v1/attachments`. A colleague named in a note, as `@boris`, "
                "is told. When another agent has answered meanwhile, a reply is refused "
                "with 409, `between` tells what happened, and `force` sends it all the same. With If-Match, 412 "
                "when anything has happened since that revision.",
                status=201,
                may_be_conditional=True,
                raises=(Conflict, Gone),
                example={"kind": "reply", "text": "We send you a new lamp.", "status": "solved", "agent": "ada"},
            ),
        )

    def _deciding(self) -> Sequence[Operation]:
        return (
            ticket_operation(
                "POST",
                "/{id}/spam",
                self.mark_spam,
                "Close a ticket as spam, and block its sender if wished",
                "What a blocked sender writes from then on is suspended, not lost; where nobody has proven "
                "who wrote the ticket, only what is unproven too. The domain of a public provider is not blocked.",
            ),
            ticket_operation(
                "DELETE",
                "/{id}/spam",
                self.unmark_spam,
                "Make a ticket that was no spam what it was, and unblock whom the mark blocked",
            ),
            ticket_operation(
                "POST",
                "/{id}/held-messages",
                self.file_held,
                "File what is held of a ticket's sender, who wrote more than is filed within an hour",
                "The oldest 500, as they came; nobody is acknowledged. They are also listed at /v1/suspended.",
                raises=(),
            ),
            ticket_operation(
                "POST",
                "/{id}/original-writer",
                self.take_original,
                "Make the writer of a message that a colleague passed on the customer, or undo that",
                "Only where `original_writer` is given. Answers go to them from then on; it is the "
                "colleague's word who they are, so the ticket counts as unproven.",
            ),
            ticket_operation(
                "POST",
                "/{id}/settled",
                self.settle,
                "Solve a ticket because the customer says that the matter is done, or say that it is not",
                "Only where `settled` is given, whose resolution it gets.",
            ),
        )

    async def list(self, call: Call, query: TicketQuery) -> Page[FoundTicket]:
        """A page of tickets."""
        wanted = TicketFilter(**query.model_dump(exclude={"cursor", "limit", "sort", "due_before"}))
        sight = self._access.of(call.principal).sight
        if query.sort != "newest" and not query.q:
            due = await self._due.page(
                wanted,
                order=query.sort,
                before=query.due_before,
                after=due_position(query),
                limit=query.limit,
                sight=sight,
            )
            found = [FoundTicket(**dict(ticket)) for ticket in due.items]
            return Page(items=found, next=cursor_at(due.next) if due.next else None)
        page = await self._reader.tickets(wanted, cursor=ticket_position(query), limit=query.limit, sight=sight)
        items = [FoundTicket(**dict(ticket), found=page.found.get(ticket.id)) for ticket in page.items]
        return Page(items=items, next=cursor_at((page.next,)) if page.next else None)

    async def create(self, call: Call, body: NewTicketBody) -> Answer[TicketDetail]:
        """Open a ticket."""
        new = NewTicket(
            text=body.text, subject=body.subject, email=body.email or "", name=body.name, language=body.language
        )
        ticket = await self._actions.open(new, actor=actor_of(call.principal), key=key_of(call))
        answer = await self._detail(call, ticket)
        return Answer(answer.body, headers={**answer.headers, "Location": f"/v1/tickets/{ticket}"})

    async def get(self, call: Call, path: TicketPath) -> Answer[TicketDetail]:
        """One ticket, whole."""
        return await self._detail(call, path.id)

    async def change(self, call: Call, path: TicketPath, body: TicketPatch) -> Answer[Ticket]:
        """Change what is named; without anything named the ticket stays at its revision."""
        ticket = (await self._reader.ticket(path.id)).record
        revision = call.expected_revision()
        if (changes := body.changes()) != TicketChanges():
            await self._access.demand_move(call.principal, ticket, changes.queue)
            await self._actions.change(ticket.id, changes, actor=actor_of(call.principal), revision=revision)
            ticket = (await self._reader.ticket(ticket.id)).record
        elif revision not in (None, ticket.revision):
            raise PreconditionFailed(f"the ticket is at revision {ticket.revision}, not {revision}; read it again")
        return Answer(ticket, headers={"ETag": entity_tag(ticket.revision)})

    async def take_original(self, call: Call, path: TicketPath, body: OriginalWriterBody) -> Answer[Ticket]:
        """Whose ticket it is; saying it again changes nothing."""
        ticket = (await self._reader.ticket(path.id)).record
        await self._actions.take_original(ticket.id, actor=actor_of(call.principal), take=body.customer)
        return await self._now(ticket.id)

    async def settle(self, call: Call, path: TicketPath, body: SuggestionBody) -> Answer[Ticket]:
        """What was decided again changes nothing."""
        await self._actions.decide_settled(path.id, accept=body.accept, actor=actor_of(call.principal))
        return await self._now(path.id)

    async def mark_spam(self, call: Call, path: TicketPath, body: SpamBody) -> Answer[Ticket]:
        """Marking it again is fine."""
        await self._actions.spam.mark(path.id, block=body.block, actor=actor_of(call.principal))
        return await self._now(path.id)

    async def unmark_spam(self, call: Call, path: TicketPath) -> Answer[Ticket]:
        """Only what was marked is opened."""
        await self._actions.spam.unmark(path.id, actor=actor_of(call.principal))
        return await self._now(path.id)

    async def file_held(self, _: Call, path: TicketPath) -> FiledHeld:
        """Each goes its own way, to the ticket that it joins or to one of its own."""
        return FiledHeld(filed=await self._actions.held_senders.release(path.id))

    async def write(self, call: Call, path: TicketPath, body: MessageBody) -> Answer[Article]:
        """Add a reply or a note."""
        ticket = (await self._reader.ticket(path.id)).record
        agent = acting_agent(call.principal, body.agent) or ticket.assignee
        if agent is None:
            raise agent_missing("name the agent who writes; nobody has the ticket")
        await self._files.demand(call.principal, [each.sha256 for each in body.attachments])
        seen = Seen(article=body.last_seen, revision=call.seen_revision())
        writing = body.writing(agent, actor=actor_of(call.principal), key=key_of(call), seen=seen)
        if body.kind == "note":
            article = await self._notes.write(ticket, writing)
        else:
            article = await self._actions.reply(ticket.id, writing)
        return Answer(await self._reader.article(article), headers={"Location": f"/v1/articles/{article}"})

    async def _now(self, ticket: str) -> Answer[Ticket]:
        record = (await self._reader.ticket(ticket)).record
        return Answer(record, headers={"ETag": entity_tag(record.revision)})

    async def _detail(self, call: Call, ticket: str) -> Answer[TicketDetail]:
        stored = await self._reader.ticket(ticket)
        record, address = stored.record, stored.work.reply_to
        ids = await self._reader.case_article_ids(record)
        articles = await asyncio.gather(*map(self._reader.article, ids))
        decided, sight = await self._reader.decisions(record.id), self._access.of(call.principal).sight
        detail = TicketDetail(
            **dict(record),
            answers=Answers(**dict(address), copied=stored.work.copied) if address else None,
            articles=tuple(ListedArticle(**dict(article)) for article in articles),
            decisions=tuple(await veiled_decisions(decided, sight, self._reader)),
        )
        return Answer(detail, headers={"ETag": entity_tag(record.revision)})
