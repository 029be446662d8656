"""`GET /desk/articles/{id}/html`: the HTML that a customer sent, as a document of its own for a frame without rights.

Three walls, each of which would do: the HTML is sanitised; its policy allows one style sheet of ours, pictures that are
in the document, and nothing else, no script and no address; and both the frame and the policy put it into a sandbox, an
origin that nothing shares, from which only links open, in a new tab. It can be framed by our own pages alone.
"""

import asyncio
import hashlib
import re
from base64 import b64encode
from pathlib import Path

from aiohttp import web
from markupsafe import Markup

from ...config.errors import NotFound
from ...router.records import Article
from .inline_pictures import inline_pictures
from .sanitise import Harmless, sanitise
from .shell import Shell

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
PATH = "/desk/articles/{id:[0-9a-f-]{36}}/html"

_AT_ONCE = 16 * 1024  # characters; more would hold up the event loop
_STYLE = re.findall(
    r"<style>(.*?)</style>", Path(__file__).with_name("templates").joinpath("frame.html").read_text("utf-8"), re.DOTALL
)[0]

FRAME_POLICY = "; ".join(
    (
        f"sandbox {SANDBOX}",
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)

_HEADERS = {
    "Content-Security-Policy": FRAME_POLICY,
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}


class HtmlFrames:
    """The handler."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def mount(self, application: web.Application) -> None:
        """Serve it."""
        application.router.add_get(PATH, self._shell.page(self.show))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The document. Raises NotFound for an article without HTML."""
        article = await self._shell.parts.reader.article(request.match_info["id"])
        if not article.html:
            raise NotFound("this message has no HTML")
        harmless = await self._harmless(article)
        response = self._shell.render(
            request,
            "frame.html",
            lang="" if article.language == "unknown" else article.language,
            title=article.subject or "Message",
            notice=_notice(harmless.left_out),
            content=Markup(harmless.html),  # noqa: S704  (what sanitise answers is what this is for)
        )
        response.headers.update(_HEADERS)
        return response

    async def _harmless(self, article: Article) -> Harmless:
        pictures = await inline_pictures(article, self._shell.parts.blobs) if "cid:" in article.html.lower() else {}
        if len(article.html) <= _AT_ONCE and not pictures:
            return sanitise(article.html)
        return await asyncio.to_thread(sanitise, article.html, pictures)


def _notice(left_out: int) -> str:
    if left_out == 0:
        return ""
    return f"{left_out} picture{' was' if left_out == 1 else 's were'} not loaded from outside."
