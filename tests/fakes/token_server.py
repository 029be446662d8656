"""A token server (RFC 6749) as strict as those of Google and Microsoft, whose access tokens Dovecot believes.

It knows one client, one refresh token at a time, one service account; what is wrong is answered with the error that the
standard has for it. `pending` are what it says first to a device code, `challenge` and `redirect` what a page was
asked with whose code is `the-code`. `rotates` gives another refresh token each time, `down` answers 503, `revoked`
refuses the grant.
"""

import base64
import hashlib
import time
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, CLIENT_SECRET, SCOPE = "trunkline", "the client secret", "https://mail.google.com/"
ACCOUNT = "desk@project.iam.example"


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """The public half."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class TokenServer:
    """Mounted at `/token` and `/devicecode`."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.signing = rsa.generate_private_key(65537, 2048)
        self.account_key = rsa.generate_private_key(65537, 2048)
        self.refresh_token = "refresh-1"
        self.rotates = self.down = self.revoked = False
        self.pending: list[str] = []
        self.challenge = self.redirect = ""
        self.lifetime = 3600
        self.bad_tokens = 0
        self.grants: list[str] = []
        self.url = ""

    def key_file(self) -> dict[str, Any]:
        """The key of the service account, as Google gives it."""
        return {"client_email": ACCOUNT, "private_key_id": "one", "private_key": _pem(self.account_key)}

    def application(self) -> web.Application:
        """To be served."""
        application = web.Application()
        application.router.add_post("/token", self._token)
        application.router.add_post("/devicecode", self._device)
        return application

    def access_token(self, user: str = "") -> str:
        """One that Dovecot believes."""
        now = int(time.time())
        claims = {
            "sub": user or self.user,
            "email": user or self.user,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self.signing, algorithm="RS256")

    async def _token(self, request: web.Request) -> web.Response:
        if self.down:
            return web.Response(status=503, text="try later")
        if request.content_type != "application/x-www-form-urlencoded":
            return _error("invalid_request", "the body is no form")
        form = dict(parse_qsl(await request.text(), strict_parsing=True))
        self.grants.append(form.get("grant_type", ""))
        error = self._refusal(form)
        if error:
            return error
        if self.bad_tokens:
            self.bad_tokens -= 1
            return web.json_response({"access_token": "not-a-token", "expires_in": 3600, "token_type": "Bearer"})
        answer = {"access_token": self.access_token(), "expires_in": self.lifetime, "token_type": "Bearer"}
        if form["grant_type"] in ("authorization_code", "urn:ietf:params:oauth:grant-type:device_code"):
            answer["refresh_token"] = self.refresh_token
        if self.rotates and form["grant_type"] == "refresh_token":
            number = int(self.refresh_token.rpartition("-")[2]) + 1
            self.refresh_token = f"refresh-{number}"
            answer["refresh_token"] = self.refresh_token
        return web.json_response(answer)

    async def _device(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl(await request.text(), strict_parsing=True))
        if form != {"client_id": CLIENT, "scope": SCOPE}:
            return _error("invalid_client", "somebody else")
        told = {"device_code": "the-device-code", "user_code": "ABCD-1234", "expires_in": 900, "interval": 5}
        return web.json_response({**told, "verification_uri": "https://provider.example/device"})

    def _device_refusal(self, form: dict[str, str]) -> web.Response | None:
        if (form.get("client_id"), form.get("device_code")) != (CLIENT, "the-device-code"):
            return _error("invalid_grant", "another code")
        return _error(self.pending.pop(0), "not yet") if self.pending else None

    def _code_refusal(self, form: dict[str, str]) -> web.Response | None:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        wanted = (self.challenge, self.redirect, "the-code")
        if (challenge.rstrip(b"=").decode(), form.get("redirect_uri"), form.get("code")) != wanted:
            return _error("invalid_grant", "Bad Request")
        return _client_refusal(form)

    def _refusal(self, form: dict[str, str]) -> web.Response | None:
        match form.get("grant_type"):
            case "refresh_token":
                return _scoped(form) or self._grant_refusal(form.get("refresh_token"))
            case "client_credentials":
                return _scoped(form) or self._grant_refusal(self.refresh_token)
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._device_refusal(form)
            case "authorization_code":
                return self._code_refusal(form)
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._assertion_refusal(form.get("assertion", ""))
        return _error("unsupported_grant_type", str(form.get("grant_type")))

    def _grant_refusal(self, token: str | None) -> web.Response | None:
        if self.revoked or token != self.refresh_token:
            return _error("invalid_grant", f"Token {token} has been expired or revoked.")
        return None

    def _assertion_refusal(self, assertion: str) -> web.Response | None:
        try:
            claims = jwt.decode(
                assertion,
                self.account_key.public_key(),
                algorithms=["RS256"],
                audience=self.url,
                issuer=ACCOUNT,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.PyJWTError as error:
            return _error("invalid_grant", str(error))
        if claims["exp"] - claims["iat"] > 3600 or claims["scope"] != SCOPE or claims["sub"] != self.user:
            return _error("invalid_grant", "wrong claims")
        return self._grant_refusal(self.refresh_token)


def _client_refusal(form: dict[str, str]) -> web.Response | None:
    if form.get("client_id") != CLIENT or form.get("client_secret") != CLIENT_SECRET:
        return _error("invalid_client", f"the secret {form.get('client_secret')} is wrong", status=401)
    return None


def _scoped(form: dict[str, str]) -> web.Response | None:
    return _client_refusal(form) or (None if form.get("scope") == SCOPE else _error("invalid_scope", "another scope"))


def _error(error: str, words: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error, "error_description": words}, status=status)
