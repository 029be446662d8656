"""The part of Twilio's REST API that is needed here: messages of one account, with its credentials.

Twilio says what is wrong in JSON: `code`, which counts, and `message` ("Twilio's Response"). It knows no repeat of a
message, so a send whose answer is lost has an unknown fate; a receipt tells it mostly.
"""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from ...config.errors import AccountUnavailable, DeliveryFailed, DeliveryUnknown, TrunklineError
from ...web.vendor_api import ApiAnswer, VendorApi
from .error_words import NOTHING_LEAVES, is_known, words_of

VENDOR = "Twilio"
VERSION = "/2010-04-01"
PAGE = 200
MOST_PAGES = 100
_LARGEST_PAGE = 8 * 1024 * 1024
_UNTIL_LOOKED_AGAIN = 900  # seconds, where Twilio does not say


def basic(sid: str, token: str) -> str:
    """What requests show of the credentials (RFC 7617)."""
    return base64.b64encode(f"{sid}:{token}".encode()).decode()


class MessageApi:
    """One account of Twilio."""

    def __init__(self, base: str, sid: str, token: str) -> None:
        shown = basic(sid, token)
        self.headers: Mapping[str, str] = {"Authorization": f"Basic {shown}"}
        self._secrets = (token, shown)
        self._path = f"{VERSION}/Accounts/{sid}"
        self._base = base
        self._api = VendorApi(VENDOR, base, judge=judge)

    async def send(self, form: Sequence[tuple[str, str]]) -> str:
        """Send one message, in which a name may stand more than once; Twilio's id of it.

        Raises AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown.
        """
        answer = await self._api.call(
            "POST", f"{self._path}/Messages.json", headers=self.headers, form=list(form), secrets=self._secrets
        )
        sid = mapping(answer.json()).get("sid")
        if not isinstance(sid, str):
            raise DeliveryUnknown(f"{VENDOR} gave an answer that cannot be read")
        return sid

    async def listed(self, since: int, **filters: str) -> AsyncIterator[Mapping[str, Any]]:
        """The messages from this moment on, in milliseconds, the newest first.

        Twilio tells them by the day, so what is older is left out here. Raises AccountUnavailable, CredentialsRefused,
        DeliveryFailed.
        """
        async for each in self._pages("Messages", "DateSent>", since, filters):
            if sent_at(each) >= since:
                yield each

    async def calls(self, since: int, **filters: str) -> AsyncIterator[Mapping[str, Any]]:
        """The calls that began at this moment or later, in milliseconds, the newest first. Raises as `listed`."""
        async for each in self._pages("Calls", "StartTime>", since, filters):
            if began_at(each) >= since:
                yield each

    async def recordings_of(self, call: str) -> Sequence[Mapping[str, Any]]:
        """The recordings of a call. Raises as `listed`."""
        told = await self._asked(f"{self._path}/Calls/{call}/Recordings.json")
        return [mapping(each) for each in told.get("recordings") or ()]

    def recording_at(self, recording: str) -> str:
        """The address of a recording, as Twilio posts it."""
        return f"{self._base}{self._path}/Recordings/{recording}"

    async def _pages(
        self, what: str, begins: str, since: int, filters: Mapping[str, str]
    ) -> AsyncIterator[Mapping[str, Any]]:
        day = datetime.fromtimestamp(since / 1000, UTC).date().isoformat()
        given = {begins: day, "PageSize": str(PAGE), **{name.title(): value for name, value in filters.items()}}
        path = f"{self._path}/{what}.json?{urlencode(given)}"
        for _ in range(MOST_PAGES):
            told = await self._asked(path)
            for each in filter(None, map(mapping, told.get(what.lower()) or ())):
                yield each
            path = str(told.get("next_page_uri") or "")
            if not path.startswith(f"{self._path}/"):
                return

    async def media_of(self, sid: str) -> Sequence[Mapping[str, Any]]:
        """The files of a message. Raises as `listed`."""
        told = await self._asked(f"{self._path}/Messages/{sid}/Media.json")
        return [mapping(each) for each in told.get("media_list") or ()]

    def address_of(self, sid: str, media: str) -> str:
        """Where a file of a message is."""
        return f"{self._base}{self._path}/Messages/{sid}/Media/{media}"

    async def _asked(self, path: str) -> Mapping[str, Any]:
        answer = await self._api.call(
            "GET", path, headers=self.headers, repeatable=True, secrets=self._secrets, largest=_LARGEST_PAGE
        )
        return mapping(answer.json())

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()


def sent_at(message: Mapping[str, Any]) -> int:
    """When it was sent, in milliseconds, by the second; 0 where Twilio does not say."""
    return _moment(message.get("date_sent") or message.get("date_created"))


def began_at(call: Mapping[str, Any]) -> int:
    """When a call began, in the same way."""
    return _moment(call.get("start_time") or call.get("date_created"))


def _moment(told: object) -> int:
    try:
        return int(parsedate_to_datetime(str(told)).timestamp()) * 1000
    except (TypeError, ValueError, OverflowError):
        return 0


def judge(answer: ApiAnswer) -> TrunklineError | None:
    """What Twilio means where a status alone does not say it."""
    code = str(mapping(answer.json()).get("code", ""))
    if 400 <= answer.status < 500 and code in NOTHING_LEAVES:
        return AccountUnavailable(words_of(code), retry_after=answer.retry_after or _UNTIL_LOOKED_AGAIN)
    if 400 <= answer.status < 500 and is_known(code):
        return DeliveryFailed(words_of(code), code=code)
    return None


def mapping(value: Any) -> Mapping[str, Any]:
    """What should be a mapping."""
    return value if isinstance(value, dict) else {}
