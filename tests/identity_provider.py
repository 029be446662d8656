"""A strict identity provider: whatever a client does otherwise than OpenID Connect says is refused and remembered.

It knows one client and the people that a test enters. A code is good once, for its redirect address and PKCE verifier;
refresh tokens change with each use, and one that is used twice ends them all. `change` alters the claims and the header
of the next ID token, `sign` the way in which it is signed.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "trunkline", "a client's secret: ü&="


def _key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@dataclass
class Known:
    """One person, and what the provider says of them."""

    subject: str
    claims: dict[str, Any] = field(default_factory=dict)
    gone: bool = False


class IdentityProvider:
    """The provider on a port of its own; `refused` tells what it did not take."""

    def __init__(self, redirect: str) -> None:
        self.redirect = redirect
        self.refused: list[str] = []
        self.refreshes = 0
        self.away = False
        self.secret = SECRET
        self.names_sessions = True
        self.keys: dict[str, RSAPrivateKey] = {"first": _key()}
        self.change: Callable[[dict[str, Any], dict[str, Any]], None] = lambda _claims, _header: None
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = self._signed
        self._codes: dict[str, dict[str, Any]] = {}
        self._refresh: dict[str, str] = {}
        self._spent: set[str] = set()
        self.people: dict[str, Known] = {}
        self.here = ""

    async def start(self) -> None:
        """Open a port."""
        application = web.Application()
        application.router.add_get("/.well-known/openid-configuration", self._document)
        application.router.add_get("/keys", self._jwks)
        application.router.add_get("/authorize", self._authorize)
        application.router.add_post("/token", self._token)
        self._server = TestServer(application)
        await self._server.start_server()
        self.issuer = str(self._server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        """Close it."""
        await self._server.close()

    def enter(self, subject: str, **claims: Any) -> Known:
        """A person, who is the one at the browser from now on."""
        self.people[subject] = Known(subject, {"email_verified": True, **claims})
        self.here = subject
        return self.people[subject]

    def rotate(self, name: str) -> None:
        """New keys; the old ones are no longer published."""
        self.keys = {name: _key()}

    def logout_token(self, **claims: Any) -> str:
        """What it would post when somebody signs out."""
        event = {"http://schemas.openid.net/event/backchannel-logout": {}}
        now = int(time.time())
        base = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8)}
        return self._signed({**base, "events": event, **claims}, {"kid": next(iter(self.keys))})

    def _signed(self, claims: dict[str, Any], header: dict[str, Any]) -> str:
        return jwt.encode(claims, next(iter(self.keys.values())), algorithm="RS256", headers=header)

    def public_key(self) -> dict[str, Any]:
        """Its first key, as it is published."""
        name, key = next(iter(self.keys.items()))
        return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig"}

    async def _document(self, _: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self.public_key()]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        needed = {"client_id": CLIENT, "response_type": "code", "redirect_uri": self.redirect}
        wrong = [name for name, value in needed.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge") if len(asked.get(name, "")) < 43]
        wrong += [] if asked.get("code_challenge_method") == "S256" else ["code_challenge_method"]
        wrong += [] if "openid" in asked.get("scope", "").split() else ["scope"]
        if wrong:
            return self._refuse(f"authorize: {', '.join(wrong)}")
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "subject": self.here}
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return web.Response(status=302, headers={"Location": f"{self.redirect}?{answer}"})

    async def _token(self, request: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        pair = base64.b64decode(given).decode() if scheme == "Basic" else ""
        if [unquote(part) for part in pair.split(":")] != [CLIENT, self.secret]:
            return self._refuse("token: the client's secret", "invalid_client", 401)
        form = {name: str(value) for name, value in (await request.post()).items()}
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeemed(form)
            case "refresh_token":
                return self._refreshed(form)
        return self._refuse("token: grant_type")

    def _redeemed(self, form: dict[str, str]) -> web.Response:
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None:
            return self._refuse("token: a code that is not known, or was used", "invalid_grant")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return self._refuse("token: verifier or redirect address", "invalid_grant")
        return self._granted(asked["subject"], asked["nonce"])

    def _refreshed(self, form: dict[str, str]) -> web.Response:
        self.refreshes += 1
        token = form.get("refresh_token", "")
        if token in self._spent:
            self._refresh.clear()
            return self._refuse("token: a refresh token that was used", "invalid_grant")
        subject = self._refresh.pop(token, "")
        self._spent.add(token)
        if not subject or self.people[subject].gone:
            return self._refuse("token: nobody's refresh token", "invalid_grant")
        return self._granted(subject, None)

    def _granted(self, subject: str, nonce: str | None) -> web.Response:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": subject,
            "iat": now,
            "exp": now + 300,
            **({"sid": f"s-{subject}"} if self.names_sessions else {}),
        }
        claims |= self.people[subject].claims | ({"nonce": nonce} if nonce else {})
        header: dict[str, Any] = {"kid": next(iter(self.keys))}
        self.change(claims, header)
        refresh = secrets.token_urlsafe(16)
        self._refresh[refresh] = subject
        granted = {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims, header)}
        return web.json_response({**granted, "refresh_token": refresh})

    def _refuse(self, why: str, error: str = "invalid_request", status: int = 400) -> web.Response:
        self.refused.append(why)
        return web.json_response({"error": error}, status=status)
