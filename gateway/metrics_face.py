"""`/metrics` in the text format of Prometheus.

Counts and names of agents are nobody's business outside: the page answers machines of this host and of private
networks that come directly, and anybody else only with a token that may do everything.
"""

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from ..web.peers import address_of
from ..web.tokens import Tokens, authenticate, demand
from .metrics import Metrics

_FORWARDED = (hdrs.X_FORWARDED_FOR, hdrs.FORWARDED, "X-Real-IP")


class MetricsFace:
    """The page that Prometheus scrapes."""

    def __init__(self, metrics: Metrics, tokens: Tokens) -> None:
        self._metrics = metrics
        self._tokens = tokens

    def mount(self, application: web.Application) -> None:
        """Add the route."""
        application.router.add_get("/metrics", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """The numbers as they are now."""
        if not _is_near(request):
            demand(await authenticate(request, self._tokens), "admin")
        return web.Response(body=await self._metrics.text(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})


def _is_near(request: web.Request) -> bool:
    address = address_of(request.remote or "")
    forwarded = any(name in request.headers for name in _FORWARDED)
    return not forwarded and address is not None and (address.is_loopback or address.is_private)
