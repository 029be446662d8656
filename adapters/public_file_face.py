"""`GET /files/{token}`: a file of an answer, for the vendor that carries the answer (public_files.py).

    a token of ours, not ended, of a file that an answer has now   200, or 206 for a part of it
    anything else                                                  404, without telling which
    too often by one peer, too many at once                        429, 503

Places are shared: one peer has at most `EACH` of them, and keeps none by reading slowly. Vendors read fast.

It comes with the media type that is stored, which vendors compare with the bytes, and in all else as every file of
strangers: a download that no browser runs (web/downloads.py). Nothing lists files.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from ..config.errors import NotFound, Temporary, Unreadable
from ..normalizer.envelope import Attachment
from ..web.downloads import Files, download_blob
from ..web.peers import PeerLimiter, Peers, limited_as
from ..web.places import Places
from .public_files import PublicFiles

AT_ONCE = 64
EACH = 16  # a message of ten pictures is fetched by one peer, at once
SLOWEST = 64 * 1024  # bytes a second
PER_MINUTE = 600.0

FileOf = Callable[[str, str], Awaitable[Attachment]]
"""From an article and a sha256 to the file of that answer. Raises NotFound."""

_CROWDED = partial(Temporary, "too many files are being fetched at once", retry_after=5)


class PublicFileFace:
    """Serves the files of answers."""

    def __init__(
        self, links: PublicFiles, file_of: FileOf, blobs: Files, peers: Peers, *, limiter: PeerLimiter | None = None
    ) -> None:
        self._links = links
        self._file_of = file_of
        self._blobs = blobs
        self._peers = peers
        self._limiter = PeerLimiter(per_minute=PER_MINUTE, burst=int(PER_MINUTE)) if limiter is None else limiter
        self._places = Places(AT_ONCE, each=EACH)

    def mount(self, application: web.Application) -> None:
        """Serve them, for HEAD as well."""
        application.router.add_get("/files/{token}", self.show)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler. Raises NotFound, Overloaded, Temporary."""
        peer = self._peers.peer(request)
        self._limiter.demand(peer)
        with self._places.held(limited_as(peer), refusal=_CROWDED):
            article, sha256 = await self._links.named(request.match_info["token"])
            file = await self._file_of(article, sha256)
            try:
                return await download_blob(request, self._blobs, sha256, file.name, file.media_type, slowest=SLOWEST)
            except Unreadable:
                raise NotFound("there is no such file") from None
