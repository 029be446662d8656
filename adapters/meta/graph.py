"""The Graph API as one account asks it: by its access token, with the proof that the app's secret is known here too.

`appsecret_proof` is HMAC-SHA256 of the token under the app secret ("Secure Graph API Calls"): with it required at
Meta, a token that somebody stole is of no use. What answers mean stands in refusals.py; Meta knows no repeat of a send.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from aiohttp import FormData

from ...config.errors import DeliveryFailed, DeliveryUnknown
from ...web.vendor_api import VendorApi
from .refusals import judge
from .settings import MetaAccountSettings

UPLOAD_SECONDS = 120.0


class Graph:
    """The API with the credentials of one account. Paths are relative to the version."""

    def __init__(self, settings: MetaAccountSettings, token: str, secret: str) -> None:
        self._base = f"/{settings.version}/"
        self._api = VendorApi("Meta", settings.api, judge=judge)
        self._uploads = VendorApi("Meta", settings.api, judge=judge, patience=UPLOAD_SECONDS)
        self._token = token
        self.headers = {"Authorization": f"Bearer {token}"}
        proof = hmac.digest(secret.encode(), token.encode(), "sha256").hex()
        self._proof = {"appsecret_proof": proof} if settings.proves_secret else {}
        self._secrets = (token, secret, proof)

    async def get(self, path: str, **query: str) -> Mapping[str, Any]:
        """Read something. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed."""
        asked = {**query, **self._proof}
        answer = await self._api.call(
            "GET", self._base + path, headers=self.headers, query=asked, repeatable=True, secrets=self._secrets
        )
        return _mapping(answer.json())

    async def post(self, path: str, content: Any, *, repeatable: bool = False) -> Mapping[str, Any]:
        """Send something. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        answer = await self._api.call(
            "POST",
            self._base + path,
            headers=self.headers,
            query=self._proof,
            content=content,
            repeatable=repeatable,
            secrets=self._secrets,
        )
        return _mapping(answer.json())

    async def upload(self, path: str, form: FormData) -> Mapping[str, Any]:
        """Leave a file, which does no harm when it is done twice. Raises as `get`."""
        answer = await self._uploads.call(
            "POST",
            self._base + path,
            headers=self.headers,
            query=self._proof,
            form=form,
            repeatable=True,
            secrets=self._secrets,
        )
        return _mapping(answer.json())

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()
        await self._uploads.close()


def id_in(answer: Mapping[str, Any], *names: str) -> str:
    """The id that an answer to a send gives. Raises DeliveryUnknown when there is none."""
    found = next((str(answer[name]) for name in names if answer.get(name)), "")
    if not found:
        raise DeliveryUnknown("Meta took it and did not say as what")
    return found


def id_of_file(answer: Mapping[str, Any], name: str) -> str:
    """The id of a file that was left. Raises DeliveryFailed when there is none."""
    if not answer.get(name):
        raise DeliveryFailed("Meta took the file and did not say as what")
    return str(answer[name])


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
