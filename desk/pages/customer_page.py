"""A person on one page: who they are, everything that was said in all their tickets, and what an administrator can do.

    GET  /desk/customers/{id}           the history; `channel` filters, `cursor` goes on
    GET  /desk/customers/{id}/export    everything that is kept of them, as JSON
    POST /desk/customers/{id}/erase     confirm, reason: they are erased

What is done is what the API does (desk/people_api.py, desk/erasures_api.py).
"""

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from ...config.errors import NotFound
from ...router.erasure.erasure import Erasure
from ...router.person_export import PersonExports
from ...router.person_timeline import PersonTimeline
from ...web.operations import Call
from ..erasures_api import EraseBody, ErasuresApi
from ..people_api import PeopleApi, TimelineQuery
from ..request_fields import RecordPath
from ..views.people import profile
from .forms import form_of
from .page_requests import checked, filled
from .shell import Shell, session_of

SHOWN = 50


class CustomerPage:
    """The handlers of the page."""

    def __init__(self, shell: Shell) -> None:
        parts = shell.parts
        self._shell = shell
        self._people = PeopleApi(
            PersonTimeline(parts.engine, parts.reader),
            PersonExports(parts.engine, parts.clock, parts.reader),
            parts.reader,
            parts.access,
        )
        self._erasures = ErasuresApi(Erasure(parts.engine, parts.clock))

    def mount(self, application: web.Application) -> None:
        """Serve it."""
        router, path = application.router, "/desk/customers/{id}"
        router.add_get(path, self._shell.page(self.history))
        router.add_get(f"{path}/export", self._shell.page(self.export, scope="admin"))
        router.add_post(f"{path}/erase", self._shell.action(self.erase, scope="admin"))

    async def history(self, request: web.Request) -> web.StreamResponse:
        """What was said, the latest first."""
        path, query = _path(request), _query(request)
        customer = await self._shell.parts.reader.customer(path.id)
        policy = self._shell.parts.policy()
        page = await self._people.timeline(_call(request), path, query)
        return self._shell.render(
            request,
            "customer.html",
            nav="desk",
            customer=customer,
            profile=profile(customer, policy.channels, policy.settings.customer_fields),
            page=page,
            channel=query.channel,
            may_erase=session_of(request).principal.may("admin"),
            offered=sorted(policy.channels),
            going=await self._going(request, path) if customer.erased_at is None else None,
        )

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The document."""
        return await self._people.export(_call(request), _path(request))

    async def erase(self, request: web.Request) -> web.StreamResponse:
        """Ordered; the page then says that they are erased."""
        path = _path(request)
        body = checked(EraseBody, filled(await form_of(request), "confirm", "reason"))
        await self._erasures.order(_call(request), path, body)
        return self._shell.done(request, f"/desk/customers/{path.id}")

    async def _going(self, request: web.Request, path: RecordPath) -> Any:
        """What would go if they were erased, for those who may."""
        call = _call(request)
        return await self._erasures.preview(call, path) if call.principal.may("admin", reading=True) else None


def _call(request: web.Request) -> Call:
    return Call(request, session_of(request).principal, None)


def _path(request: web.Request) -> RecordPath:
    try:
        return RecordPath(id=request.match_info["id"])
    except ValidationError as error:
        raise NotFound("there is nothing at this address") from error


def _query(request: web.Request) -> TimelineQuery:
    try:
        return TimelineQuery(
            limit=SHOWN, cursor=request.query.get("cursor"), channel=request.query.get("channel") or None
        )
    except ValidationError as error:
        raise NotFound("no page begins at this cursor") from error
