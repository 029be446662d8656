"""The HTTP face of the gateway: what other folders serve, on one listener, and what the gateway says of itself.

/desk, /board     the agents' pages, for browsers (desk/pages)
/v1/…             the API (desk), its document at /v1/openapi.json, signed posts at /v1/inbound/{source}
/forms/{source}   the pages for people
/chat/{site}      the chat: widget, sockets, long polls, files
/files/{token}    files of answers, for the vendors that carry them
/livez, /readyz   health, open to anybody
/metrics          Prometheus; for machines of this network, or with a token that may do everything
"""

from typing import Any

from aiohttp import hdrs, web

from ..adapters.public_file_face import PublicFileFace
from ..adapters.public_files import PublicFiles
from ..config.sign_in_settings import SECRET as SIGN_IN
from ..desk.access.role_tokens import RoleTokens
from ..desk.api import DeskParts, desk_api
from ..desk.board.faces import BoardApi, mount_board
from ..desk.openid.provider import Provider
from ..desk.openid.signed_in_people import SignedInPeople
from ..desk.pages.mounting import mount_pages
from ..desk.pages.page_parts import PageParts
from ..desk.stores.token_store import TokenStore, desk_tokens
from ..queue.unread_sources import UnreadSources
from ..router.open_proposals import OpenProposals
from ..router.parking import Parking
from ..router.sent_files import SentFiles
from ..web.openapi import Api
from ..web.service import Limits, WebService, new_application
from ..web.tokens import FirstOf, KnownTokens, Tokens
from .assembly import Assembly
from .channels import configured
from .configuration import configure_or_built_in
from .metrics import Metrics
from .metrics_face import MetricsFace
from .open_files import WEB_SHARE
from .readiness import HealthFace


def http_service(assembly: Assembly) -> WebService:
    """The listener with all faces mounted. Raises Misconfigured when a secret is missing."""
    application = new_application(peers=assembly.peers)
    store = TokenStore(assembly.engine, assembly.clock)
    people = _people(assembly)
    known = desk_tokens(assembly.configuration.secrets.admin_token(), store)
    tokens = RoleTokens(FirstOf([known, people]) if people else known, assembly.policy)
    parts = _page_parts(assembly, tokens, people)
    _api(assembly, parts).mount(application)
    for adapter in assembly.channels.values():
        adapter.routes(application)
    _public_files(assembly).mount(application)
    HealthFace(assembly.readiness).mount(application)
    MetricsFace(_metrics(assembly), tokens).mount(application)
    shell = mount_pages(application, parts)
    mount_board(application, shell, assembly.board)
    application.router.add_get("/", _front)
    listen = assembly.settings.listen
    connections = assembly.open_files.fit(listen.connections, "listen.connections", WEB_SHARE)
    limits = Limits(connections=connections, connections_per_peer=listen.connections_per_peer)
    return WebService(application, listen.http.host, listen.http.port, limits=limits, peers=assembly.peers)


def api_document() -> dict[str, Any]:
    """The OpenAPI document as it is served; nothing is connected to."""
    assembly = Assembly(configure_or_built_in(None, {}), "redis://127.0.0.1")
    return _api(assembly, _page_parts(assembly, KnownTokens({}))).document()


def _api(assembly: Assembly, parts: DeskParts) -> Api:
    """The API with everything that is published in its document."""
    api = desk_api(parts)
    api.add(*BoardApi(assembly.board, parts.access).operations())
    for card, _ in configured(assembly.settings):
        for path, item in card.paths().items():
            api.describe(path, item)
    return api


def _public_files(assembly: Assembly) -> PublicFileFace:
    links = PublicFiles(assembly.engine, assembly.clock)
    return PublicFileFace(links, SentFiles(assembly.reader).file, assembly.blobs, assembly.peers)


def _people(assembly: Assembly) -> SignedInPeople | None:
    """Who signs in by an identity provider, where one is configured. Raises Misconfigured without its secret."""
    sign_in = assembly.settings.sign_in
    if sign_in is None:
        return None
    secret = assembly.configuration.secrets.get(SIGN_IN)
    provider = Provider(sign_in, secret, assembly.clock.now)
    return SignedInPeople(assembly.engine, assembly.clock, assembly.policy, provider, secret)


def _page_parts(assembly: Assembly, tokens: Tokens, people: SignedInPeople | None = None) -> PageParts:
    return PageParts(
        people=people,
        engine=assembly.engine,
        clock=assembly.clock,
        blobs=assembly.blobs,
        policy=assembly.policy,
        actions=assembly.actions,
        writing=assembly.writing,
        merging=assembly.merging,
        cases=assembly.cases,
        splits=assembly.splits,
        reader=assembly.reader,
        agents=assembly.agents,
        tokens=tokens,
        given_up=assembly.given_up,
        suspended=assembly.suspended,
        peers=assembly.peers,
        held_replies=assembly.held_replies,
        feed=assembly.feed,
        logs=assembly.logs,
        signals=assembly.signals,
        typing=assembly.typing,
        hindrance=assembly.hindrance,
    )


def _metrics(assembly: Assembly) -> Metrics:
    return Metrics(
        clock=assembly.clock,
        policy=assembly.policy,
        counters=assembly.counters,
        fullness=assembly.fullness,
        gate=assembly.gate,
        suspended=assembly.suspended,
        parking=Parking(assembly.engine, assembly.clock),
        sources=UnreadSources(assembly.engine, assembly.clock),
        proposals=OpenProposals(assembly.engine),
        agents=assembly.agents,
        queues=assembly.queues,
        followers=assembly.followers,
        channels=assembly.channels,
        latency=assembly.latency,
    )


async def _front(request: web.Request) -> web.Response:
    """Browsers go on to the desk; a program hears what this is."""
    if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
        return web.Response(status=302, headers={hdrs.LOCATION: "/desk", hdrs.VARY: hdrs.ACCEPT})
    text = "Trunkline. The API is described at /v1/openapi.json, the desk is at /desk.\n"
    return web.Response(text=text, headers={hdrs.VARY: hdrs.ACCEPT})
