"""Whether a request that changes something comes from one of our own pages.

Two things are asked for, because each has known ways around it. The browser must not say that another site sent it
(Fetch Metadata: Sec-Fetch-Site; where that is missing, Origin, RFC 6454 section 7), and the request must carry the
session's token, in the header X-CSRF-Token or the form field `csrf`. A client that says neither where a request comes
from is judged by the token alone. Requests that change nothing are not asked.
"""

import hmac
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from ...config.errors import Forbidden
from ..stores.sessions import PageSession
from .forms import first, form_of

HEADER = "X-CSRF-Token"
FIELD = "csrf"

_OURS = ("same-origin", "none")  # none: the person did it themselves, by address line or reload


class FromElsewhere(Forbidden):
    """Another site sent it."""

    code = "csrf"
    public = "this was sent by another site, so nothing was done"


class StaleForm(Forbidden):
    """The token is missing, or is that of another session."""

    code = "csrf"
    public = "this page is from an earlier sign-in, so nothing was done; reload it and try again"


async def check_csrf(request: web.Request, session: PageSession) -> None:
    """Raises FromElsewhere, StaleForm, and Refused for a form that cannot be read."""
    check_origin(request)
    sent = request.headers.get(HEADER) or first(await form_of(request), FIELD)
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), session.csrf.encode()):
        raise StaleForm


def check_origin(request: web.Request) -> None:
    """Raises FromElsewhere when the browser says so."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in _OURS:
            raise FromElsewhere
        return
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        raise FromElsewhere
