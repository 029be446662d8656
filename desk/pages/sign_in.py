"""Signing in and out, and choosing which agent one works as.

    GET, POST /desk/sign-in    with a token: an agent's own, or one that may choose
    POST /desk/sign-out
    POST /desk/as              the agent to work as; only with a token that is nobody's own
    POST /desk/presence        available, busy, away, offline
    GET /desk/parts/worker     the corner of the page that shows both
    GET /desk/alive            204 while signed in; what a page asks when its line is broken, and with `at=desk` the
                               sign of life of an open desk, by which presence is kept (router/signs_of_life.py)

A peer has a budget of attempts. A sign-in always begins a new session with a new id, whatever id the browser had.
"""

from typing import cast, get_args

from aiohttp import hdrs, web

from ...config.errors import Forbidden, Invalid, Overloaded, Unauthenticated
from ...router.records import Presence
from ...web.peers import PeerLimiter
from . import cookies
from .csrf import check_csrf, check_origin
from .forms import first, form_of, local_path, see_other
from .shell import Shell, actor_of, agent_of, by_script, give_cookie, session_of

PER_MINUTE, BURST = 10, 20
_LONGEST_TOKEN = 512


class SignIn:
    """The handlers."""

    def __init__(self, shell: Shell, *, limiter: PeerLimiter | None = None) -> None:
        self._shell = shell
        self._limiter = limiter or PeerLimiter(per_minute=PER_MINUTE, burst=BURST)

    def mount(self, application: web.Application) -> None:
        """Serve it."""
        shell, router = self._shell, application.router
        router.add_get("/desk/sign-in", shell.open(self.show))
        router.add_post("/desk/sign-in", shell.open(self.sign_in))
        router.add_post("/desk/sign-out", shell.open(self.sign_out))
        router.add_post("/desk/as", shell.action(self.work_as, scope="tickets:read"))
        router.add_post("/desk/presence", shell.action(self.presence, scope="agents:write"))
        router.add_get("/desk/parts/worker", shell.page(self.worker))
        router.add_get("/desk/alive", shell.page(self.alive))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The form; whoever is signed in already goes on."""
        wanted = local_path(request.query.get("next", ""))
        if await self._shell.recognise(request) is not None:
            return see_other(wanted)
        return self._form(request, wanted)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """A new session for a token that is known."""
        check_origin(request)
        form = await form_of(request)
        wanted, token = local_path(first(form, "next")), first(form, "token").strip()
        try:
            self._limiter.demand(self._shell.parts.peers.peer(request))
            if not token or len(token) > _LONGEST_TOKEN:
                raise Unauthenticated("no token")
            id_ = await self._shell.sessions.open(token, replaced=cookies.session_id(request))
        except Unauthenticated:
            return self._form(request, wanted, status=401, fault="unknown" if token else "empty")
        except Overloaded as error:
            response = self._form(request, wanted, status=429, fault="busy", seconds=error.retry_after)
            response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
            return response
        give_cookie(request, id_)
        return see_other(wanted)

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """The end of the session; one that has ended already is no error."""
        session = await self._shell.recognise(request)
        if session is not None:
            await check_csrf(request, session)
            await self._shell.sessions.close(cookies.session_id(request))
        give_cookie(request, "")
        return see_other("/desk/sign-in")

    async def work_as(self, request: web.Request) -> web.StreamResponse:
        """Another agent, or nobody."""
        session, form = session_of(request), await form_of(request)
        agent = first(form, "agent")
        if not session.may_choose:
            raise Forbidden(f"this token speaks for {session.agent} and for nobody else")
        if agent and agent not in self._shell.parts.policy().settings.agents:
            raise Invalid("there is no such agent", field="agent")
        give_cookie(request, await self._shell.sessions.work_as(session, agent or None))
        return see_other(local_path(first(form, "next")))

    async def presence(self, request: web.Request) -> web.StreamResponse:
        """How the agent is."""
        form = await form_of(request)
        presence = first(form, "presence")
        if presence not in get_args(Presence):
            raise Invalid(f"one of {', '.join(get_args(Presence))}", field="presence")
        await self._shell.parts.actions.presence(
            agent_of(request),
            cast("Presence", presence),
            actor=actor_of(request),
            watched="page" if by_script(request) else None,
        )
        if by_script(request):
            await self._shell.recognise(request)
            return await self.worker(request)
        return see_other(local_path(first(form, "next")))

    async def worker(self, request: web.Request) -> web.StreamResponse:
        """The corner of the page."""
        return self._shell.render(request, "worker.html", here=local_path(request.query.get("here", "")))

    async def alive(self, request: web.Request) -> web.StreamResponse:
        """Nothing but that one is signed in; asked from an open desk, it is a sign of life of the agent there."""
        agent = session_of(request).agent
        if agent is not None and request.query.get("at") == "desk":
            await self._shell.parts.signs.heard(agent, page=True)
        return web.Response(status=204)

    def _form(
        self, request: web.Request, wanted: str, *, status: int = 200, fault: str = "", seconds: int = 0
    ) -> web.Response:
        return sign_in_page(self._shell, request, wanted, status=status, fault=fault, seconds=seconds)


def sign_in_page(
    shell: Shell, request: web.Request, wanted: str, *, status: int, fault: str = "", seconds: int = 0, words: str = ""
) -> web.Response:
    """The page with the ways to sign in; `fault` and `words` say what went wrong."""
    people = shell.parts.people
    provider = people.provider.settings.name if people else ""
    values = {"wanted": wanted, "fault": fault, "seconds": seconds, "words": words, "provider": provider}
    return shell.render(request, "sign_in.html", status=status, **values)
