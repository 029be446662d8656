"""The customers' browser: form pages, the chat's socket and its files, over HTTP on the gateway's own listener."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse

_FORM_ID = re.compile(r'name="form_id" value="([^"]+)"')
_SECONDS = 30.0


class Browser:
    """A service; knows no token."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Ready to ask."""
        if self._session is None:
            self._session = ClientSession(self._url, timeout=ClientTimeout(total=_SECONDS))

    async def stop(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fill_in(self, source: str, language: str, fields: Mapping[str, str], *, times: int = 1) -> bool:
        """Open the page of a source, fill it in and send it, perhaps twice; whether it was taken."""
        path = f"/forms/{source}?lang={language}"
        async with self._here.get(path) as response:
            found = _FORM_ID.search(await response.text())
        if found is None:
            return False
        taken = False
        for _ in range(times):
            async with self._here.post(path, data={"form_id": found[1], **fields, "website": ""}) as response:
                taken = response.status == 200
        return taken

    async def socket(self, site: str) -> ClientWebSocketResponse:
        """A socket to the chat of a site, as its own page opens it."""
        return await self._here.ws_connect(f"/chat/{site}/socket", origin=self._url, heartbeat=20.0)

    async def upload(self, site: str, token: str, name: str, content: bytes) -> Mapping[str, Any] | None:
        """Upload a file for a message; None when it was refused."""
        path, headers = f"/chat/{site}/files?name={quote(name)}", {"Authorization": f"Bearer {token}"}
        async with self._here.post(path, data=content, headers=headers) as response:
            return dict(await response.json()) if response.status == 201 else None

    @property
    def _here(self) -> ClientSession:
        assert self._session is not None
        return self._session
