"""Bearer tokens and what they allow (RFC 6750).

A token is random and is known to us only by its SHA-256, so a copy of the store opens nothing and a look-up tells
nothing about other tokens by the time it takes. The store is handed in; `KnownTokens` holds a few in memory (the admin
token), `FirstOf` asks several. `admin` allows everything, `audit` to read everything. A principal may be bound to an
agent: what it does, it does as that agent.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from aiohttp import hdrs, web

from ..config.errors import Forbidden, Unauthenticated

Scope = Literal["tickets:read", "tickets:write", "agents:read", "agents:write", "feed:read", "audit", "admin"]

SCOPES: tuple[str, ...] = get_args(Scope)

# RFC 6750 section 2.1: b64token; the scheme's name is case-insensitive (RFC 9110 section 11.1)
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,512}=*)\Z", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who calls: a name for the record, what it may do, and the agent it speaks for."""

    name: str
    scopes: frozenset[str]
    agent: str | None = None
    groups: frozenset[str] = frozenset()
    """What an identity provider says of groups; empty for tokens."""

    def may(self, scope: str, *, reading: bool = False) -> bool:
        """Whether the scope is among what it was given; `reading` says that nothing would be changed."""
        return scope in self.scopes or "admin" in self.scopes or (reading and "audit" in self.scopes)


class Tokens(Protocol):
    """Where tokens are looked up."""

    async def principal(self, digest: str) -> Principal | None:
        """Whose token has this digest; None when nobody's."""


def digest_of(token: str) -> str:
    """The form in which a token is kept: hex SHA-256. It is random, so it needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A fresh token: 256 bits, with a mark by which scanners for leaked secrets can know it."""
    return f"tlk_{secrets.token_urlsafe(32)}"


class KnownTokens:
    """A handful of tokens held in memory; every one is compared, each in constant time."""

    def __init__(self, tokens: Mapping[str, Principal]) -> None:
        self._principals = [(digest_of(token), principal) for token, principal in tokens.items()]

    async def principal(self, digest: str) -> Principal | None:
        """Whose token has this digest."""
        found = None
        for known, principal in self._principals:
            if hmac.compare_digest(known, digest):
                found = principal
        return found


class FirstOf:
    """Several places, asked in turn."""

    def __init__(self, places: Iterable[Tokens]) -> None:
        self._places = tuple(places)

    async def principal(self, digest: str) -> Principal | None:
        """Whose token has this digest, by the first place that knows it."""
        for place in self._places:
            if (principal := await place.principal(digest)) is not None:
                return principal
        return None


async def authenticate(request: web.Request, tokens: Tokens) -> Principal:
    """Who sends this request. Raises Unauthenticated."""
    header = request.headers.getall(hdrs.AUTHORIZATION, [])
    if not header:
        raise Unauthenticated("this needs a bearer token")
    match = _BEARER.match(header[0]) if len(header) == 1 else None
    principal = await tokens.principal(digest_of(match[1])) if match else None
    if principal is None:
        raise Unauthenticated("the bearer token is not known", challenge='Bearer error="invalid_token"')
    return principal


def demand(principal: Principal, scope: str, *, reading: bool = False) -> None:
    """Refuse a principal that was not given the scope. Raises Forbidden."""
    if not principal.may(scope, reading=reading):
        raise Forbidden(f"the token does not have the scope {scope}")
