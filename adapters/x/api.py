"""The API of X as one account asks it, each request signed by OAuth 1.0a (oauth.py). X knows no repeat of a send."""

from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import FormData
from yarl import URL

from ...web.vendor_api import ApiAnswer, VendorApi
from .oauth import Credentials, authorization, fresh
from .refusals import judge

UPLOAD_SECONDS = 120.0


class XApi:
    """The API at `base`. What is asked raises as `VendorApi.call` does."""

    def __init__(self, base: str, credentials: Credentials) -> None:
        self._base = base
        self._api = VendorApi("X", base, judge=judge)
        self._uploads = VendorApi("X", base, judge=judge, patience=UPLOAD_SECONDS)
        self._credentials = credentials
        self._secrets = (credentials.key_secret, credentials.token, credentials.token_secret)

    async def get(self, path: str, query: Mapping[str, str] | None = None, *, also: Collection[int] = ()) -> ApiAnswer:
        """Read something."""
        headers = {"Authorization": self.signed("GET", str(URL(self._base + path).with_query(query or {})))}
        return await self._api.call(
            "GET", path, headers=headers, query=query, repeatable=True, also=also, secrets=self._secrets
        )

    async def post(self, path: str, content: Any) -> Mapping[str, Any]:
        """Send something; the `data` of the answer."""
        headers = {"Authorization": self.signed("POST", self._base + path)}
        return data_of(await self._api.call("POST", path, headers=headers, content=content, secrets=self._secrets))

    async def upload(self, path: str, form: FormData) -> Mapping[str, Any]:
        """Leave a file, which does no harm when it is done twice."""
        headers = {"Authorization": self.signed("POST", self._base + path)}
        answer = await self._uploads.call(
            "POST", path, headers=headers, form=form, repeatable=True, secrets=self._secrets
        )
        return data_of(answer)

    def signed(self, method: str, url: str) -> str:
        """The header Authorization of a request to this address."""
        return authorization(method, url, self._credentials, fresh())

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()
        await self._uploads.close()


def data_of(answer: ApiAnswer) -> Mapping[str, Any]:
    """What an answer of version 2 has as `data`; empty when it has none."""
    body = answer.json()
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else {}
