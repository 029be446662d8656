"""LINE is asked about its accounts: the access token, where it posts to, and whether that answers.

"Get bot info", "Get webhook endpoint information" and "Test webhook endpoint" of the Messaging API; the last has LINE
post to us once, without an event, and tell how it was answered.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ...config.secret_store import Secrets
from ...web.vendor_api import VendorApi
from ..address_asking import asked_for_files
from ..findings import Finding, findings_of
from .settings import LineSettings, access_token

_CONSOLE = "the LINE Developers Console, Messaging API"
_ENDPOINT = "/v2/bot/channel/webhook/endpoint"


async def ask(section: LineSettings, secrets: Secrets) -> Sequence[Finding]:
    """What LINE says of each account."""
    found = list[Finding]()
    for name, settings in section.root.items():
        remedy = f"issue a long-lived token at {_CONSOLE}, and write it into the secret {access_token(name).name}"
        work = partial(_asked, settings.api, name, secrets)
        found += await findings_of(name, work, remedy=remedy)
        found.append(await asked_for_files(name, f"channels.line.{name}.address", settings.address))
    return found


async def _asked(base: str, account: str, secrets: Secrets) -> Sequence[Finding]:
    token = secrets.get(access_token(account))
    api = VendorApi("LINE", base)
    try:
        return await _found(api, account, token)
    finally:
        await api.close()


async def _found(api: VendorApi, account: str, token: str) -> Sequence[Finding]:
    async def call(method: str, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        content = dict[str, str]() if method == "POST" else None
        answer = await api.call(
            method, path, headers=headers, content=content, repeatable=True, also=(404,), secrets=(token,)
        )
        told = answer.json()
        return told if isinstance(told, dict) else {}

    about = await call("GET", "/v2/bot/info")
    name = f"{about.get('displayName', '')} ({about.get('basicId', '')})"
    found = [Finding(account, "credentials", "good", f"the access token is that of {name}")]
    there = await call("GET", _ENDPOINT)
    place = _placed(account, str(there.get("endpoint") or ""), active=there.get("active") is True)
    if place.level != "good":
        return [*found, place]
    return [*found, place, _tried(account, await call("POST", "/v2/bot/channel/webhook/test"))]


def _placed(account: str, url: str, *, active: bool) -> Finding:
    """Whether LINE posts to the address of the account."""
    path = f"/v1/line/{account}"
    if not url:
        return Finding(account, "webhook", "wrong", "LINE posts nowhere", f"set the Webhook URL at {_CONSOLE}: …{path}")
    if not urlsplit(url).path.endswith(path):
        return Finding(account, "webhook", "wrong", f"LINE posts to {url}", f"at {_CONSOLE} it should end with {path}")
    if not active:
        return Finding(account, "webhook", "wrong", "it is switched off", f"switch on Use webhook at {_CONSOLE}")
    return Finding(account, "webhook", "good", f"LINE posts to {url}")


def _tried(account: str, told: dict[str, Any]) -> Finding:
    """What became of the post by which LINE tried it."""
    if told.get("success") is True:
        return Finding(account, "a post of LINE", "good", "it was answered as LINE wants it")
    words = " ".join(str(told.get(name) or "") for name in ("statusCode", "reason", "detail")).strip()
    remedy = "is the gateway running, its certificate known to browsers, and the channel secret that of the account?"
    return Finding(account, "a post of LINE", "wrong", words or "it was not answered", remedy)
