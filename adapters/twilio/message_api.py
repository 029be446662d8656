"""The part of Twilio's REST API that is needed here: messages of one account, with its credentials.

Twilio says what is wrong in JSON: `code`, which counts, and `message` ("Twilio's Response"). It knows no repeat of a
message, so a send whose answer is lost has an unknown fate; a receipt tells it mostly.
"""

import base64
from collections.abc import Mapping
from typing import Any

from ...config.errors import AccountUnavailable, DeliveryFailed, DeliveryUnknown, TrunklineError
from ..vendor_api import ApiAnswer, VendorApi
from .error_words import NOTHING_LEAVES, is_known, words_of

VENDOR = "Twilio"
VERSION = "/2010-04-01"
_UNTIL_LOOKED_AGAIN = 900  # seconds, where Twilio does not say


class MessageApi:
    """One account of Twilio."""

    def __init__(self, base: str, sid: str, token: str) -> None:
        shown = base64.b64encode(f"{sid}:{token}".encode()).decode()
        self.headers: Mapping[str, str] = {"Authorization": f"Basic {shown}"}
        self._secrets = (token, shown)
        self._path = f"{VERSION}/Accounts/{sid}"
        self._api = VendorApi(VENDOR, base, judge=judge)

    async def send(self, form: Mapping[str, str]) -> str:
        """Send one message; Twilio's id of it. Raises AccountUnavailable, CredentialsRefused, DeliveryFailed,
        DeliveryUnknown."""
        answer = await self._api.call(
            "POST", f"{self._path}/Messages.json", headers=self.headers, form=dict(form), secrets=self._secrets
        )
        sid = mapping(answer.json()).get("sid")
        if not isinstance(sid, str):
            raise DeliveryUnknown(f"{VENDOR} gave an answer that cannot be read")
        return sid

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()


def judge(answer: ApiAnswer) -> TrunklineError | None:
    """What Twilio means where a status alone does not say it."""
    code = str(mapping(answer.json()).get("code", ""))
    if 400 <= answer.status < 500 and code in NOTHING_LEAVES:
        return AccountUnavailable(words_of(code), retry_after=answer.retry_after or _UNTIL_LOOKED_AGAIN)
    if 400 <= answer.status < 500 and is_known(code):
        return DeliveryFailed(words_of(code))
    return None


def mapping(value: Any) -> Mapping[str, Any]:
    """What should be a mapping."""
    return value if isinstance(value, dict) else {}
