"""The HTTP side as a client sees it: the API, the feed as it grows, forms and signed posts."""

import asyncio
import base64
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any

import aiohttp

LIMIT = 30.0

Event = Mapping[str, Any]


class Api:
    """A client with a token; used as an asynchronous context."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token
        self._position = "0"

    async def __aenter__(self) -> "Api":
        headers = {"Authorization": f"Bearer {self._token}"}
        self.session = aiohttp.ClientSession(self.url, headers=headers, timeout=aiohttp.ClientTimeout(total=LIMIT))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.session.close()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of one request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, json=body, headers=named) as response:
            text = await response.text()
            return response.status, json.loads(text) if text and "json" in response.content_type else text

    async def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        status, found = await self.ask("GET", path)
        assert status == 200, (path, status, found)
        return found

    async def do(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a write that must succeed."""
        status, found = await self.ask(method, path, body, **headers)
        assert status < 300, (path, status, found)
        return found

    async def upload(self, content: bytes, name: str, media_type: str) -> Any:
        """A file that is there to be sent along."""
        headers = {"Content-Type": media_type}
        async with self.session.post(
            "/v1/attachments", params={"name": name}, data=content, headers=headers
        ) as response:
            assert response.status == 201, response.status
            return await response.json()

    async def tickets(self, **wanted: str) -> list[dict[str, Any]]:
        """The first page of tickets, the newest first."""
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        return list((await self.get(f"/v1/tickets?{query}"))["items"])

    async def presence(self, agent: str, presence: str = "available") -> None:
        """Say how an agent is."""
        await self.do("PUT", f"/v1/agents/{agent}/presence", {"presence": presence})

    async def position(self) -> str:
        """Where the feed ends now."""
        while page := (await self.get(f"/v1/events?after={self._position}&limit=500"))["items"]:
            self._position = page[-1]["cursor"]
        return self._position

    async def events(self, after: str = "0") -> AsyncIterator[Event]:
        """The feed from there on, for ever, as server-sent events."""
        timeout = aiohttp.ClientTimeout(total=None, sock_read=LIMIT)
        async with self.session.get(f"/v1/events/stream?after={after}", timeout=timeout) as response:
            assert response.status == 200, await response.text()
            async for line in response.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    async def until(
        self,
        kind: str,
        when: Callable[[Event], bool] = lambda _: True,
        *,
        after: str = "0",
        limit: float = LIMIT,
    ) -> Event:
        """The first event of this kind behind the position that fits, as soon as it happens.

        A stream that ends, as one does when the engine was too slow once, is asked for again where it ended.
        """
        async with asyncio.timeout(limit):
            while True:
                async for event in self.events(after):
                    after = event["cursor"]
                    if event["type"] == kind and when(event):
                        return event

    async def metric(self, name: str) -> float:
        """A number of /metrics; `name` with its labels as they stand there."""
        async with self.session.get("/metrics") as response:
            page = await response.text()
        found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
        assert found, f"{name} is not in:\n{page}"
        return float(found[1])

    async def signed_post(
        self,
        body: bytes,
        *,
        key: bytes,
        webhook_id: str = "msg_1",
        source: str = "form",
        sent_at: float | None = None,
        signature: str | None = None,
    ) -> tuple[int, Any]:
        """A post as Standard Webhooks 1.0 says; the signature is made here, not by what is under test."""
        timestamp = str(int(time.time() if sent_at is None else sent_at))
        content = f"{webhook_id}.{timestamp}.".encode() + body
        made = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": made if signature is None else signature,
        }
        async with self.session.post(f"/v1/inbound/{source}", data=body, headers=headers) as response:
            return response.status, json.loads(await response.text())
