"""What mailboxes and their servers are signed in to with: a password, or an access token of OAuth 2.

An access token is had by a refresh token (RFC 6749 section 6), as the application itself (section 4.4), or by an
assertion that the key of a service account signs (RFC 7523), and is used again until shortly before it expires. A
refresh token that comes with another one gives way to it, in the file of its secret; where the environment gives the
secret, the first one stays, for as long as the provider lets it. Secrets are read anew each time, so another one counts
without a restart. No error holds a secret or a token.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt

from ....config.errors import CredentialsRefused, DeliveryDeferred, Misconfigured, TrunklineError
from ....config.secret_store import Secrets
from ....web.vendor_api import ApiAnswer, VendorApi
from .mailbox_settings import MailboxSettings, client_secret_of, key_of
from .service_account import UnusableAccountError, read_account

EARLY_SECONDS = 120  # before it expires, a token is not used any more
SHORTEST_SECONDS = 60
ASSERTION_SECONDS = 3600

_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LATER = frozenset({"temporarily_unavailable", "slow_down", "server_error"})


@dataclass(frozen=True)
class Credential:
    """What one sign-in shows."""

    login: str
    secret: str = field(repr=False)
    bearer: bool = False
    """Whether the secret is an access token."""


class Access(Protocol):
    """The way to be let in by one mailbox."""

    async def credential(self, instead_of: Credential | None = None) -> Credential:
        """What to show now; another one than was just refused, where there is one.

        Raises CredentialsRefused, DeliveryDeferred, Misconfigured.
        """

    def mark(self) -> str:
        """The secrets that it stands on; another text when somebody has given others. Raises Misconfigured."""

    async def close(self) -> None:
        """Close connections."""


@dataclass(frozen=True)
class PasswordAccess:
    """A password, as it is now."""

    login: str
    password: Callable[[], str]

    async def credential(self, instead_of: Credential | None = None) -> Credential:  # noqa: ARG002
        """The password; there is no other one."""
        return Credential(self.login, self.password())

    def mark(self) -> str:
        """The password."""
        return self.password()

    async def close(self) -> None:
        """There is nothing to close."""


class TokenAccess:
    """Access tokens for one mailbox; `now` is in seconds since 1970."""

    def __init__(
        self, name: str, settings: MailboxSettings, secrets: Secrets, now: Callable[[], float] = time.time
    ) -> None:
        self._name = name
        self._settings = settings
        self._secrets = secrets
        self._now = now
        self._key = key_of(name, settings.sign_in)
        self._api = VendorApi("the token server", settings.tokens_at, judge=self._judged)
        self._hidden: Collection[str] = ()
        self._token: Credential | None = None
        self._until = 0.0
        self._given = self._renewed = ""
        self._turn = asyncio.Lock()

    async def credential(self, instead_of: Credential | None = None) -> Credential:
        """An access token."""
        async with self._turn:
            if self._token is None or self._token == instead_of or self._now() >= self._until:
                self._token = await self._asked()
            return self._token

    def mark(self) -> str:
        """What tokens are had by; a refresh token that was had with them is none that somebody gave."""
        key = self._secrets.get(self._key)
        return f"{self._given if key == self._renewed else key}\0{self._secrets.find(client_secret_of(self._name))}"

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()

    async def _asked(self) -> Credential:
        form = self._form()
        self._hidden = [form[name] for name in ("refresh_token", "client_secret", "assertion") if name in form]
        answer = await self._api.call("POST", "", form=form, repeatable=True, secrets=self._hidden)
        told = answer.json()
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise DeliveryDeferred("the token server gave no token")
        self._until = self._now() + max(SHORTEST_SECONDS, _seconds(told.get("expires_in")) - EARLY_SECONDS)
        another = told.get("refresh_token")
        if isinstance(another, str) and another not in ("", form.get("refresh_token")):
            self._keep(form.get("refresh_token", ""), another)
        return Credential(self._settings.login, token, bearer=True)

    def _keep(self, before: str, another: str) -> None:
        self._given = self._given if before == self._renewed else before
        self._renewed = another
        with suppress(OSError):  # the one before is still good
            self._secrets.renew(self._key, another)

    def _form(self) -> dict[str, str]:
        key, scope, client = self._secrets.get(self._key), self._settings.asked_scope, self._settings.client_id
        match self._settings.sign_in:
            case "service_account":
                return {"grant_type": _ASSERTION, "assertion": self._assertion(key, scope)}
            case "client_credentials":
                how = {"grant_type": "client_credentials", "client_secret": key}
            case _:
                secret = self._secrets.find(client_secret_of(self._name))
                how = {"grant_type": "refresh_token", "refresh_token": key}
                how |= {"client_secret": secret} if secret else {}
        return {**how, "client_id": client, "scope": scope}

    def _assertion(self, key: str, scope: str) -> str:
        now = int(self._now())
        try:
            account = read_account(key)
            claims: dict[str, str | int] = {"iss": account["client_email"], "sub": self._settings.login, "scope": scope}
            claims |= {"aud": self._settings.tokens_at, "iat": now, "exp": now + ASSERTION_SECONDS}
            headers = {"kid": account["private_key_id"]}
            return jwt.encode(claims, account["private_key"], algorithm="RS256", headers=headers)
        except (UnusableAccountError, jwt.PyJWTError) as error:
            where = self._secrets.position(self._key)
            found = str(error) if isinstance(error, UnusableAccountError) else "a key that signs nothing"
            words = f"{where}: not the key of a service account, the JSON file as Google gives it, but {found}"
            raise Misconfigured(words) from None

    def _judged(self, answer: ApiAnswer) -> TrunklineError | None:
        """RFC 6749 section 5.2: 400, or 401 for the client, with a word for the error."""
        told = answer.json()
        word = str(told.get("error", "")) if isinstance(told, dict) else ""
        if answer.status not in (400, 401, 403) or not word:
            return None
        words = self._plain(f"{word}: {told.get('error_description', '')}".rstrip(": "))
        if word in _LATER:
            return DeliveryDeferred(f"the token server puts it off: {words}", retry_after=answer.retry_after)
        return CredentialsRefused(f"the token server gives no token for the mailbox {self._name}: {words}")

    def _plain(self, words: str) -> str:
        for secret in self._hidden:
            words = words.replace(secret, "…")
        return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:300]


def access_to(name: str, settings: MailboxSettings, secrets: Secrets) -> Access:
    """The way into a mailbox as its settings have it."""
    if settings.sign_in == "password":
        return PasswordAccess(settings.login, lambda: secrets.get(key_of(name)))
    return TokenAccess(name, settings, secrets)


def _seconds(given: Any) -> int:
    return int(given) if isinstance(given, int | float) or str(given).isdigit() else 0
