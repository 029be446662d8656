"""The cookies: the session id, and for ten minutes an attempt to sign in by the identity provider.

Scripts do not reach them, and they are never sent along when another site posts to us.
"""

import re

from aiohttp import web

NAME = "trunkline_session"

ATTEMPT = "trunkline_sign_in"

_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{1,3000}\Z")
_ID = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def session_id(request: web.Request) -> str:
    """The id that the browser sends; empty for none, and for what cannot be one."""
    sent = request.cookies.get(NAME, "")
    return sent if _ID.match(sent) else ""


def session_cookie(request: web.Request, id_: str) -> str:
    """The Set-Cookie that gives the browser this id; an empty one takes away what it has (RFC 6265 section 4.1)."""
    return f"{NAME}={id_}; Path=/; HttpOnly; SameSite=Lax{'' if id_ else '; Max-Age=0'}{_secure(request)}"


def attempt_of(request: web.Request) -> str:
    """The sealed attempt that the browser carries; empty for none."""
    sent = request.cookies.get(ATTEMPT, "")
    return sent if _ATTEMPT.match(sent) else ""


def attempt_cookie(request: web.Request, sealed: str) -> str:
    """The Set-Cookie of an attempt, which leads to the sign-in alone; an empty one takes it away."""
    age = 600 if sealed else 0
    return f"{ATTEMPT}={sealed}; Path=/desk/sign-in; HttpOnly; SameSite=Lax; Max-Age={age}{_secure(request)}"


def _secure(request: web.Request) -> str:
    proxied = request.headers.get("X-Forwarded-Proto", "") == "https"  # claimed at worst by the client
    return "; Secure" if request.secure or proxied else ""
