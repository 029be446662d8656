"""The one cookie: the session id, for scripts out of reach, never sent along when another site posts to us."""

import re

from aiohttp import web

NAME = "trunkline_session"

_ID = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def session_id(request: web.Request) -> str:
    """The id that the browser sends; empty for none, and for what cannot be one."""
    sent = request.cookies.get(NAME, "")
    return sent if _ID.match(sent) else ""


def session_cookie(request: web.Request, id_: str) -> str:
    """The Set-Cookie that gives the browser this id; an empty one takes away what it has (RFC 6265 section 4.1)."""
    secure = request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"  # claimed at worst by the client
    age = "" if id_ else "; Max-Age=0"
    return f"{NAME}={id_}; Path=/; HttpOnly; SameSite=Lax{age}{'; Secure' if secure else ''}"
