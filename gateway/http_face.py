"""The HTTP face of the gateway: what other folders serve, on one listener, and what the gateway says of itself.

/v1/…             the API (desk), its document at /v1/openapi.json, signed posts at /v1/inbound/{source}
/forms/{source}   the pages for people
/livez, /readyz   health, open to anybody
/metrics          Prometheus; for machines of this network, or with a token that may do everything
"""

from aiohttp import web

from ..desk.token_store import TokenStore, desk_tokens
from ..web.service import WebService, new_application
from .api_document import build_api
from .assembly import Assembly
from .health_face import HealthFace
from .metrics import Metrics
from .metrics_face import MetricsFace


def http_service(assembly: Assembly) -> WebService:
    """The listener with all faces mounted. Raises Misconfigured when a secret is missing."""
    application = new_application()
    store = TokenStore(assembly.engine, assembly.clock)
    tokens = desk_tokens(assembly.configuration.secrets.admin_token(), store)
    build_api(assembly, tokens).mount(application)
    if assembly.http is not None:
        assembly.http.routes(application)
    HealthFace(assembly.readiness).mount(application)
    MetricsFace(Metrics(assembly), tokens).mount(application)
    application.router.add_get("/", _front)
    listen = assembly.settings.listen.http
    return WebService(application, listen.host, listen.port)


async def _front(_: web.Request) -> web.Response:
    """Whoever opens the address in a browser sees what it is."""
    return web.Response(text="Trunkline. The API is described at /v1/openapi.json.\n")
