"""The access token of an account: had by the AppSecret, good for two hours, one for all processes.

It lies in the engine, sealed with a key from the AppSecret, until shortly before it expires. It is had by WeChat's
"stable" call, which gives everybody the same one while it is good; so processes that ask side by side do each other no
harm, and another program with the same AppSecret does us none. Where WeChat refuses a token and gives the same one
again, one of them has it made anew, which WeChat allows twenty times a day: at most once in `FORCED_MS`, and when that
failed again after `FAILED_MS`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from ...config.errors import AccountUnavailable
from ...config.sealing import Seal
from ...queue.connection import Engine
from ...web.vendor_api import VendorApi
from .refusals import TOKEN_CODES, WRONG_SECRET, code_of, refused
from .settings import CHANNEL

PATH = "/cgi-bin/stable_token"
EARLY_SECONDS = 300  # in which WeChat gives another one already, and takes both
SHORTEST_SECONDS = 60
FORCED_MS = 2 * 3600 * 1000
FAILED_MS = 30_000
AGAIN_SECONDS = 30


class Token(Protocol):
    """What requests show."""

    async def get(self) -> str:
        """The one of now. Raises AccountUnavailable, CredentialsRefused."""

    async def another(self, instead_of: str) -> str:
        """Another one than WeChat has just refused. Raises AccountUnavailable, CredentialsRefused."""


class AskedToken:
    """Asked of WeChat each time."""

    def __init__(self, api: VendorApi, app_id: str, secret: str) -> None:
        self._api = api
        self._app_id = app_id
        self._secret = secret

    async def get(self) -> str:
        """The one of now."""
        return (await self.asked())[0]

    async def another(self, instead_of: str) -> str:  # noqa: ARG002
        """The one of now: what asks each time has no older one."""
        return await self.get()

    async def asked(self, *, force: bool = False) -> tuple[str, int]:
        """A token, and for how many seconds it is good. Raises AccountUnavailable, CredentialsRefused."""
        asked = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        content = {**asked, "force_refresh": force}
        answer = await self._api.call("POST", PATH, content=content, repeatable=True, secrets=(self._secret,))
        told = answer.json()
        if code := code_of(told):
            raise refused({**told, "errcode": WRONG_SECRET if code in TOKEN_CODES else code})
        return _token_in(told)


class KeptToken:
    """Kept in the engine for all processes."""

    def __init__(self, engine: Engine, account: str, source: AskedToken, secret: str) -> None:
        self._engine = engine
        self._key, self._forced = (engine.keys(CHANNEL, each, account) for each in ("token", "forced"))
        self._source = source
        self._seal = Seal(secret, f"access token of WeChat {account}")
        self._turn = asyncio.Lock()

    async def get(self) -> str:
        """The one that is kept, else a new one."""
        if kept := await self._kept():
            return kept
        async with self._turn:
            return await self._kept() or await self._asked()

    async def another(self, instead_of: str) -> str:
        """The one that somebody else has had since; else what WeChat gives, made anew where it is the same."""
        async with self._turn:
            kept = await self._kept()
            if kept and kept != instead_of:
                return kept
            given = await self._asked()
            return given if given != instead_of else await self._made_anew()

    async def _made_anew(self) -> str:
        if not await self._engine.call("SET", self._forced, "1", "NX", "PX", FAILED_MS):
            await self._engine.call("DEL", self._key)
            raise AccountUnavailable("WeChat refuses the access token that it gives", retry_after=AGAIN_SECONDS)
        token = await self._asked(force=True)
        await self._engine.call("SET", self._forced, "1", "PX", FORCED_MS)
        return token

    async def _asked(self, *, force: bool = False) -> str:
        token, seconds = await self._source.asked(force=force)
        good = max(SHORTEST_SECONDS, seconds - EARLY_SECONDS)
        await self._engine.call("SET", self._key, self._seal.seal(token), "PX", good * 1000)
        return token

    async def _kept(self) -> str:
        sealed = await self._engine.call("GET", self._key)
        return (self._seal.open(sealed.decode("ascii", "replace")) or "") if sealed else ""


def _token_in(told: Any) -> tuple[str, int]:
    """Raises AccountUnavailable when there is none."""
    given: Mapping[str, Any] = told if isinstance(told, dict) else {}
    token, seconds = given.get("access_token"), given.get("expires_in")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise AccountUnavailable("WeChat gave no access token")
    return token, seconds if isinstance(seconds, int) else 0
