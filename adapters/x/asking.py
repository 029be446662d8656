"""X is asked about its accounts: whose the token is and what it may do, where X posts to, and what it posts of them.

GET /2/users/me, GET /2/webhooks, and the subscriptions of the Account Activity API and of the X Activity API. The last
three are asked in the name of the app, with a token that X gives for its key and secret (POST /oauth2/token).
"""

import base64
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from ...config.secret_store import Secrets
from ...web.vendor_api import ApiAnswer, VendorApi
from ..findings import Finding, findings_of
from .api import XApi, data_of
from .oauth import Credentials
from .refusals import judge
from .settings import CHANNEL, XSettings, access_token, api_key, api_key_secret, token_secret

_CONSOLE = "the developer console of X"
_WANTED = {"dm.received": "direct messages", "post.mention.create": "mentions"}
_UNASKED = (400, 401, 403, 404)


async def ask(section: XSettings, secrets: Secrets) -> Sequence[Finding]:
    """What X says of each account."""
    found = list[Finding]()
    for name in section.root:
        remedy = (
            f"make the access token anew at {_CONSOLE}, and write it into the secrets {access_token(name).name} and "
            f"{token_secret(name).name}; API key and secret are {api_key(section.app_of(name)).name} and "
            f"{api_key_secret(section.app_of(name)).name}"
        )
        found += await findings_of(name, partial(_asked, section, name, secrets), remedy=remedy)
    return found


async def _asked(section: XSettings, account: str, secrets: Secrets) -> Sequence[Finding]:
    asking = _Asking(section, account, credentials_of(section, account, secrets.get))
    try:
        return await asking.found()
    finally:
        await asking.close()


def credentials_of(section: XSettings, account: str, secret_of: Any) -> Credentials:
    """Of an account and its app. Raises Misconfigured when a secret is missing."""
    app = section.app_of(account)
    return Credentials(
        key=secret_of(api_key(app)),
        key_secret=secret_of(api_key_secret(app)),
        token=secret_of(access_token(account)),
        token_secret=secret_of(token_secret(account)),
    )


class _Asking:
    def __init__(self, section: XSettings, account: str, credentials: Credentials) -> None:
        settings = section.root[account]
        self._account, self._id, self._posts = account, settings.id, settings.posts
        app = section.app_of(account)
        self._addresses = tuple(f"/v1/{CHANNEL}/{name}" for name in section.root if section.app_of(name) == app)
        self._credentials = credentials
        self._api = XApi(settings.api, credentials)
        self._app = VendorApi("X", settings.api, judge=judge)
        self._bearer = ""

    async def found(self) -> Sequence[Finding]:
        answer = await self._api.get("/2/users/me")
        found = [*self._whose(data_of(answer)), *self._allowed(answer)]
        self._bearer = await self._app_token()
        told = await self._asked("/2/webhooks")
        if told.status >= 300:
            words = f"X does not say where it posts to: {told.words((self._bearer,))}"
            return [
                *found,
                Finding(self._account, "webhook", "wrong", words, "does the app's plan have webhooks?"),
            ]
        hooks = [each for each in _listed(told) if self._is_ours(each)]
        if not hooks:
            words = f"X posts nowhere that ends with {self._addresses[0]}"
            remedy = f"register the address there: https://…{self._addresses[0]} (docs/channels/x.md says how)"
            return [*found, Finding(self._account, "webhook", "wrong", words, remedy)]
        hook = next((each for each in hooks if each.get("valid")), hooks[0])
        return [*found, self._placed(hook), await self._subscribed(str(hook.get("id") or ""))]

    async def close(self) -> None:
        await self._api.close()
        await self._app.close()

    def _whose(self, me: Mapping[str, Any]) -> Sequence[Finding]:
        named = f"@{me.get('username', '')}"
        if str(me.get("id")) == self._id:
            return [Finding(self._account, "credentials", "good", f"the access token is that of {named}")]
        words = f"the access token is that of {named}, which has the id {me.get('id')}, and not {self._id}"
        return [Finding(self._account, "credentials", "wrong", words, "write that id, or take the other token")]

    def _allowed(self, answer: ApiAnswer) -> Sequence[Finding]:
        """X tells with each answer what the token may do; where it does not, nothing is said."""
        level = answer.headers.get("x-access-level", "")
        if not level or "directmessages" in level:
            return []
        remedy = f"give the app Read, write and direct messages at {_CONSOLE}, and make the access token anew then"
        return [Finding(self._account, "permissions", "wrong", f"the access token may {level}", remedy)]

    async def _app_token(self) -> str:
        key, secret = (quote(each, safe="") for each in (self._credentials.key, self._credentials.key_secret))
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        answer = await self._app.call(
            "POST",
            "/oauth2/token",
            headers={"Authorization": f"Basic {basic}"},
            form={"grant_type": "client_credentials"},
            repeatable=True,
            secrets=(basic, self._credentials.key_secret),
        )
        told = answer.json()
        return str(told.get("access_token") or "") if isinstance(told, dict) else ""

    async def _asked(self, path: str) -> ApiAnswer:
        headers = {"Authorization": f"Bearer {self._bearer}"}
        return await self._app.call(
            "GET", path, headers=headers, repeatable=True, also=_UNASKED, secrets=(self._bearer,)
        )

    def _is_ours(self, hook: Mapping[str, Any]) -> bool:
        return urlsplit(str(hook.get("url") or "")).path.endswith(self._addresses)

    def _placed(self, hook: Mapping[str, Any]) -> Finding:
        url = str(hook.get("url") or "")
        if hook.get("valid"):
            return Finding(self._account, "webhook", "good", f"X posts to {url}")
        words = f"X posts to {url} no more, because its challenge was not answered rightly"
        remedy = f"with the gateway running, have X ask again: PUT /2/webhooks/{hook.get('id')}"
        return Finding(self._account, "webhook", "wrong", words, remedy)

    async def _subscribed(self, hook: str) -> Finding:
        """Whether X tells of the account there, by either of its ways."""
        path = f"/2/account_activity/webhooks/{quote(hook, safe='')}/subscriptions/all"
        if data_of(await self._api.get(path, also=_UNASKED)).get("subscribed") is True:
            return Finding(self._account, "subscription", "good", "X tells there of all that happens to the account")
        told = _listed(await self._asked("/2/activity/subscriptions"))
        heard = {each.get("event_type") for each in told if self._is_subscription(each, hook)}
        wanted = [name for name in _WANTED if name.startswith("dm.") or self._posts != "none"]
        missing = [name for name in wanted if name not in heard]
        if not missing:
            words = f"X tells there of {', '.join(sorted(str(each) for each in heard))}"
            return Finding(self._account, "subscription", "good", words)
        words = f"X does not tell there of {' and '.join(_WANTED[name] for name in missing)}"
        remedy = f"subscribe the account: {path} or {', '.join(missing)} (docs/channels/x.md says how)"
        return Finding(self._account, "subscription", "wrong", words, remedy)

    def _is_subscription(self, told: Mapping[str, Any], hook: str) -> bool:
        about = told.get("filter")
        who = str(about.get("user_id")) if isinstance(about, dict) else ""
        return who == self._id and str(told.get("webhook_id") or hook) == hook


def _listed(answer: ApiAnswer) -> list[Mapping[str, Any]]:
    body = answer.json()
    data = body.get("data") if isinstance(body, dict) and answer.status < 300 else None
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
