"""Proposals on the desk, to be worked through one after the other with the keyboard.

    GET  /desk/proposals    the strongest first; `cursor` goes on
    POST /desk/proposals    decision (merge, keep_apart; reopen undoes either), record, customer

Each shows both people, what speaks for it, and who they would be as one. What was decided can be undone at once. A
script is answered with the list as it is afterwards.
"""

import asyncio
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from ...config.errors import Invalid, NotFound
from ...router.due_tickets import DueTickets
from ...router.open_proposals import OpenProposals
from ...web.paging import PageQuery, cursor_at
from ..customer_models import CustomerDecision
from ..list_positions import name_position
from ..views.proposal_words import proposal_words
from ..views.ticket_lists import TicketLists
from .forms import form_of
from .page_requests import checked, filled
from .shell import Shell, actor_of, authority_of, by_script, session_of

SHOWN = 20
PATH = "/desk/proposals"


class ProposalsPage:
    """The handlers of the page."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._parts = shell.parts
        self._proposals = OpenProposals(shell.parts.engine)
        self._lists = TicketLists(shell.parts.reader, DueTickets(shell.parts.engine, shell.parts.reader))

    def mount(self, application: web.Application) -> None:
        """Serve it."""
        application.router.add_get(PATH, self._shell.page(self.show))
        application.router.add_post(PATH, self._shell.action(self.decide))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """A page of the list."""
        return await self._render(request)

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Join them, keep them apart, or undo that. Raises Invalid, NotFound, Conflict."""
        merging = self._parts.merging
        body = checked(CustomerDecision, filled(await form_of(request), "decision", "record", "customer"))
        decisions = {"merge": merging.merge, "keep_apart": merging.keep_apart, "reopen": merging.reopen}
        if body.decision not in decisions:
            raise Invalid("a proposal is joined, refused or opened again", field="decision")
        await decisions[body.decision](body.record, body.customer, actor=actor_of(request))
        return await self._render(request, decided=body) if by_script(request) else self._shell.done(request, PATH)

    async def _render(self, request: web.Request, *, decided: CustomerDecision | None = None) -> web.Response:
        page = await self._proposals.page(after=_place(request), limit=SHOWN)
        policy = self._parts.policy()
        declared = policy.settings.customer_fields
        sight = authority_of(request, self._parts.access).sight
        words = (proposal_words(each, self._lists, policy.channels, declared, sight) for each in page.items)
        values: dict[str, Any] = {
            "proposals": await asyncio.gather(*words),
            "next": cursor_at((page.next,)) if page.next else "",
            "decided": decided,
            "may_act": session_of(request).principal.may("tickets:write"),
        }
        template = "proposal_list.html" if by_script(request) else "proposals.html"
        return self._shell.render(request, template, nav="desk", **values)


def _place(request: web.Request) -> str | None:
    """Where the page begins. Raises NotFound."""
    try:
        return name_position(PageQuery(cursor=request.query.get("cursor"))) or None
    except ValidationError as error:
        raise NotFound("no page begins at this cursor") from error
