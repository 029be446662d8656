"""What every page stands in: sign-in, security headers, templates, errors in the same look.

    shell = Shell(parts)
    application.router.add_get("/desk/…", shell.page(handler))                 # needs a session
    application.router.add_post("/desk/…", shell.action(handler))              # and the page's CSRF token
    shell.render(request, "desk.html", nav="desk", …)                          # extends base.html, or is a fragment

`page` sends whoever is not signed in to the sign-in and back again; a request by script (base.js) gets a problem
document of status 401 instead, as it does for every other error. `session_of(request)` is who asks. Every answer from
here carries the headers of security_headers.py, and a new session id when the old one has grown old.

A template finds `session` and `worker` (the agent they work as; None when there is none), `csrf`, `now`, `here` (its
own address), `asset(name)`, `nav`, and the filters of `templating.py`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from ...config.errors import Conflict, Forbidden, Unauthenticated
from ...router.records import AgentState
from ...web.sse import ServerEvent
from ...web.tokens import demand
from .. import acting_agent
from ..access.access import Access
from ..access.authority import Authority
from ..stores.sessions import PageSession, Sessions, with_agents
from ..views.fact_marks import mark_of
from . import cookies, forms, session_stream
from .csrf import check_csrf
from .error_pages import error_facts, problem_for
from .page_parts import PageParts
from .security_headers import guard
from .session_stream import SessionWatch
from .static_files import StaticFiles
from .templating import environment, static_folders, version

BY_SCRIPT = "X-Requested-With"
BACKGROUND = "X-Background"


@dataclass
class Visit:
    """What is known about who sends a request."""

    session: PageSession | None = None
    worker: AgentState | None = None
    cookie: str | None = None
    """The session id that the browser is to have from now on; empty for none."""


_READING = (hdrs.METH_GET, hdrs.METH_HEAD)
_VISIT: Final = web.RequestKey("desk_visit", Visit)


def session_of(request: web.Request) -> PageSession:
    """Who is signed in. Raises Unauthenticated."""
    visit: Visit | None = request.get(_VISIT)
    if visit is None or visit.session is None:
        raise Unauthenticated("you are signed out; sign in again")
    return visit.session


def actor_of(request: web.Request) -> str:
    """Who does it, as the feed says: `agent:ada` or `token:admin`."""
    return acting_agent.actor_of(session_of(request).principal)


def authority_of(request: web.Request, access: Access) -> Authority:
    """What they may see and do now."""
    return access.of(session_of(request).principal)


def agent_of(request: web.Request) -> str:
    """The agent they work as. Raises Conflict when there is none."""
    agent = session_of(request).agent
    if agent is None:
        raise Conflict("choose first who you work as, at the top of the page")
    return agent


def by_script(request: web.Request) -> bool:
    """Whether base.js asks, which wants fragments and problem documents instead of pages."""
    return BY_SCRIPT in request.headers


def give_cookie(request: web.Request, id_: str) -> None:
    """The session id that the browser is to have from now on; empty for none."""
    request[_VISIT].cookie = id_


class Shell:
    """Serves pages."""

    def __init__(self, parts: PageParts) -> None:
        self.parts = parts
        self.sessions = Sessions(parts.engine, parts.clock, parts.tokens)
        self.static = StaticFiles(static_folders())
        self._environment = environment(self.static, parts.policy().channels)
        self.version = mark_of(version(), parts.policy().channels)

    def mount(self, application: web.Application) -> None:
        """Serve the static files, and see to the headers of every answer from here."""
        application.on_response_prepare.append(_prepare)
        application.router.add_get("/desk/static/{name}", self.static.serve)

    def page(self, handler: Handler, *, scope: str = "tickets:read") -> Handler:
        """The handler, for those who are signed in and may do this."""

        async def checked(request: web.Request) -> web.StreamResponse:
            await self.recognise(request)
            if request[_VISIT].session is None and _is_navigation(request):
                return forms.see_other(forms.sign_in_path(request))
            demand_scope(session_of(request), scope, reading=request.method in _READING)
            await self.parts.access.guard(session_of(request).principal, _address(request), _named(request))
            return await handler(request)

        return self.open(checked)

    def action(self, handler: Handler, *, scope: str = "tickets:write") -> Handler:
        """The handler, for those who are signed in, may do this, and come from one of our own pages."""

        async def checked(request: web.Request) -> web.StreamResponse:
            await check_csrf(request, session_of(request))
            return await handler(request)

        return self.page(checked, scope=scope)

    def open(self, handler: Handler) -> Handler:
        """The handler, for anybody: with our headers, and with errors in our look."""

        async def serve(request: web.Request) -> web.StreamResponse:
            request[_VISIT] = Visit()
            try:
                return await handler(request)
            except web.HTTPException as error:
                if error.status < 400:
                    raise
                return self._refusal(request, problem_for(error))
            except Exception as error:
                if request.transport is None or request.transport.is_closing() or request.writer.output_size > 0:
                    raise  # half an answer has left, or nobody listens: only closing is honest
                return self._refusal(request, problem_for(error))

        return serve

    def render(self, request: web.Request, template: str, /, *, status: int = 200, **values: Any) -> web.Response:
        """The page or fragment."""
        visit = request.get(_VISIT) or Visit()
        facts = {
            "session": visit.session,
            "worker": visit.worker,
            "agents": self._choices(visit),
            "csrf": visit.session.csrf if visit.session else "",
            "now": self.parts.clock.now(),
            "here": forms.local_path(request.raw_path),
            "nav": "",
        }
        text = self.fragment(template, **(facts | values))
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")

    def fragment(self, template: str, /, **values: Any) -> str:
        """A part of a page that is the same for everybody; `now` must be among the values where times are told."""
        return self._environment.get_template(template).render(values)

    def done(self, request: web.Request, path: str = forms.HOME) -> web.Response:
        """The answer to an action that has nothing to show: 204 for a script, else on to that page."""
        return web.Response(status=204) if by_script(request) else forms.see_other(forms.local_path(path))

    def while_signed_in(self, request: web.Request, events: AsyncIterator[ServerEvent]) -> AsyncIterator[ServerEvent]:
        """The events until the session ends; with a `beat` in between, by which the page knows that it is live."""
        watch = SessionWatch(self.sessions, session_of(request))
        return session_stream.while_signed_in(events, watch.ended, self.beat, session_stream.BEAT_SECONDS)

    def beat(self) -> ServerEvent:
        """The sign of life that a page expects: the time here, and the version of our files."""
        return session_stream.beat(self.parts.clock.now(), self.static.version)

    async def recognise(self, request: web.Request) -> PageSession | None:
        """Find out who asks."""
        id_ = cookies.session_id(request)
        if not id_:
            return None
        visit = request[_VISIT]
        seen = await self.sessions.see(id_, person=BACKGROUND not in request.headers)
        if seen is None:
            visit.cookie = ""
            return None
        settings = self.parts.policy().settings
        visit.cookie = seen.new_id or None
        visit.session = with_agents(seen.session, frozenset(settings.agents))
        if visit.session.agent is not None:
            visit.worker = await self.parts.agents.one(settings, visit.session.agent)
        return visit.session

    def _choices(self, visit: Visit) -> list[tuple[str, str]]:
        if visit.session is None or not visit.session.may_choose:
            return []
        return sorted((id_, agent.name) for id_, agent in self.parts.policy().settings.agents.items())

    def _refusal(self, request: web.Request, response: web.Response) -> web.Response:
        if by_script(request) or not _is_navigation(request):
            return response
        page = self.render(request, "error.html", status=response.status, **error_facts(response))
        for name in (hdrs.RETRY_AFTER, hdrs.ALLOW):
            if name in response.headers:
                page.headers[name] = response.headers[name]
        return page


def demand_scope(session: PageSession, scope: str, *, reading: bool = False) -> None:
    """Raises Forbidden with what to do."""
    try:
        demand(session.principal, scope, reading=reading)
    except Forbidden as error:
        raise Forbidden(f"the token you signed in with may not do this; it lacks the scope {scope}") from error


def _address(request: web.Request) -> str:
    """Method and path as they were mounted."""
    route = request.match_info.route
    method = "GET" if route.method == hdrs.METH_HEAD else route.method
    return f"{method} {route.resource.canonical if route.resource else request.path}"


def _named(request: web.Request) -> dict[str, str]:
    """What the address names, in its path before its query."""
    return {**request.query, **request.match_info}


def _is_navigation(request: web.Request) -> bool:
    """Whether a person will look at the answer as a page."""
    if by_script(request):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get(hdrs.ACCEPT, "")


async def _prepare(request: web.Request, response: web.StreamResponse) -> None:
    visit = request.get(_VISIT)
    if visit is None:
        return
    guard(response)
    if visit.cookie is not None:
        response.headers.add(hdrs.SET_COOKIE, cookies.session_cookie(request, visit.cookie))
