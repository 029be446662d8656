"""The API of official accounts: requests that show the access token, and what their answers mean.

WeChat answers 200 whatever becomes of a request, and says it in `errcode` (refusals.py). A token that it does not take
gives way to another one, and the request is made once more, because WeChat did nothing about the first. Texts leave as
UTF-8: WeChat would show `\\u4f60` as it stands. The token stands in the query, which no error holds.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import FormData, hdrs

from ...config.errors import AccountUnavailable, CredentialsRefused, DeliveryUnknown
from ...web.vendor_api import ApiAnswer, VendorApi
from .access_token import Token
from .refusals import TOKEN_CODES, code_of, refused

VENDOR = "WeChat"
SEND = "/cgi-bin/message/custom/send"
UPLOAD = "/cgi-bin/media/upload"

Answered = TypeVar("Answered")
_JSON: Mapping[str, str] = {hdrs.CONTENT_TYPE: "application/json"}


class TokenRefused(CredentialsRefused):
    """WeChat does not take the access token; another one may be had."""


class OfficialApi:
    """One account."""

    def __init__(self, api: VendorApi, token: Token) -> None:
        self._api = api
        self._token = token

    async def post(self, path: str, content: Mapping[str, Any], *, repeatable: bool = False) -> Mapping[str, Any]:
        """What WeChat answers; a request whose repeat does no harm is `repeatable`.

        Raises AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown.
        """
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        return await self.shown(lambda token: self._asked(path, {}, body, token, repeatable=repeatable))

    async def upload(self, kind: str, name: str, media_type: str, content: bytes) -> str:
        """Leave a file at WeChat for three days; its media id. Raises as `post`."""

        async def ask(token: str) -> Mapping[str, Any]:
            form = FormData()
            form.add_field("media", content, filename=name, content_type=media_type)
            return await self._asked(UPLOAD, {"type": kind}, form, token, repeatable=True)

        media_id = (await self.shown(ask)).get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise AccountUnavailable("WeChat took a file and did not say what it calls it")
        return media_id

    async def shown(self, ask: Callable[[str], Awaitable[Answered]]) -> Answered:
        """Ask with the access token, and once more with another one where it is not taken (TokenRefused)."""
        token = await self._token.get()
        try:
            return await ask(token)
        except TokenRefused:
            return await ask(await self._token.another(token))

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()

    async def _asked(
        self, path: str, query: Mapping[str, str], form: bytes | FormData, token: str, *, repeatable: bool
    ) -> Mapping[str, Any]:
        headers = _JSON if isinstance(form, bytes) else None
        answer = await self._api.call(
            "POST",
            f"{path}?{urlencode({'access_token': token, **query})}",
            headers=headers,
            form=form,
            repeatable=repeatable,
            secrets=(token,),
        )
        return _told(answer, repeatable=repeatable)


def demand_success(told: Mapping[str, Any]) -> None:
    """Raises what the code of an answer means, TokenRefused among it."""
    if code := code_of(told):
        error = refused(told)
        raise TokenRefused(error.detail) if code in TOKEN_CODES else error


def _told(answer: ApiAnswer, *, repeatable: bool) -> Mapping[str, Any]:
    told = answer.json()
    if not isinstance(told, dict) or not told:
        words = f"{VENDOR} gave an answer that cannot be read: {answer.status}"
        raise AccountUnavailable(words) if repeatable else DeliveryUnknown(words, account_waits=True)
    demand_success(told)
    return told
