"""WeChat is asked about its accounts: the AppSecret, whether answers may be sent, and whether our address is reached.

"Query the quota of an API" tells whether and how often customer service messages may be sent today, "Network detection"
resolves and pings the server address that stands at WeChat. WeChat does not tell that address, nor tries Token and
EncodingAESKey: that they are right shows when the address is saved there, and with the first message.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ...config.errors import DeliveryFailed
from ...config.secret_store import Secrets
from ...web.vendor_api import VendorApi
from ..findings import Finding, findings_of
from .access_token import AskedToken
from .official_api import SEND, VENDOR, OfficialApi
from .settings import WechatAccountSettings, WechatSettings, app_secret

_PLATFORM = "the WeChat developer platform"


async def ask(section: WechatSettings, secrets: Secrets) -> Sequence[Finding]:
    """What WeChat says of each account."""
    found = list[Finding]()
    for name, settings in section.root.items():
        api = VendorApi(VENDOR, settings.api)
        secret = secrets.get(app_secret(name))
        official = OfficialApi(api, AskedToken(api, settings.app_id, secret))
        remedy = (
            f"compare app_id and the secret {app_secret(name).name} with {_PLATFORM}, and enter the address of this "
            "machine in the IP whitelist there"
        )
        try:
            found += await findings_of(name, partial(_ask, official, name, settings), remedy=remedy)
        finally:
            await api.close()
    return found


async def _ask(api: OfficialApi, account: str, settings: WechatAccountSettings) -> Sequence[Finding]:
    quota = await _told(api, "/cgi-bin/openapi/quota/get", {"cgi_path": SEND})
    good = Finding(account, "credentials", "good", f"the AppSecret is that of {settings.app_id}")
    check = {"action": "all", "check_operator": "DEFAULT"}
    return [good, _allowed(account, quota), _reached(account, await _told(api, "/cgi-bin/callback/check", check))]


async def _told(api: OfficialApi, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What WeChat says; what it refuses is told as `refused`."""
    try:
        return await api.post(path, content, repeatable=True)
    except DeliveryFailed as error:
        return {"refused": error.detail}


def _allowed(account: str, told: Mapping[str, Any]) -> Finding:
    """Whether answers may be sent, and how many more today."""
    quota = told.get("quota")
    if not isinstance(quota, dict) or not quota.get("daily_limit"):
        words = str(told.get("refused") or "the account may not send customer service messages")
        return Finding(account, "answers", "wrong", words, f"have it verified; see its API rights at {_PLATFORM}")
    left, most = quota.get("remain"), quota["daily_limit"]
    if not left:
        return Finding(account, "answers", "wrong", f"all {most} of today are sent", "they go on tomorrow")
    return Finding(account, "answers", "good", f"{left} of {most} may be sent today")


def _reached(account: str, told: Mapping[str, Any]) -> Finding:
    """Whether the server address is entered, and answers to WeChat."""
    path = f"…/v1/wechat/{account}"
    if told.get("refused") or not told.get("dns"):
        words = str(told.get("refused") or "WeChat finds no machine by its name")
        return Finding(account, "webhook", "wrong", words, f"enter the server address {path} at {_PLATFORM}")
    lost = [each.get("ip") for each in told.get("ping") or () if each.get("package_loss") != "0%"]
    if lost:
        words = f"{lost[0]} does not answer a ping of WeChat"
        return Finding(account, "webhook", "unknown", words, "some networks answer none; does a message come through?")
    return Finding(account, "webhook", "good", f"WeChat reaches what stands there; it should end with {path}")
