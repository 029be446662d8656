"""Visitor tokens: who a visitor is, signed by us, kept by their browser.

A token carries the visitor's id and the time until which it is good; the site is part of what is signed, so a token of
one site is none at another. Ids are 128 random bits for visitors whom we do not know; those of people whom their page
signs in begin with `u_`, and their tokens end with the identity that they rest on.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from .close_codes import Unproven

DAY_MS = 86_400_000
LIFETIME_MS = 400 * DAY_MS
RENEWED_AFTER_MS = 30 * DAY_MS

SIGNED = "u_"

_TOKEN = re.compile(r"((?:u_)?[0-9a-f]{32})\.([0-9]{1,14})\.([0-9]{1,14})\.([A-Za-z0-9_-]{43})\Z")


@dataclass(frozen=True)
class VisitorToken:
    """What a token says."""

    visitor: str
    issued: int
    until: int

    @property
    def signed(self) -> bool:
        """Whether it rests on an identity that a page has signed."""
        return self.visitor.startswith(SIGNED)


def new_visitor() -> str:
    """The id of somebody new."""
    return secrets.token_hex(16)


def issue(key: bytes, site: str, visitor: str, now: int, *, until: int | None = None) -> str:
    """A token for this visitor; without an end of its own it is good for 400 days."""
    head = f"{visitor}.{now}.{now + LIFETIME_MS if until is None else until}"
    return f"{head}.{_mark(key, site, head)}"


def read(key: bytes, site: str, now: int, token: str) -> VisitorToken:
    """What the token says. Raises Unproven when it is not ours, not of this site, or stale."""
    match = _TOKEN.match(token)
    if match is None or not hmac.compare_digest(_mark(key, site, token.rpartition(".")[0]), match[4]):
        raise Unproven("this visitor token is not one of ours")
    found = VisitorToken(visitor=match[1], issued=int(match[2]), until=int(match[3]))
    if now >= found.until:
        raise Unproven("the visitor token has run out")
    return found


def _mark(key: bytes, site: str, head: str) -> str:
    mark = hmac.digest(key, f"trunkline visitor\0{site}\0{head}".encode(), "sha256")
    return urlsafe_b64encode(mark).rstrip(b"=").decode()
