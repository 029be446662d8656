"""`GET /desk/files/{sha256}?article=…&expires=…&mac=…`: attachments, by links that last ten minutes.

A link is marked (HMAC-SHA-256) with a key of the session that it was made for, so it is of no use to anybody else, nor
after sign-out, and names the article, which must have the file. What comes is always a download, with a media type that
is not guessed at, inside a sandbox (web/downloads.py); it is noted who took it. A page that has stood open for longer
asks for a fresh link when one is clicked (`/desk/parts/file-link`, base.js).
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from aiohttp import web

from ...config.errors import Forbidden, Gone, NotFound
from ...normalizer.envelope import Attachment
from ...web.downloads import download_blob
from ..stores.download_marks import DownloadMarks
from ..stores.sessions import PageSession
from .shell import Shell, session_of

VALID_MS = 10 * 60 * 1000

_SHA = re.compile(r"[0-9a-f]{64}\Z")
_ARTICLE = re.compile(r"[0-9a-f-]{36}\Z")
_EXPIRES = re.compile(r"[0-9]{1,15}\Z")


def file_link(session: PageSession, article: str, sha256: str, now: int) -> str:
    """The address of a file of this article, for this session."""
    expires = now + VALID_MS
    return f"/desk/files/{sha256}?article={article}&expires={expires}&mac={_mark(session, article, sha256, expires)}"


class FileLinks:
    """The handlers."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._marks = DownloadMarks(shell.parts.engine, shell.parts.clock)

    def mount(self, application: web.Application) -> None:
        """Serve them."""
        application.router.add_get("/desk/files/{sha256}", self._shell.page(self.download))
        application.router.add_get("/desk/parts/file-link", self._shell.page(self.fresh))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file. Raises Forbidden, Gone and NotFound."""
        session, query = session_of(request), request.query
        sha256, article = request.match_info["sha256"], query.get("article", "")
        expires = _expiry(query)
        expected = _mark(session, article, sha256, expires)
        if not hmac.compare_digest(expected.encode(), query.get("mac", "").encode("utf-8", "replace")):
            raise Forbidden("this link was made for another sign-in, or is not whole; go back and reload the page")
        if expires <= self._shell.parts.clock.now():
            raise Gone("this link has expired; go back and reload the page")
        attachment = await self._attachment(article, sha256)
        await self._marks.note(article, sha256, session.agent or session.principal.name)
        return await download_blob(request, self._shell.parts.blobs, sha256, attachment.name)

    async def fresh(self, request: web.Request) -> web.StreamResponse:
        """A new link for a file, as text."""
        article, sha256 = request.query.get("article", ""), request.query.get("sha256", "")
        await self._attachment(article, sha256)
        return web.Response(text=file_link(session_of(request), article, sha256, self._shell.parts.clock.now()))

    async def _attachment(self, article: str, sha256: str) -> Attachment:
        if not (_ARTICLE.match(article) and _SHA.match(sha256)):
            raise NotFound("there is no such file")
        for attachment in (await self._shell.parts.reader.article(article)).attachments:
            if attachment.sha256 == sha256:
                return attachment
        raise NotFound("this message has no such file")


def _expiry(query: Mapping[str, str]) -> int:
    text = query.get("expires", "")
    return int(text) if _EXPIRES.match(text) else 0


def _mark(session: PageSession, article: str, sha256: str, expires: int) -> str:
    mark = hmac.digest(session.key("files"), f"{sha256}\0{article}\0{expires}".encode(), "sha256")
    return urlsafe_b64encode(mark).rstrip(b"=").decode()
