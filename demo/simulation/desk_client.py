"""The API of the gateway as the simulated people use it: over HTTP, like anybody, and only on its own listener."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from ...web.webhook_signing import keys_of, signed_headers

log = structlog.get_logger()

Event = Mapping[str, Any]

AGAIN_SECONDS = 1.0

_PART_OF_THE_PLAY = frozenset({200, 201, 202, 204, 404, 409, 412, 429})


class DeskClient:
    """A client with a token to look on with, the agents' own tokens, and the secrets of sources to sign with."""

    def __init__(self, url: str, token: str, *, agent_tokens: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._url = url
        self._token = token
        self._agent_tokens = agent_tokens
        self._keys = {source: keys_of(secret)[0] for source, secret in secrets.items()}
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Ready to ask."""
        if self._session is None:
            self._session = ClientSession(self._url, headers=_bearer(self._token), timeout=ClientTimeout(total=30))

    async def stop(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self, agent: str, method: str, path: str, body: Mapping[str, Any], *, revision: int | None = None
    ) -> bool:
        """What an agent does; whether it was done, because somebody else being first is part of the demo.

        `revision` is that of the ticket as the agent has seen it.
        """
        assert self._session is not None
        headers = _bearer(self._agent_tokens[agent]) | ({} if revision is None else {"If-Match": f'"{revision}"'})
        async with self._session.request(method, path, json=dict(body), headers=headers) as response:
            if response.status not in _PART_OF_THE_PLAY and response.status < 500:
                log.error("an agent of the demo was refused", action="demo_refused", path=path, status=response.status)
            return response.status < 300

    async def get(self, path: str) -> dict[str, Any] | None:
        """What stands there, as somebody sees it who may look at everything; None when it is not there."""
        assert self._session is not None
        async with self._session.get(path) as response:
            return dict(await response.json()) if response.status == 200 else None

    async def post(self, source: str, message_id: str, now: int, fields: Mapping[str, str]) -> bool:
        """A signed post of a source's system; whether it was taken."""
        assert self._session is not None
        content = json.dumps(dict(fields), ensure_ascii=False).encode()
        headers = signed_headers(self._keys[source], message_id, now // 1000, content)
        headers["Content-Type"] = "application/json"
        async with self._session.post(f"/v1/inbound/{source}", data=content, headers=headers) as response:
            return response.status == 202

    async def last_position(self) -> int:
        """Where the feed ends now."""
        assert self._session is not None
        after = 0
        while True:
            async with self._session.get(f"/v1/events?after={after}&limit=500") as response:
                response.raise_for_status()
                items = (await response.json())["items"]
            if not items:
                return after
            after = int(items[-1]["cursor"])

    async def events(self, after: int) -> AsyncIterator[Event]:
        """The feed from there on, as long as the connection lasts."""
        assert self._session is not None
        path = f"/v1/events/stream?after={after}"
        async with self._session.get(path, timeout=ClientTimeout(total=None, sock_connect=10)) as response:
            response.raise_for_status()
            async for line in response.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


Unreachable = (ClientError, OSError, TimeoutError)
"""What a client meets while the gateway stops, or is too busy."""
