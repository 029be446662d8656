"""Having a person let us into their mailbox, for which the provider gives a refresh token.

Microsoft has device codes (RFC 8628): the person opens a page on any machine and types a code there. Google gives none
for mail, so there it is an authorization code with PKCE (RFC 7636): the person opens an address, agrees, and gives us
the address of the page that their browser is sent to, on which nothing is, and which has the code. What is had is kept
as the secret of the mailbox. Raises Misconfigured for what the operator has to mend, CredentialsRefused when the
person or the provider says no.
"""

import asyncio
import base64
import hashlib
import secrets as randomness
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from ....config.errors import CredentialsRefused, Misconfigured, TrunklineError
from ....config.secret_store import Secrets, variable
from ....web.vendor_api import ApiAnswer, VendorApi
from .mailbox_settings import MailboxSettings, client_secret_of, key_of

AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
REDIRECT = "http://127.0.0.1:53682/"  # the person's own machine, where nothing listens

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_SHORTEST, _LONGEST = 1, 60  # seconds between two questions
_WAITING = {"authorization_pending": 0, "slow_down": 5}

Tell = Callable[[str], None]
Ask = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Connecting:
    """Connects one mailbox; `tell` and `ask` are the person."""

    name: str
    settings: MailboxSettings
    secrets: Secrets
    tell: Tell
    ask: Ask
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> None:
        """Walk the person through it; the refresh token is kept when it returns."""
        if self.settings.sign_in != "refresh_token":
            self.tell(_STEPS[self.settings.sign_in].format(file=self._file))
            return
        place = variable(key_of(self.name).name)
        if str(self.secrets.position(key_of(self.name))) == place:
            raise Misconfigured(f"{place} gives the secret of the mailbox {self.name}: take it away, and connect again")
        api = VendorApi("the provider", self._base, judge=_judged)
        try:
            told = await (self._by_address(api) if self.settings.provider == "google" else self._by_code(api))
        finally:
            await api.close()
        token = told.get("refresh_token")
        if not isinstance(token, str) or not token.strip():
            raise CredentialsRefused("the provider gave no refresh token; take our access away there and connect again")
        self.secrets.renew(key_of(self.name), token)
        self.tell(f"The mailbox {self.name} is connected; its refresh token is kept in {self._file}.")

    @property
    def _file(self) -> str:
        return str(self.secrets.position(key_of(self.name)))

    @property
    def _base(self) -> str:
        return self.settings.tokens_at.rpartition("/")[0]

    @property
    def _last(self) -> str:
        return "/" + self.settings.tokens_at.rpartition("/")[2]

    async def _by_code(self, api: VendorApi) -> Mapping[str, Any]:
        client = {"client_id": self.settings.client_id}
        begun = await _posted(api, "/devicecode", {**client, "scope": self.settings.asked_scope})
        where, code = str(begun.get("verification_uri", "")), str(begun.get("user_code", ""))
        self.tell(f"Open {where} and type the code {code}. Sign in there as {self.settings.login} and agree.")
        pause, left = _between(begun.get("interval"), 5), float(begun.get("expires_in") or 900)
        asked = {**client, "grant_type": _DEVICE, "device_code": str(begun.get("device_code", ""))}
        while left > 0:
            await self.sleep(pause)
            left -= pause
            told = await _posted(api, self._last, asked, also=(400,))
            error = str(told.get("error", ""))
            if not error:
                return told
            if error not in _WAITING:
                raise CredentialsRefused(f"the provider says no: {error}")
            pause = _between(pause + _WAITING[error], 5)
        raise CredentialsRefused("nobody agreed in time; connect again")

    async def _by_address(self, api: VendorApi) -> Mapping[str, Any]:
        """The secret of the application is asked for first: nobody should agree in vain."""
        client = {"client_id": self.settings.client_id, "client_secret": self.secrets.get(client_secret_of(self.name))}
        verifier, state = randomness.token_urlsafe(48), randomness.token_urlsafe(24)
        self.tell(f"Open this address, sign in as {self.settings.login} and agree:\n\n{self._page(verifier, state)}\n")
        self.tell(
            f"Your browser is then sent to an address that begins with {REDIRECT}, and shows that nothing is there."
        )
        given = parse_qs(urlsplit(self.ask("Copy that whole address here").strip()).query)
        if not randomness.compare_digest("".join(given.get("state", [])).encode(), state.encode()):
            raise CredentialsRefused("that is not the address that this request led to; connect again")
        if error := "".join(given.get("error", [])):
            raise CredentialsRefused(f"the provider says no: {error[:100]}")
        form = {"grant_type": "authorization_code", "code": "".join(given.get("code", [])), "redirect_uri": REDIRECT}
        return await _posted(api, self._last, {**form, **client, "code_verifier": verifier})

    def _page(self, verifier: str, state: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self.settings.client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": self.settings.asked_scope,
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": self.settings.login,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{AUTHORIZE}?{urlencode(query)}"


_STEPS = {
    "password": "Make an app password for the mailbox at its provider, and write it into {file} (mode 0600).",
    "client_credentials": "At entra.microsoft.com, register an application; give it the application permissions "
    "IMAP.AccessAsApp and SMTP.SendAsApp of Office 365 Exchange Online, with the consent of an administrator; let it "
    "into the mailbox (New-ServicePrincipal, then Add-MailboxPermission); make a client secret, and write it into "
    "{file} (mode 0600).",
    "service_account": "At console.cloud.google.com, make a service account and a key for it in JSON, and write that "
    "file to {file} (mode 0600). At admin.google.com, under Security, API controls, Domain-wide delegation, give its "
    "client id the scope https://mail.google.com/.",
}


async def _posted(api: VendorApi, path: str, form: Mapping[str, str], also: tuple[int, ...] = ()) -> Mapping[str, Any]:
    hidden = [form[name] for name in ("code", "client_secret", "device_code", "code_verifier") if name in form]
    answer = await api.call("POST", path, form=dict(form), repeatable=True, also=also, secrets=hidden)
    told = answer.json()
    return told if isinstance(told, dict) else {}


def _judged(answer: ApiAnswer) -> TrunklineError | None:
    told = answer.json()
    word = str(told.get("error", "")) if isinstance(told, dict) else ""
    return CredentialsRefused(f"the provider says no: {word[:100]}") if answer.status in (400, 401) and word else None


def _between(given: Any, otherwise: int) -> float:
    seconds = given if isinstance(given, int | float) else otherwise
    return float(min(max(seconds, _SHORTEST), _LONGEST))
