"""Signing in by the identity provider, where `sign_in` of the configuration names one.

    GET  /desk/sign-in/start         off to the provider; `next` is the page to go on to
    GET  /desk/sign-in/callback      back with a code: a session, or a page that says why there is none
    POST /desk/sign-in/signed-out    the provider says that somebody signed out (Back-Channel Logout 1.0)

Authorization code with PKCE, state and nonce (desk/openid/attempt.py). A sign-in always begins a new session with a new
id. Whoever the provider knows and the desk does not is told so. A peer has a budget of attempts.
"""

import structlog
from aiohttp import hdrs, web

from ...config.errors import NotFound, Overloaded, Refused, Temporary, Unauthenticated
from ...web.peers import PeerLimiter
from ..openid.attempt import Attempt, attempt_of
from ..openid.signed_in_people import SignedInPeople, Stranger
from . import cookies
from .forms import first, form_of, local_path, see_other
from .shell import Shell, give_cookie
from .sign_in import BURST, PER_MINUTE, sign_in_page

log = structlog.get_logger()

OUT_PER_MINUTE = 600  # a provider may sign out a whole company at once


class OpenIdSignIn:
    """The handlers."""

    def __init__(self, shell: Shell, *, limiter: PeerLimiter | None = None) -> None:
        self._shell = shell
        self._limiter = limiter or PeerLimiter(per_minute=PER_MINUTE, burst=BURST)
        self._sign_outs = PeerLimiter(per_minute=OUT_PER_MINUTE, burst=OUT_PER_MINUTE)

    def mount(self, application: web.Application) -> None:
        """Serve it."""
        shell, router = self._shell, application.router
        router.add_get("/desk/sign-in/start", shell.open(self.start), allow_head=False)
        router.add_get("/desk/sign-in/callback", shell.open(self.callback), allow_head=False)
        router.add_post("/desk/sign-in/signed-out", shell.open(self.signed_out))

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Off to the provider."""
        people, wanted = self._people(), local_path(request.query.get("next", ""))
        try:
            self._limiter.demand(self._shell.parts.peers.peer(request))
            endpoints = await people.provider.endpoints()
        except Temporary as error:
            return self._refused(request, wanted, error)
        attempt = Attempt.begin(wanted, self._shell.parts.clock.now())
        response = see_other(attempt.request(endpoints.authorization, people.provider.settings))
        response.headers.add(hdrs.SET_COOKIE, cookies.attempt_cookie(request, attempt.sealed(people.attempts)))
        return response

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """A session for whoever comes back; the attempt is over in any case."""
        people, wanted = self._people(), ""
        try:
            self._limiter.demand(self._shell.parts.peers.peer(request))
            attempt = attempt_of(cookies.attempt_of(request), people.attempts, self._shell.parts.clock.now())
            wanted = attempt.wanted
            give_cookie(request, await self._entered(request, people, attempt))
            response = see_other(local_path(wanted))
        except (Refused, Temporary) as error:
            response = self._refused(request, local_path(wanted), error)
        response.headers.add(hdrs.SET_COOKIE, cookies.attempt_cookie(request, ""))
        return response

    async def signed_out(self, request: web.Request) -> web.StreamResponse:
        """The sessions of that person end; the next request finds none."""
        people = self._people()
        try:
            self._sign_outs.demand(self._shell.parts.peers.peer(request))
            said = await people.provider.signed_out(first(await form_of(request), "logout_token"))
        except Unauthenticated as error:
            log.warning("a sign-out of the identity provider is refused", action="sign_out_refused", cause=error.detail)
            return web.json_response({"error": "invalid_request"}, status=400, headers={"Cache-Control": "no-store"})
        if not await people.sign_out(said):
            log.info("a sign-out of the identity provider came again", action="sign_out_repeated", subject=said.subject)
        return web.Response(status=200, headers={"Cache-Control": "no-store"})

    async def _entered(self, request: web.Request, people: SignedInPeople, attempt: Attempt) -> str:
        """The id of a new session. Raises Unauthenticated, Stranger, ProviderAway."""
        provider = people.provider
        endpoints = await provider.endpoints()
        issuer, answer = provider.settings.issuer, dict(request.query)
        code = attempt.code(answer, issuer, names_issuer=endpoints.names_issuer)
        granted = await provider.redeem(code, attempt.verifier)
        person = await provider.person(granted.id_token, nonce=attempt.nonce)
        key, principal = await people.enter(person, granted)
        log.info("somebody signed in", action="signed_in", agent=principal.agent, subject=person.subject)
        return await self._shell.sessions.open_as(key, replaced=cookies.session_id(request))

    def _people(self) -> SignedInPeople:
        people = self._shell.parts.people
        if people is None:
            raise NotFound("this desk has no sign-in by an identity provider")
        return people

    def _refused(self, request: web.Request, wanted: str, error: Refused | Temporary) -> web.Response:
        log.warning("a sign-in is refused", action="sign_in_refused", code=error.code, cause=error.detail)
        words = f"{error.public[:1].upper()}{error.public[1:]}."
        if isinstance(error, Stranger):
            words += " Ask whoever runs this desk to add you."
        response = sign_in_page(self._shell, request, wanted, status=error.status, words=words)
        if isinstance(error, Overloaded):
            response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
        return response
