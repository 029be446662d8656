"""Which pages may speak to a site: those of its allow-list, and our own.

Browsers name the origin of a page in `Origin` (RFC 6454 section 7) and let no script change it, so a page that is not
on the list cannot chat in its readers' name. Programs name none, or what they like; for them the caps are the fence.
"""

import re
from collections.abc import Iterable

from aiohttp import hdrs, web

from ...config.errors import Forbidden
from .refused_origins import RefusedOrigins

# As browsers write one: international names are in ASCII already, and the default port is left out.
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://((?:\*\.)?(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)\Z")


class Origins:
    """The allow-list of one site."""

    def __init__(self, allowed: Iterable[str], setting: str = "origins") -> None:
        """`setting` names the list to the operator."""
        allowed = tuple(allowed)
        self._refused = RefusedOrigins(setting)
        self._exact = frozenset(origin for origin in allowed if "*" not in origin)
        self._below = tuple(_parts(origin) for origin in allowed if "*" in origin)

    def allows(self, origin: str, host: str) -> bool:
        """Whether pages of this origin may; `host` is the one that the request was sent to."""
        origin = origin.lower()
        scheme, rest = _parts(origin)
        if not rest:
            return False
        if rest == host.lower() and scheme in ("http", "https"):
            return True
        return origin in self._exact or any(
            scheme == wanted and rest.endswith(suffix) and len(rest) > len(suffix) for wanted, suffix in self._below
        )

    def demand(self, request: web.Request) -> str:
        """The origin of the request; empty when it names none. Raises Forbidden, and lets the operator know."""
        named = request.headers.getall(hdrs.ORIGIN, [])
        if not named:
            return ""
        if len(named) > 1 or not self.allows(named[0], request.host):
            self._refused.seen(", ".join(named))
            raise Forbidden("pages of this origin may not show this chat")
        return named[0]


def _parts(origin: str) -> tuple[str, str]:
    """Scheme, and host with port; the star of `https://*.shop.example` leaves `.shop.example`."""
    match = _ORIGIN.match(origin)
    return (match[1], match[2].removeprefix("*")) if match else ("", "")
