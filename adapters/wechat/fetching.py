"""The files of messages, fetched by the media id that WeChat keeps for three days.

What WeChat answers is the file, or JSON: an error, or for a film the address at which it is. The beginning is held back
until it is clear which. That address WeChat gives in plain HTTP, mostly of a server without a name; it comes from
WeChat's own answer and never from a message, and only public addresses are connected to (web/egress.py).
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Fetched, FileSink
from ..vendor_files import VendorFiles
from .official_api import OfficialApi, demand_success

PATH = "/cgi-bin/media/get"
LONGEST_WORDS = 4096  # an answer in JSON is shorter


class WechatFiles:
    """Fetches for one account, from where its API is."""

    def __init__(self, base: str, api: OfficialApi) -> None:
        there = URL(base)
        self._base = base
        self._api = api
        self._stand_in = there.scheme == "http"
        self._files = VendorFiles([there.host or ""], allow_private=self._stand_in)

    async def fetch(self, reference: str, into: FileSink) -> Fetched:
        """Pour out a file. Raises DeliveryDeferred, DeliveryFailed, and what the sink raises."""
        return await self._api.shown(lambda token: self._fetched(reference, token, into))

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()

    async def _fetched(self, reference: str, token: str, into: FileSink) -> Fetched:
        query = urlencode({"access_token": token, "media_id": reference})
        held = _Held(into)
        fetched = await self._files.get(f"{self._base}{PATH}?{query}", held)
        told = held.words()
        if told is None:
            await held.release()
            return fetched
        demand_success(told)
        return await self._film(str(told.get("video_url") or ""), into)

    async def _film(self, address: str, into: FileSink) -> Fetched:
        try:
            host = URL(address).host or ""
        except ValueError:
            host = ""
        if not host:
            raise DeliveryFailed("WeChat does not say where the file is")
        files = VendorFiles([host], allow_private=self._stand_in, plain_http=True)
        try:
            return await files.get(address, into)
        finally:
            await files.close()


class _Held:
    """A sink that holds back the beginning, until there is more than an answer in JSON has."""

    def __init__(self, into: FileSink) -> None:
        self._into = into
        self._begun = bytearray()
        self._released = False

    @property
    def largest(self) -> int:
        """As much as is taken behind it."""
        return self._into.largest

    async def write(self, content: bytes) -> None:
        """Take some more."""
        if self._released:
            return await self._into.write(content)
        self._begun += content
        if len(self._begun) > LONGEST_WORDS:
            await self.release()
        return None

    async def release(self) -> None:
        """It is the file."""
        if not self._released:
            self._released = True
            await self._into.write(bytes(self._begun))

    def words(self) -> Mapping[str, Any] | None:
        """The answer, when it is one; None for a file."""
        if self._released or not self._begun.lstrip().startswith(b"{"):
            return None
        try:
            told = json.loads(self._begun)
        except ValueError:
            return None
        return told if isinstance(told, dict) and {"errcode", "video_url"} & told.keys() else None
