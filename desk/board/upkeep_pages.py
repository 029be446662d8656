"""Dead letters and suspended messages as pages: why they are there, and for administrators what to do with them.

    /board/dead        retry, download, drop
    /board/suspended   search, file one or several after all, throw away, block senders and unblock them

What is done is what the API does (desk/upkeep_api.py). A script is answered with the list as it is afterwards.
"""

from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from ...config.errors import NotFound
from ...web.operations import Call
from ...web.paging import PageQuery
from ..pages.forms import form_of
from ..pages.page_requests import checked, filled
from ..pages.shell import Shell, by_script, session_of
from ..upkeep_api import (
    BlockBody,
    DeadLetterPath,
    ReleaseBody,
    SenderPath,
    SuspendedPath,
    SuspendedQuery,
    UpkeepApi,
)

Path = TypeVar("Path", bound=BaseModel)

SHOWN = 50
SHOWN_BLOCKED = 200

_DEAD: dict[str, Any] = {
    "heading": "Dead letters",
    "lead": "Work that failed for good: it is kept whole until somebody decides, and the rest goes on without it. "
    "Retry it when the cause is gone; if it fails again, it is back with its new cause.",
    "fragment": "board_dead.html",
}
_SUSPENDED: dict[str, Any] = {
    "heading": "Suspended messages",
    "lead": "Messages that were accepted and set aside for a person to look at, because nobody could vouch for them.",
    "fragment": "board_suspended.html",
}


class UpkeepPages:
    """Serves the two lists."""

    def __init__(self, shell: Shell, upkeep: UpkeepApi) -> None:
        self._shell = shell
        self._upkeep = upkeep

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        routes, shell = application.router, self._shell
        routes.add_get("/board/dead", shell.page(self.dead))
        routes.add_get("/board/suspended", shell.page(self.suspended))
        routes.add_get("/board/dead/{id}/raw", shell.page(self.raw, scope="admin"))
        routes.add_post("/board/dead/{id}/retry", shell.action(self.retry, scope="admin"))
        routes.add_post("/board/dead/{id}/drop", shell.action(self.drop_dead, scope="admin"))
        routes.add_post("/board/suspended/release", shell.action(self.release_many, scope="admin"))
        routes.add_post("/board/suspended/block", shell.action(self.block, scope="admin"))
        routes.add_post("/board/suspended/unblock", shell.action(self.unblock, scope="admin"))
        routes.add_post("/board/suspended/{id}/release", shell.action(self.release, scope="admin"))
        routes.add_post("/board/suspended/{id}/drop", shell.action(self.drop_suspended, scope="admin"))

    async def dead(self, request: web.Request) -> web.Response:
        """What was given up."""
        page = await self._upkeep.list_dead(_call(request), _query(request))
        return self._list(request, _DEAD, page)

    async def suspended(self, request: web.Request) -> web.Response:
        """What was set aside."""
        words = request.query.get("words", "").strip()[:200]
        query = SuspendedQuery(**_query(request).model_dump(), words=words)
        page = await self._upkeep.list_suspended(_call(request), query)
        blocked = (await self._upkeep.list_blocked(_call(request))).items
        return self._list(request, {**_SUSPENDED, "words": words, "blocked": blocked[:SHOWN_BLOCKED]}, page)

    async def raw(self, request: web.Request) -> web.Response:
        """The bytes of a dead letter. Raises NotFound."""
        return await self._upkeep.raw(_call(request), _path(DeadLetterPath, request))

    async def retry(self, request: web.Request) -> web.Response:
        """Try it again. Raises NotFound."""
        await self._upkeep.retry(_call(request), _path(DeadLetterPath, request))
        return await self._dead_now(request)

    async def drop_dead(self, request: web.Request) -> web.Response:
        """Throw it away for good. Raises NotFound."""
        await self._upkeep.drop_dead(_call(request), _path(DeadLetterPath, request))
        return await self._dead_now(request)

    async def release_many(self, request: web.Request) -> web.Response:
        """File the chosen ones; those that are gone are passed over. Raises Invalid when none is chosen."""
        body = checked(ReleaseBody, {"ids": (await form_of(request)).get("id", [])})
        await self._upkeep.release_many(_call(request), body)
        return await self._suspended_now(request)

    async def block(self, request: web.Request) -> web.Response:
        """Suspend what a sender writes from now on. Raises Invalid, Conflict."""
        body = checked(BlockBody, filled(await form_of(request), "sender", "whole_domain", "holds", "reason"))
        await self._upkeep.block(_call(request), body)
        return await self._suspended_now(request)

    async def unblock(self, request: web.Request) -> web.Response:
        """File what a sender writes again. Raises Invalid, NotFound."""
        await self._upkeep.unblock(_call(request), checked(SenderPath, filled(await form_of(request), "sender")))
        return await self._suspended_now(request)

    async def release(self, request: web.Request) -> web.Response:
        """File it after all. Raises NotFound."""
        await self._upkeep.release(_call(request), _path(SuspendedPath, request))
        return await self._suspended_now(request)

    async def drop_suspended(self, request: web.Request) -> web.Response:
        """Throw it away for good. Raises NotFound."""
        await self._upkeep.drop_suspended(_call(request), _path(SuspendedPath, request))
        return await self._suspended_now(request)

    async def _dead_now(self, request: web.Request) -> web.Response:
        return await self.dead(request) if by_script(request) else self._shell.done(request, "/board/dead")

    async def _suspended_now(self, request: web.Request) -> web.Response:
        return await self.suspended(request) if by_script(request) else self._shell.done(request, "/board/suspended")

    def _list(self, request: web.Request, words: dict[str, Any], page: object) -> web.Response:
        template = words["fragment"] if by_script(request) else "board_list.html"
        may_act = session_of(request).principal.may("admin")
        return self._shell.render(request, template, nav="board", page=page, may_act=may_act, **words)


def _call(request: web.Request) -> Call:
    return Call(request, session_of(request).principal, None)


def _query(request: web.Request) -> PageQuery:
    try:
        return PageQuery(limit=SHOWN, cursor=request.query.get("cursor"))
    except ValidationError as error:
        raise NotFound("no page begins at this cursor") from error


def _path(model: type[Path], request: web.Request) -> Path:
    try:
        return model(id=request.match_info["id"])
    except ValidationError as error:
        raise NotFound("there is nothing at this address") from error
