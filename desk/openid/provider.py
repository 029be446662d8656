"""The identity provider over HTTP: its discovery document, its keys, and its token endpoint.

The document and the keys are read when they are first needed and kept for an hour; keys are read again for a token
whose key is not known, at most once in `AGAIN` seconds, so the provider can change them at any time. Requests go only
where the document of the configured issuer says, over https (http to this machine alone), without redirects, with
limits of time and size, and to public addresses unless the configuration says otherwise.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import ClientError, ClientTimeout

from ...config.errors import Fault, Temporary, Unauthenticated
from ...config.sign_in_settings import SignInSettings
from ...web.egress import guarded_session
from .id_token import Person, SignOut, UnknownKey, person_of, signed_out

log = structlog.get_logger()

KEEP_MS = 60 * 60 * 1000
AGAIN_MS = 30 * 1000
SIZE = 512 * 1024
_TIMEOUT = ClientTimeout(total=10)
_OPERATORS = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")
"""Errors of RFC 6749 section 5.2 that are about the client, not about who is signed in."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ProviderAway(Temporary):
    """The identity provider does not answer, or answers what nobody can read."""

    fault: ClassVar[Fault] = "channel"
    code = "provider_away"
    public = "the identity provider does not answer as it should; please try again"


class ClientRefused(ProviderAway):
    """The provider does not take this desk's id or secret, or what it asks for: a setting is wrong, not a person."""

    fault = "operator"
    code = "client_refused"
    public = "the identity provider does not accept this desk; whoever runs it has to look at its client secret"


class GrantRefused(Unauthenticated):
    """The provider says that a code or a refresh token is not good, or not any more."""

    code = "grant_refused"
    public = "the identity provider refused the sign-in; please try again"


@dataclass(frozen=True)
class Endpoints:
    """What the discovery document says."""

    authorization: str
    token: str
    keys: str
    names_issuer: bool
    """Whether it says with each code who gave it (RFC 9207)."""
    secret_in_body: bool


@dataclass(frozen=True)
class Granted:
    """What the token endpoint answered."""

    id_token: str
    refresh: str


@dataclass
class _Known:
    endpoints: Endpoints
    keys: Sequence[Mapping[str, Any]]
    at: int


class Provider:
    """One provider, as the configuration names it."""

    def __init__(self, settings: SignInSettings, secret: str, now: Callable[[], int]) -> None:
        self.settings = settings
        self._secret = secret
        self._now = now
        self._known: _Known | None = None
        self._lock = asyncio.Lock()

    async def endpoints(self) -> Endpoints:
        """Where to ask. Raises ProviderAway."""
        return (await self._read()).endpoints

    async def redeem(self, code: str, verifier: str) -> Granted:
        """What a code is good for. Raises GrantRefused, ClientRefused, ProviderAway."""
        asked = {"code": code, "redirect_uri": self.settings.callback, "code_verifier": verifier}
        return await self._grant({"grant_type": "authorization_code", **asked})

    async def refresh(self, token: str) -> Granted:
        """The same for a refresh token; a new one is among the answer where the provider changes them."""
        return await self._grant({"grant_type": "refresh_token", "refresh_token": token})

    async def person(self, id_token: str, *, nonce: str | None) -> Person:
        """Whom a token is about. Raises BadToken, ProviderAway."""
        known = await self._read()
        try:
            return person_of(id_token, known.keys, self.settings, nonce=nonce)
        except UnknownKey:
            known = await self._read(beyond=known)
            return person_of(id_token, known.keys, self.settings, nonce=nonce)

    async def signed_out(self, logout_token: str) -> SignOut:
        """Whose sign-ins a logout token ends. Raises BadToken, ProviderAway."""
        known = await self._read()
        try:
            return signed_out(logout_token, known.keys, self.settings)
        except UnknownKey:
            known = await self._read(beyond=known)
            return signed_out(logout_token, known.keys, self.settings)

    async def _grant(self, asked: Mapping[str, str]) -> Granted:
        endpoints = await self.endpoints()
        fields, headers = dict(asked), {"Accept": "application/json"}
        if endpoints.secret_in_body:
            fields |= {"client_id": self.settings.client_id, "client_secret": self._secret}
        else:  # RFC 6749 section 2.3.1: both are encoded as in a form first
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        status, answer = await self._ask("POST", endpoints.token, fields, headers)
        if status in (400, 401, 403) and (error := str(answer.get("error") or "")[:100]):
            raise _refusal(error)
        id_token, refresh = answer.get("id_token"), answer.get("refresh_token")
        if status != 200:
            raise ProviderAway(f"the token endpoint answers {status}")
        return Granted(id_token if isinstance(id_token, str) else "", refresh if isinstance(refresh, str) else "")

    async def _read(self, beyond: _Known | None = None) -> _Known:
        """What is known; read again when it is old, or when it is the one beyond which somebody must look."""
        async with self._lock:
            known, now = self._known, self._now()
            if known is not None and now - known.at < (AGAIN_MS if beyond is known else KEEP_MS):
                return known
            endpoints = await self._discovered()
            status, answer = await self._ask("GET", endpoints.keys)
            keys = answer.get("keys")
            if status != 200 or not isinstance(keys, list):
                raise ProviderAway("its keys cannot be read")
            self._known = _Known(endpoints, [key for key in keys if isinstance(key, dict)], now)
            return self._known

    async def _discovered(self) -> Endpoints:
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        status, document = await self._ask("GET", address)
        if status != 200 or document.get("issuer") != self.settings.issuer:
            raise ProviderAway(f"{address} is not the document of {self.settings.issuer}")
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Endpoints(
            authorization=_secure(document.get("authorization_endpoint")),
            token=_secure(document.get("token_endpoint")),
            keys=_secure(document.get("jwks_uri")),
            names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
            secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
        )

    async def _ask(
        self,
        method: str,
        address: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object. Raises ProviderAway."""
        private = self.settings.allow_private or urlsplit(self.settings.issuer).hostname in _LOOPBACK
        try:
            async with (
                guarded_session(allow_private=private, timeout=_TIMEOUT) as session,
                session.request(method, address, data=fields, headers=headers, allow_redirects=False) as response,
            ):
                body = bytearray()
                while (chunk := await response.content.readany()) and len(body) <= SIZE:
                    body += chunk
                answer = json.loads(body[: SIZE + 1]) if body else {}
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise ProviderAway(f"{address}: {error or type(error).__name__}") from error
        return response.status, answer if isinstance(answer, dict) else {}


def _refusal(error: str) -> ClientRefused | GrantRefused:
    """What an error of the token endpoint means: the desk is not taken, or what it brought of somebody is not good."""
    if error in _OPERATORS:
        log.error("the identity provider does not accept this desk", action="client_refused", error=error)
        return ClientRefused(f"{error}: look at sign_in.client_id and the client secret (TRUNKLINE_SECRET_SIGN_IN)")
    log.warning("the identity provider refuses", action="grant_refused", error=error)
    return GrantRefused(error)


def _secure(address: object) -> str:
    """An address of the document, when it may be asked. Raises ProviderAway."""
    parts = urlsplit(address if isinstance(address, str) else "")
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.hostname and (parts.scheme == "https" or plain):
        return str(address)
    raise ProviderAway(f"its document names no usable address: {str(address)[:100]}")
