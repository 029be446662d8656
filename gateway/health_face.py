"""`/livez`: the process runs. `/readyz`: it can do its work (readiness.py); 503 with what is missing when it cannot."""

from aiohttp import hdrs, web

from .readiness import Readiness

_NOT_KEPT = {hdrs.CACHE_CONTROL: "no-store"}


class HealthFace:
    """The pages for those who watch processes."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get("/livez", self.live)
        application.router.add_get("/readyz", self.ready)

    async def live(self, _: web.Request) -> web.Response:
        """An answer at all says it."""
        return web.json_response({"status": "alive"}, headers=_NOT_KEPT)

    async def ready(self, _: web.Request) -> web.Response:
        """What is checked, in single words: causes are for the log, because anybody may ask here."""
        verdict = await self._readiness.look()
        names = ("started", "engine", "intake", "clock")
        checks = {name: getattr(verdict, name) for name in names}
        warnings = ["filling"] if verdict.filling else []
        body = {"status": "ready" if verdict.ready else "not ready", "checks": checks, "warnings": warnings}
        return web.json_response(body, status=200 if verdict.ready else 503, headers=_NOT_KEPT)
