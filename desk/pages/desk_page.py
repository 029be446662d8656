"""The desk page: `GET /desk`, `GET /desk/tickets/{number}`, and the parts of them that a page asks for again.

    /desk/parts/list                            the first column; `q` searches, `queue` filters, `ticket` is open,
                                                `show` names the sections that are unfolded, `more` how many rows of
                                                a section are shown when it went on: `mine:80,found:120`
    /desk/parts/no-ticket                       what stands there while no ticket is open
    /desk/parts/tickets/{id}                    the second and third column, when another ticket is opened
    /desk/parts/tickets/{id}/conversation       head, timeline and where a reply goes; `before` asks for an earlier part
    /desk/parts/tickets/{id}/person             the third column
    /desk/parts/articles/{id}                   the whole text of an article that was cut

Every part works from the address alone, so that a page without JavaScript is the same page.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from aiohttp import web

from ...config.errors import Invalid, NotFound
from ...queue.identifiers import new_id
from ...router.due_tickets import DueTickets
from ...router.sight import Sight
from ...router.stored_ticket import StoredTicket
from ..access.veil import without_unseen
from ..stores.seen_tickets import SeenTickets
from ..stores.sessions import PageSession
from ..views.chat_presence import ChatPresence
from ..views.conversation import Conversations
from ..views.inbox import Asked, Inboxes
from ..views.people import People
from ..views.ticket_lists import TicketLists
from ..views.ticket_view import TicketViews
from .events import DeskEvents
from .fragments import Links, fragment
from .page_requests import reader_zone
from .shell import Shell, actor_of, authority_of, session_of

FileUrl = Callable[[PageSession, str, str, str], str]
"""From session, article, hash and name of a file to the link by which this session can have it."""


class DeskPage:
    """The handlers that show something."""

    def __init__(self, shell: Shell, presence: ChatPresence, events: DeskEvents, file_url: FileUrl) -> None:
        parts = shell.parts
        policy = parts.policy
        lists = TicketLists(parts.reader, DueTickets(parts.engine, parts.reader))
        self._shell = shell
        self._presence = presence
        self._events = events
        self._file_url = file_url
        self.seen = SeenTickets(parts.engine)
        self._inboxes = Inboxes(lists, parts.agents, self.seen, parts.mentions, policy, parts.clock)
        self._people = People(parts.engine, parts.clock, parts.reader, lists, policy)
        conversations = Conversations(parts.reader, policy=policy, clock=parts.clock)
        self._views = TicketViews(
            conversations, parts.reader, parts.held_replies, presence, parts.agents, policy, parts.hindrance
        )

    def mount(self, application: web.Application) -> None:
        """Serve it."""
        page, router = self._shell.page, application.router
        router.add_get("/desk", page(self.desk))
        router.add_get("/desk/tickets/{ticket}", page(self.desk))
        router.add_get("/desk/parts/list", page(self.list))
        router.add_get("/desk/parts/no-ticket", page(self.no_ticket))
        router.add_get("/desk/parts/tickets/{ticket}", page(self.ticket))
        router.add_get("/desk/parts/tickets/{ticket}/conversation", page(self.conversation))
        router.add_get("/desk/parts/tickets/{ticket}/person", page(self.person))
        router.add_get("/desk/parts/articles/{article}", page(self.article))
        router.add_get("/desk/events", page(self._events.serve))

    async def desk(self, request: web.Request) -> web.StreamResponse:
        """The whole page."""
        return await self.show(request, request.match_info.get("ticket", ""))

    async def show(self, request: web.Request, named: str, *, status: int = 200, **form_values: Any) -> web.Response:
        """The whole page with this ticket open; `form_values` are what was written and what came of it."""
        stored = await self._named(request, named) if named else None
        inbox, opened = await asyncio.gather(
            self._inboxes.of(self._asked(request, stored)), self._opened(request, stored) if stored else _nothing()
        )
        values = {"opened": stored is not None, "notice": "", "draft": "", "draft_kind": "reply"}
        return self._shell.render(
            request, "desk.html", status=status, nav="desk", inbox=inbox, **(values | opened | form_values)
        )

    async def list(self, request: web.Request) -> web.StreamResponse:
        """The first column."""
        named = request.query.get("ticket", "")
        inbox = await self._inboxes.of(self._asked(request, await self._selected(request, named)))
        return fragment(request, self._shell, "inbox.html", inbox=inbox)

    async def no_ticket(self, request: web.Request) -> web.StreamResponse:
        """What stands there while no ticket is open."""
        return self._shell.render(request, "no_ticket.html")

    async def ticket(self, request: web.Request) -> web.StreamResponse:
        """The second and third column."""
        opened = await self._opened(request, await self._stored(request))
        return self._shell.render(request, "ticket.html", notice="", draft="", draft_kind="reply", **opened)

    async def conversation(self, request: web.Request) -> web.StreamResponse:
        """What of the second column changes by itself, or an earlier part of the timeline."""
        stored, before = await self._stored(request), _place(request, "before")
        agent, begin = session_of(request).agent or "", _place(request, "from") if before is None else None
        zone, sight = reader_zone(request), self._sight(request)
        view = await self._views.of(stored, agent, zone=zone, before=before, begin=begin, sight=sight)
        template = "timeline.html" if before is not None else "conversation.html"
        return fragment(request, self._shell, template, links=self._links(request), view=view, ticket=view.ticket)

    async def person(self, request: web.Request) -> web.StreamResponse:
        """The third column."""
        stored = await self._stored(request)
        person = await self._people.of(stored, session_of(request).agent or "", self._sight(request))
        audits = self._may_audit(request)
        return fragment(request, self._shell, "person.html", ticket=stored.record, person=person, may_audit=audits)

    async def article(self, request: web.Request) -> web.StreamResponse:
        """All of a text."""
        article = await self._shell.parts.reader.article(request.match_info["article"])
        return self._shell.render(request, "article_text.html", text=article.text)

    async def _opened(self, request: web.Request, stored: StoredTicket) -> dict[str, Any]:
        """What the second and third column are made of; the agent has seen the ticket with it."""
        agent = session_of(request).agent or ""
        view, person, _ = await asyncio.gather(
            self._views.of(
                stored, agent, zone=reader_zone(request), before=_place(request, "before"), sight=self._sight(request)
            ),
            self._people.of(stored, agent, self._sight(request)),
            self.looked(request, stored),
        )
        key = new_id(self._shell.parts.clock.now())
        canned = self._views.canned(stored, agent)
        opened: dict[str, Any] = {"composing": self._views.composing(stored, agent)}
        opened |= {"view": view, "ticket": view.ticket, "may_audit": self._may_audit(request), **self._links(request)}
        return {"person": person, "canned": canned, "key": key, **opened}

    async def looked(self, request: web.Request, stored: StoredTicket) -> None:
        """Remember that the agent has seen the ticket as it is; the customer of a chat is shown that too."""
        agent, ticket = session_of(request).agent, stored.record
        if agent:
            await self.seen.mark(agent, ticket.id, ticket.last_message_at or ticket.created_at)
            await self._shell.parts.mentions.read(agent, ticket.id)
            if ticket.assignee == agent:
                await self._presence.read(stored)

    def _links(self, request: web.Request) -> Links:
        return {"file_url": partial(self._file_url, session_of(request))}

    def _asked(self, request: web.Request, stored: StoredTicket | None) -> Asked:
        queue = request.query.get("queue", "")
        authority = authority_of(request, self._shell.parts.access)
        known = queue in self._shell.parts.policy().settings.queues and authority.sees_queue(queue)
        return Asked(
            agent=session_of(request).agent or "",
            words=request.query.get("q", "").strip()[:200],
            queue=queue if known else None,
            selected=stored.record.id if stored else "",
            sight=authority.sight,
            unfolded=frozenset(request.query.get("show", "").split(",")),
            more=_more(request.query.get("more", "")),
            actor=actor_of(request),
        )

    def _may_audit(self, request: web.Request) -> bool:
        """Whether they may read what roles were used for."""
        authority = authority_of(request, self._shell.parts.access)
        return self._shell.parts.policy().settings.is_governed and (authority.may("audit") or authority.may("lead"))

    def _sight(self, request: web.Request) -> Sight | None:
        return authority_of(request, self._shell.parts.access).sight

    async def _selected(self, request: web.Request, named: str) -> StoredTicket | None:
        """The ticket that is open in the page, as long as it is seen."""
        with suppress(NotFound):
            return await self._shell.parts.access.ticket(session_of(request).principal, named) if named else None
        return None

    async def _stored(self, request: web.Request) -> StoredTicket:
        return await self._named(request, request.match_info["ticket"])

    async def _named(self, request: web.Request, named: str) -> StoredTicket:
        """The ticket as its reader may see it."""
        reader = self._shell.parts.reader
        return await without_unseen(await reader.ticket(named), self._sight(request), reader)


def _more(text: str) -> dict[str, int]:
    """How many rows of which sections; what is no number is not asked for."""
    pairs = (each.partition(":") for each in text[:200].split(","))
    return {name: int(rows[:6]) for name, _, rows in pairs if rows.isascii() and rows.isdigit()}


async def _nothing() -> dict[str, Any]:
    return {}


def _place(request: web.Request, name: str) -> int | None:
    """The place of an article in its timeline, as a parameter of the address."""
    text = request.query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("this is the number of an article", field=name)
    return int(text)
