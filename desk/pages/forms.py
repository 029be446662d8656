"""Forms as browsers send them, and the addresses to go back to.

A form is read once per request, urlencoded, within the limits of `web/body.py`. Files do not come by forms but as plain
bodies.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, quote

from aiohttp import hdrs, web

from ...config.errors import Refused
from ...web.body import read_body

MEDIA_TYPE = "application/x-www-form-urlencoded"
BODY_LIMIT = 1024 * 1024
HOME = "/desk"

_MOST_FIELDS = 200
_LOCAL = re.compile(r"/(?:desk|board)(?:[/?][!-\[\]-~]*)?\Z")

Form = dict[str, list[str]]

_FORM: Final = web.RequestKey("desk_form", Form)


async def form_of(request: web.Request) -> Form:
    """The fields of the form in this request, each with all its values; empty when it sends none. Raises Refused."""
    known: Form | None = request.get(_FORM)
    if known is not None:
        return known
    form: Form = {}
    if request.body_exists and request.content_type == MEDIA_TYPE:
        for name, value in _pairs(await read_body(request, BODY_LIMIT)):
            form.setdefault(name, []).append(value)
    request[_FORM] = form
    return form


def first(form: Form, name: str, default: str = "") -> str:
    """The first value of a field."""
    return form.get(name, [default])[0]


def local_path(text: str, default: str = HOME) -> str:
    """The text when it is an address of our own pages, else the default: nobody is sent elsewhere after signing in."""
    return text if len(text) <= 2000 and _LOCAL.match(text) and "//" not in text and "/.." not in text else default


def see_other(path: str) -> web.Response:
    """Go there with GET (RFC 9110 section 15.4.4)."""
    return web.Response(status=303, headers={hdrs.LOCATION: path})


def sign_in_path(request: web.Request) -> str:
    """Where to sign in so that one comes back here; a page that was not read with GET is not come back to."""
    wanted = request.raw_path if request.method in (hdrs.METH_GET, hdrs.METH_HEAD) else ""
    if local_path(wanted, "") in ("", HOME):
        return "/desk/sign-in"
    return f"/desk/sign-in?next={quote(wanted, safe='/')}"


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refused("the form is not in UTF-8, or has too many fields") from error
