"""Splitting a ticket on the desk: `GET` and `POST /desk/tickets/{id}/split`.

    article    with what the split begins      along     also what came after it, when it says yes
    subject, queue, priority, reason

The page shows what will move, in a form that works without a script. What cannot be split off says why.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from ...config.errors import NotFound, Refused
from ...router.records import Article, Ticket
from ...router.split_plan import MOST_ARTICLES, SplitRequest
from ..cases_api import SplitTicketBody
from .forms import Form, first, form_of
from .page_requests import checked, filled
from .shell import Shell, actor_of


class SplitPage:
    """The handlers that split tickets."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._parts = shell.parts

    def mount(self, application: web.Application) -> None:
        """Serve them."""
        path = "/desk/tickets/{ticket}/split"
        application.router.add_get(path, self._shell.page(self.show))
        application.router.add_post(path, self._shell.action(self.split))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What would move."""
        ticket = await self._ticket(request)
        return await self._page(request, ticket, request.query.get("article", ""))

    async def split(self, request: web.Request) -> web.StreamResponse:
        """On to the new ticket."""
        ticket, form = await self._ticket(request), await form_of(request)
        begin = first(form, "article")
        try:
            articles = await self._chosen(ticket, begin, along=first(form, "along") == "yes")
            made = await self._parts.splits.split(ticket.id, _asked(form, articles), actor=actor_of(request))
        except Refused as error:
            notice = f"{error.public[:1].upper()}{error.public[1:]}."
            return await self._page(request, ticket, begin, status=error.status, notice=notice)
        return self._shell.done(request, f"/desk/tickets/{made.number}")

    async def _chosen(self, ticket: Ticket, begin: str, *, along: bool) -> Sequence[str]:
        """The article with which it begins, and if wanted those behind it."""
        ids = await self._parts.reader.article_ids(ticket.id)
        if not along or begin not in ids:
            return [begin]
        return ids[ids.index(begin) :]

    async def _page(
        self, request: web.Request, ticket: Ticket, begin: str, *, status: int = 200, notice: str = ""
    ) -> web.Response:
        article, after = await self._seen(ticket, begin)
        values: dict[str, Any] = {"ticket": ticket, "article": article, "after": after, "notice": notice}
        queues = list(self._parts.policy().settings.queues)
        return self._shell.render(request, "split.html", status=status, nav="desk", queues=queues, **values)

    async def _seen(self, ticket: Ticket, begin: str) -> tuple[Article, int]:
        """The article, and how many come after it. Raises NotFound."""
        ids = await self._parts.reader.article_ids(ticket.id)
        if begin not in ids:
            raise NotFound(f"{ticket.number} has no such article any more")
        return await self._parts.reader.article(begin), min(len(ids) - ids.index(begin) - 1, MOST_ARTICLES)

    async def _ticket(self, request: web.Request) -> Ticket:
        return (await self._parts.reader.ticket(request.match_info["ticket"])).record


def _asked(form: Form, articles: Sequence[str]) -> SplitRequest:
    given: dict[str, Any] = dict(filled(form, "subject", "queue", "reason"))
    if priority := filled(form, "priority").get("priority", ""):
        given["priority"] = int(priority) if priority.isascii() and priority.isdigit() else priority
    return checked(SplitTicketBody, given | {"articles": list(articles)}).request()
