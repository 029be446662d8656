"""To the app over HTTP: signed posts, as "Verifying requests from Slack" and "The Events API" on docs.slack.dev say.

Limits: redirects are not followed, and TLS is not spoken.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from .refusal import Json
from .transports import FINAL, PATIENCE, Kind, NotAnswered

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class HttpTransport:
    """`now` is in milliseconds since 1970; `secret` is what the posts are signed with."""

    def __init__(
        self, events: str, interactions: str, commands: str, secret: str, now: Callable[[], int], *,
        patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self._events = events
        self._places: Mapping[Kind, str] = {"interactive": interactions, "slash_commands": commands}
        self._secret = secret
        self._now = now
        self._patience = ClientTimeout(total=patience)

    async def try_event(self, envelope: Json, attempt: int, reason: str) -> str:
        """Post an event once."""
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        try:
            status, headers, _ = await self.post(self._events, json.dumps(envelope).encode(), JSON, retry)
        except TimeoutError:
            return "http_timeout"
        except ClientError:
            return "connection_failed"
        if 200 <= status < 300:
            return ""
        return FINAL if headers.get("X-Slack-No-Retry") == "1" else "http_error"

    async def interact(self, kind: Kind, payload: Json) -> Any:
        """Post what somebody did, as a form."""
        fields = {"payload": json.dumps(payload)} if kind == "interactive" else payload
        try:
            status, _, content = await self.post(self._places[kind], urlencode(fields).encode(), FORM)
        except (TimeoutError, ClientError) as error:
            raise NotAnswered(type(error).__name__) from error
        if status != 200:
            raise NotAnswered(f"{status}: {content[:200]!r}")
        return _read(content)

    async def post(
        self, url: str, body: bytes, kind: str, more: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """A signed post; its status, headers and content. Raises ClientError and TimeoutError."""
        headers = {**signed(self._secret, self._now() // 1_000, body), "Content-Type": kind, **(more or {})}
        async with (
            ClientSession(timeout=self._patience) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return response.status, dict(response.headers), await response.read()


def signed(secret: str, stamp: int, body: bytes) -> dict[str, str]:
    """The headers by which the app knows that a body is Slack's; `stamp` is in seconds."""
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
    return {"X-Slack-Request-Timestamp": str(stamp), "X-Slack-Signature": f"v0={digest}"}


def _read(content: bytes) -> Any:
    """What an answer says: JSON, a text, or None for nothing."""
    text = content.decode()
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
