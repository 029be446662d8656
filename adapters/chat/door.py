"""The way in, the same for every face: the site and its origins, the caps, who the visitor is, and their session."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web

from ...queue.log_tail import LogTail, Watch
from ...web.peers import Peers
from .admission import Admission, Visitor
from .close_codes import flood
from .connected import Connected
from .frames import Introduction
from .rate_limits import RateLimits
from .session import Session, SessionParts
from .signing_in import SigningIn
from .sites import SOCKET, Site, Sites
from .storing import VisitorFacts


class Door:
    """Lets visitors in."""

    def __init__(
        self,
        sites: Sites,
        admission: Admission,
        caps: Mapping[str, RateLimits],
        parts: SessionParts,
        tail: LogTail,
        connected: Connected,
        peers: Peers,
    ) -> None:
        self._admission = admission
        self.connected = connected
        self._sites = sites
        self._caps = caps
        self._parts = parts
        self._tail = tail
        self._peers = peers
        self._signing_in = SigningIn(parts.logs, parts.now)

    def site(self, request: web.Request) -> Site:
        """The site of a request, from a page that may ask for it. Raises NotFound, Forbidden."""
        site = self._sites.find(request.match_info["site"])
        site.origins.demand(request)
        return site

    def peer(self, request: web.Request) -> str:
        """The network address that a request comes from."""
        return self._peers.peer(request)

    def caps(self, site: Site) -> RateLimits:
        """The caps of a site."""
        return self._caps[site.name]

    async def known(self, site: Site, token: str) -> Visitor:
        """The visitor of a token, in their conversation. Raises Unproven, and temporary errors."""
        return await self._signing_in.led(self._admission.known(site, token))

    @contextmanager
    def connection(self, request: web.Request) -> Iterator[tuple[Site, str]]:
        """A connection stands: its site and the peer. Raises NotFound, Forbidden, Overloaded."""
        site, peer = self.site(request), self.peer(request)
        with self.caps(site).connection_from(peer):
            yield site, peer

    @asynccontextmanager
    async def session(
        self, face: str, site: Site, peer: str, introduction: Introduction
    ) -> AsyncIterator[tuple[Session, Watch]]:
        """The session of a visitor, and what wakes it. Raises Unproven, Overloaded.

        Coming in counts like a frame, so nobody costs much by coming again and again.
        """
        before = self._admission.anonymous(site, introduction.token)
        visitor = self._admission.visitor(site, introduction.token, introduction.identity, peer)
        visitor = await self._signing_in.led(visitor, before)
        facts = VisitorFacts.introduced(face, peer, introduction)
        caps = self.caps(site)
        if (seconds := caps.frame(visitor.id)) > 0:
            raise flood(seconds, "a visitor comes in too often")
        with caps.connection_of(visitor.id):
            async with self._tail.watch(visitor.conversation) as watch:
                session = Session(site, visitor, facts, self._parts, caps, watch, introduction.after)
                async with self.connected.joined(session, leaves=face == SOCKET):
                    yield session, watch
