"""Answers to pages of other origins (Fetch standard, section 3.2): those of a site's allow-list may read them.

A refusal carries the same headers, so the widget can tell a flood from a broken connection. Nothing here rests on
cookies, so credentials are not allowed. A page that is not on the list may read one thing only: that it is not, in its
own language.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web

from ...config.errors import Forbidden, TrunklineError
from ...web.problem import problem_of, unknown_problem
from .sites import Sites

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PREFLIGHT: Mapping[str, str] = {
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "authorization, content-type",
    hdrs.ACCESS_CONTROL_MAX_AGE: "7200",
}


class CrossOrigin:
    """Wraps the handlers that pages of other origins may call."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites

    def allowed(self, handler: Handler, refusal: Handler | None = None) -> Handler:
        """The handler, with the page's origin checked and named in the answer, whatever the answer is.

        A page that is not on the list gets what `refusal` answers, which anybody may read.
        """

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                origin = self._sites.find(request.match_info["site"]).origins.demand(request)
            except Forbidden as error:
                return problem_of(error) if refusal is None else _to_anybody(await refusal(request))
            except TrunklineError as error:
                return problem_of(error)
            response = await _answer(handler, request)
            if not response.prepared:
                response.headers.update(_headers(origin))
            return response

        return answered

    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of OPTIONS. Raises NotFound, Forbidden."""
        origin = self._sites.find(request.match_info["site"]).origins.demand(request)
        return web.Response(status=204, headers={**_headers(origin), **_PREFLIGHT})


async def _answer(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except TrunklineError as error:
        return problem_of(error)
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 (what it is, the log says; the page must be able to read the answer)
        return unknown_problem(error)


def _to_anybody(response: web.StreamResponse) -> web.StreamResponse:
    response.headers.update({hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*", hdrs.VARY: hdrs.ORIGIN})
    return response


def _headers(origin: str) -> dict[str, str]:
    shared: dict[str, str] = {hdrs.VARY: hdrs.ORIGIN, hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: hdrs.RETRY_AFTER}
    return {**shared, hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin} if origin else shared
