"""The Bot API: the library's methods and types over our own client, so that every call ends in a known fate.

The library writes and reads what is sent; vendor_api.py sends it, says what was not sent and what perhaps was, and
keeps the token, which stands in every path, out of errors. What Telegram refuses is told in words for an agent.

    not connected                   AccountUnavailable
    429                             AccountUnavailable, `parameters.retry_after` obeyed
    401, 404                        CredentialsRefused: Telegram answers a token that it does not know with either
    409                             DeliveryDeferred: somebody else asks for the updates of the bot
    a group became a supergroup     Migrated, with its new id
    403, other 4xx                  DeliveryFailed
    5xx, no answer, a broken one    DeliveryUnknown; AccountUnavailable for calls that may be repeated

Limits: an answer over 16 MiB is a broken one.
"""

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

from aiohttp import FormData
from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from ...config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    TrunklineError,
)
from ...web.vendor_api import ApiAnswer, VendorApi

VENDOR = "Telegram"
SENDING_SECONDS = 60.0  # a file of 50 MB on a slow line
_LARGEST = 16 * 1024 * 1024
_LONGEST_WAIT = 3600
_REFUSED = range(300, 600)
_IN_WORDS = {
    "blocked by the user": "the customer has blocked the bot; until they unblock it nothing reaches them on Telegram",
    "user is deactivated": "the customer's account on Telegram no longer exists",
    "kicked": "the bot was removed from the group or the channel",
    "not a member": "the bot is not a member of the group or the channel",
    "can't initiate conversation": "a bot cannot write first: the customer has to write to it",
    "chat not found": "Telegram knows no such chat, or the bot was never in it",
    "not enough rights": "the bot may not write there; an administrator of the group has to allow it",
    "topic_closed": "the topic is closed",
    "message thread not found": "the topic is no longer there",
    "request entity too large": "the file is larger than Telegram takes",
}

logging.getLogger("telegram").setLevel(logging.INFO)  # below that the library writes the token, and what is sent


class Migrated(DeliveryFailed):
    """The group has become a supergroup with another id."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group has become a supergroup")
        self.chat = chat


class BotApi:
    """One bot. `bot` has the library's methods; call them within `fate`."""

    def __init__(self, base: str, token: str, *, patience: float = SENDING_SECONDS) -> None:
        self._request = _Request(base, token, patience)
        self.bot = Bot(token, base_url=f"{base}/bot", request=self._request, get_updates_request=self._request)

    @asynccontextmanager
    async def fate(self, *, repeatable: bool = False) -> AsyncIterator[Bot]:
        """Calls of the library within end in errors of this house; `repeatable` says that a repeat does no harm."""
        try:
            yield self.bot
        except TelegramError as error:
            known = _known(error)
            if isinstance(known, DeliveryUnknown) and repeatable:
                raise AccountUnavailable(known.detail) from None
            raise known from None

    async def raw(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """The bare answer to a call that may be repeated. Raises AccountUnavailable, CredentialsRefused,
        DeliveryDeferred, DeliveryFailed."""
        fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
        async with self.fate(repeatable=True):
            try:
                return await self._request.ask(method, fields)
            except DeliveryUnknown as error:
                raise AccountUnavailable(error.detail) from None

    async def close(self) -> None:
        """Close connections."""
        await self._request.shutdown()


class _Request(BaseRequest):
    """The library's way to Telegram. It makes errors of ours its own; `_known` finds them again."""

    def __init__(self, base: str, token: str, patience: float) -> None:
        self._base = base
        self._token = token
        self._api = VendorApi(VENDOR, base, patience=patience)

    @property
    def read_timeout(self) -> float | None:
        """How long is waited is not the library's to say."""
        return None

    async def initialize(self) -> None:
        """The connection opens with the first call."""

    async def shutdown(self) -> None:
        """Close connections."""
        await self._api.close()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        """Ask, and answer with status and body of what went well."""
        form = FormData(quote_fields=False)  # a name of a file is UTF-8 as it is; Telegram shows what stands there
        for name, value in (request_data.json_parameters if request_data else {}).items():
            form.add_field(name, value)
        for name, (file_name, content, media_type) in (request_data.multipart_data if request_data else {}).items():
            file = BytesIO(content) if isinstance(content, bytes) else content
            form.add_field(name, file, filename=file_name, content_type=media_type)
        return await self._answered(method, url.removeprefix(self._base), form)

    async def ask(self, method: str, fields: Mapping[str, str]) -> Any:
        """The result of a method of the Bot API."""
        form = FormData(fields)
        _, content = await self._answered("POST", f"/bot{self._token}/{method}", form)
        return self.parse_json_payload(content).get("result")

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library does, without writing the answer into the log."""
        try:
            told = json.loads(payload)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise TelegramError("the answer is not JSON")
        return told

    async def _answered(self, method: str, path: str, form: FormData) -> tuple[int, bytes]:
        answer = await self._api.call(method, path, form=form, also=_REFUSED, secrets=(self._token,), largest=_LARGEST)
        if answer.status in _REFUSED:
            raise refusal(answer, self._token)
        return answer.status, answer.content


def refusal(answer: ApiAnswer, token: str = "") -> TrunklineError:
    """What it means that Telegram did not do what it was asked to (Bot API, "Making requests")."""
    told = _mapping(answer.json())
    parameters = _mapping(told.get("parameters"))
    words = str(told.get("description") or answer.words((token,)))[:300].replace(token or "\0", "…")
    if isinstance(chat := parameters.get("migrate_to_chat_id"), int):
        return Migrated(chat)
    if answer.status == 429:
        wait = parameters.get("retry_after")
        pause = min(wait, _LONGEST_WAIT) if isinstance(wait, int) else answer.retry_after
        return AccountUnavailable(f"{VENDOR} asks us to wait: {words}", retry_after=pause)
    if answer.status in (401, 404):
        return CredentialsRefused(f"{VENDOR} does not know the token of the bot: {words}")
    if answer.status == 409:
        return DeliveryDeferred(f"{VENDOR} puts it off: {words}")
    if answer.status >= 500 or answer.status < 400:
        return DeliveryUnknown(f"{VENDOR} failed over it: {answer.status}", account_waits=True)
    plain = next((said for part, said in _IN_WORDS.items() if part in words.casefold()), "")
    return DeliveryFailed(f"{plain} ({words})" if plain else f"{VENDOR} refuses it: {words}")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _known(error: TelegramError) -> TrunklineError:
    """The error of ours that the library carries, else one for what it could not read."""
    if isinstance(error, NetworkError) and isinstance(error.__cause__, TrunklineError):
        return error.__cause__
    return DeliveryUnknown(f"{VENDOR} gave an answer that cannot be read ({type(error).__name__})")
