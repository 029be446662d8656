"""Merging tickets on the desk: choose the other one, see what will change, do it, and undo it.

    GET  /desk/tickets/{id}/merge      into: the preview of this merge; without it, q: what to choose from
    POST /desk/tickets/{id}/merge      into, reason
    POST /desk/tickets/{id}/unmerge

The page is one of plain links and forms. What cannot be merged says why, and another ticket can be chosen.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from ...config.errors import Refused
from ...router.due_tickets import DueTickets
from ...router.records import Ticket
from ...router.sight import Sight, admits
from ...router.stored_ticket import StoredTicket
from ..cases_api import MergeTicketBody
from ..views.merge_words import merge_words
from ..views.ticket_lists import TicketLists
from .forms import form_of
from .page_requests import checked, filled
from .shell import Shell, actor_of, authority_of, session_of

OFFERED = 10  # tickets to choose from


class MergePage:
    """The handlers that merge and part tickets."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._parts = shell.parts
        self._lists = TicketLists(shell.parts.reader, DueTickets(shell.parts.engine, shell.parts.reader))

    def mount(self, application: web.Application) -> None:
        """Serve them."""
        router, shell = application.router, self._shell
        router.add_get("/desk/tickets/{ticket}/merge", shell.page(self.show))
        router.add_post("/desk/tickets/{ticket}/merge", shell.action(self.merge))
        router.add_post("/desk/tickets/{ticket}/unmerge", shell.action(self.unmerge))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The preview, or what to choose from."""
        ticket, into = await self._ticket(request), request.query.get("into", "").strip()[:40]
        if not into:
            return await self._choice(request, ticket)
        try:
            await self._parts.access.demand_merge(session_of(request).principal, ticket.id, into)
            seen = await self._parts.cases.preview(ticket.id, into)
        except Refused as error:
            return await self._choice(request, ticket, fault=error)
        policy = self._parts.policy()
        words = merge_words(seen, policy.channels, policy.settings.agent_names)
        return self._render(request, ticket, into=seen.into.record, words=words)

    async def merge(self, request: web.Request) -> web.StreamResponse:
        """On to the ticket that stands for both."""
        ticket, form = await self._ticket(request), await form_of(request)
        body = checked(MergeTicketBody, filled(form, "into", "reason"))
        try:
            await self._parts.access.demand_merge(session_of(request).principal, ticket.id, body.into)
            into = await self._parts.cases.merge(ticket.id, body.into, actor=actor_of(request), reason=body.reason)
        except Refused as error:
            return await self._choice(request, ticket, fault=error)
        return self._shell.done(request, f"/desk/tickets/{into.number}")

    async def unmerge(self, request: web.Request) -> web.StreamResponse:
        """On to the ticket that stands for itself again."""
        ticket = await self._ticket(request)
        await self._parts.cases.unmerge(ticket.id, actor=actor_of(request))
        return self._shell.done(request, f"/desk/tickets/{ticket.number}")

    async def _choice(self, request: web.Request, ticket: Ticket, *, fault: Refused | None = None) -> web.Response:
        words = request.query.get("q", "").strip()[:200]
        sight = authority_of(request, self._parts.access).sight
        found = [each for each in await self._found(ticket, words, sight) if admits(sight, each.record)]
        choice = [each for each in found if each.record.id != ticket.id and not each.record.merged_into][:OFFERED]
        status, notice = (fault.status, f"{fault.public[:1].upper()}{fault.public[1:]}.") if fault else (200, "")
        return self._render(request, ticket, status=status, notice=notice, words=words, choice=choice)

    async def _found(self, ticket: Ticket, words: str, sight: Sight | None) -> Sequence[StoredTicket]:
        """What the words find, else the other tickets of the same customer."""
        if words:
            return (await self._lists.found(words, None, 2 * OFFERED, sight)).tickets
        if ticket.customer is None:
            return ()
        person = await self._parts.reader.customer(ticket.customer)
        records = person.records or (ticket.customer,)
        return (await self._lists.of_customer(records, 3 * OFFERED)).tickets

    def _render(self, request: web.Request, ticket: Ticket, *, status: int = 200, **values: Any) -> web.Response:
        facts = {"notice": "", "into": None, "choice": (), **values}
        return self._shell.render(request, "merge.html", status=status, nav="desk", ticket=ticket, **facts)

    async def _ticket(self, request: web.Request) -> Ticket:
        return (await self._parts.reader.ticket(request.match_info["ticket"])).record
