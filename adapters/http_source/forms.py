"""`GET/POST /forms/{source}`: the page for people.

What comes in here is unsigned: it is A0 whatever the source's assurance is, and it never joins a ticket. A form carries
a one-time id that we signed; it is the dedup key, so a form sent twice is one message and shows the same receipt. One
that was changed in between comes back with a new id, to be sent as a message of its own. The receipt is the raw id,
shown once the message is durable. Whatever is wrong, and when we cannot take it now, the page comes back with what was
typed, and nothing was stored. A peer has a budget of messages; a field that people cannot see
catches programs that fill in everything.
"""

from collections.abc import Mapping

from aiohttp import hdrs, web

from ...config.errors import Conflict, Overloaded, Refused, Temporary, TooLarge
from ...queue.intake import Intake
from ...web.body import demand_media_type, read_body
from ...web.peers import PeerLimiter, Peers
from .field_mapping import Fault
from .form_body import MEDIA_TYPE, form_values
from .form_id import new_form_id, nonce_of
from .form_page import POLICY, FormPage, nothing_here, wanted_language
from .settings import FormSettings
from .source import CHANNEL, FORM, Milliseconds, Source

PATH = "/forms/{source}"
FORM_ID, TRAP = "form_id", "website"

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.VARY: "Accept-Language",
}


class _Desk:
    """One source's page, its budget of messages, and the source."""

    def __init__(self, source: Source, form: FormSettings) -> None:
        self.source = source
        self.page = FormPage(source.name, source.settings)
        self.limiter = PeerLimiter(per_minute=form.per_minute, burst=form.burst)


class Forms:
    """Shows forms and takes what people write into them."""

    def __init__(self, sources: Mapping[str, Source], intake: Intake, now: Milliseconds, peers: Peers) -> None:
        forms = {name: source.settings.form for name, source in sources.items()}
        self._desks = {name: _Desk(sources[name], form) for name, form in forms.items() if form and form.enabled}
        self._intake = intake
        self._now = now
        self._peers = peers

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of GET: an empty form with a fresh id."""
        desk = self._desks.get(request.match_info["source"])
        if desk is None:
            return _no_form(request)
        language = _language(request, desk)
        return _page(desk.page.form(language, self._fresh(desk)), language)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of POST."""
        desk = self._desks.get(request.match_info["source"])
        if desk is None:
            return _no_form(request)
        try:
            demand_media_type(request, MEDIA_TYPE)
            body = await read_body(request, desk.source.settings.max_body)
            values = form_values(body)
        except Refused as error:
            notice = "too_large" if isinstance(error, TooLarge) else "unreadable"
            return self._again(request, desk, {}, notice, error.status)
        except Temporary as error:
            return self._later(request, desk, {}, error)
        return await self._taken(request, desk, body, values)

    async def _taken(
        self, request: web.Request, desk: _Desk, body: bytes, values: Mapping[str, str]
    ) -> web.StreamResponse:
        nonce = nonce_of(desk.source.keys, desk.source.name, self._now(), values.get(FORM_ID, ""))
        fields, faults = desk.source.form.examine(values)
        if nonce is None:
            return self._again(request, desk, values, "stale", 422)
        if values.get(TRAP):
            return self._again(request, desk, values, "unreadable", 422)
        if faults:
            return self._again(request, desk, values, "correct", 422, faults)
        try:
            peer = self._peers.peer(request)
            desk.limiter.demand(peer)
            external_id = f"form:{nonce}"
            accepted = await self._intake.accept(
                channel=CHANNEL,
                account=desk.source.name,
                external_id=external_id,
                kind="message",
                lane=desk.source.lane(fields.email_key and f"e:{fields.email_key}", external_id),
                content=body,
                transport={"face": FORM, "peer": peer, "language": _wanted(request)},
            )
        except Temporary as error:
            return self._later(request, desk, values, error)
        except Conflict as error:
            return self._again(request, desk, {**values, FORM_ID: ""}, "changed", error.status)
        language = _language(request, desk)
        return _page(desk.page.receipt(language, accepted.id, repeated=accepted.duplicate), language)

    def _later(self, request: web.Request, desk: _Desk, values: Mapping[str, str], error: Temporary) -> web.Response:
        """The form once more, because it cannot be taken now."""
        notice = "busy" if isinstance(error, Overloaded) else "trouble"
        response = self._again(request, desk, values, notice, error.status)
        response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
        return response

    def _again(
        self,
        request: web.Request,
        desk: _Desk,
        values: Mapping[str, str],
        notice: str,
        status: int,
        faults: list[Fault] | None = None,
    ) -> web.Response:
        """The form once more, with what was typed; the same id as long as it is good, since nothing was stored."""
        given = values.get(FORM_ID, "")
        good = nonce_of(desk.source.keys, desk.source.name, self._now(), given) is not None
        kinds = {fault.name: fault.kind for fault in faults or ()}
        language = _language(request, desk)
        form_id = given if good else self._fresh(desk)
        html = desk.page.form(language, form_id, values=values, faults=kinds, notice=notice)
        return _page(html, language, status)

    def _fresh(self, desk: _Desk) -> str:
        return new_form_id(desk.source.keys, desk.source.name, self._now())


def _wanted(request: web.Request) -> str:
    return wanted_language(request.query.get("lang", ""), request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _language(request: web.Request, desk: _Desk) -> str:
    return _wanted(request) or desk.page.language


def _no_form(request: web.Request) -> web.Response:
    language = _wanted(request) or "en"
    return _page(nothing_here(language), language, 404)


def _page(html: str, language: str, status: int = 200) -> web.Response:
    headers = {**_HEADERS, hdrs.CONTENT_LANGUAGE: language}
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=headers)
