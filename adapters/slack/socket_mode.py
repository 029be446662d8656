"""Socket Mode: we open a connection to Slack, and it hands us events over it.

`apps.connections.open` gives an address that is good for one connection. Each event comes in an envelope with an id
of its own, and is acknowledged by that id only after it is stored; what is not acknowledged within three seconds
Slack hands out again, perhaps to another process. Every worker opens a connection of its own (Slack allows ten), so
that one which ends leaves no gap, and an event that comes over two of them is stored once.

A connection is given up when Slack says so, when it breaks, or when nothing was heard for a while; the next one is
opened after a pause that grows, and never from within the old one: what is known of an SDK that turned in circles on
a closed session (slackapi/python-slack-sdk#1446) cannot happen, because nothing of a connection outlives it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType

from ...config.errors import CredentialsRefused, DeliveryDeferred, Temporary, TrunklineError
from ...queue.service import Background
from ...web.slack_api import SlackApi
from ..source_watch import SourceWatch

log = structlog.get_logger()

HEARTBEAT_SECONDS = 30.0
SILENCE_SECONDS = 120.0
PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LARGEST = 4 * 1024 * 1024

Take = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Returns when what Slack told a workspace's app is durable. Raises Temporary."""


class SocketMode:
    """The connection of one workspace's app, as long as it runs."""

    def __init__(
        self,
        name: str,
        api: SlackApi,
        take: Take,
        watch: SourceWatch,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.is_connected = False
        self._api = api
        self._take = take
        self._pause = pause
        self._watch = watch
        self._background = Background(f"slack:{name}", self._turns)

    async def start(self) -> None:
        """Begin. Idempotent."""
        await self._background.start()

    async def stop(self) -> None:
        """Break off; what was not acknowledged Slack hands out again."""
        await self._background.stop()

    async def run_once(self) -> int:
        """Open one connection and take what comes until it ends; how many envelopes. Raises TrunklineError."""
        told = await self._api.call("apps.connections.open", repeatable=True)
        url = told.get("url")
        if not isinstance(url, str) or not url.startswith(("wss://", "ws://127.0.0.1:")):
            raise DeliveryDeferred("Slack gives no address for a connection")
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=None, sock_connect=10)) as session,
                session.ws_connect(url, heartbeat=HEARTBEAT_SECONDS, max_msg_size=LARGEST) as socket,
            ):
                return await self._taken(socket)
        except (ClientError, OSError, ValueError) as error:
            raise DeliveryDeferred(f"the connection to Slack broke ({type(error).__name__})") from None
        finally:
            self.is_connected = False

    async def _taken(self, socket: ClientWebSocketResponse) -> int:
        """Until Slack ends it. Events are stored one after another, as they came."""
        count = 0
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = await socket.receive()
            if message.type is not WSMsgType.TEXT:
                if message.type in (WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG):
                    continue
                return count
            told = _read(message.data)
            if told.get("type") == "disconnect":
                return count
            if isinstance(envelope := told.get("envelope_id"), str):
                count += await self._one(socket, envelope, told)
            elif told.get("type") == "hello":
                self.is_connected = True
                await self._watch.well()

    async def _one(self, socket: ClientWebSocketResponse, envelope: str, told: Mapping[str, Any]) -> int:
        """Store and acknowledge; what cannot be stored now is not acknowledged. Clicks and commands are for nobody."""
        try:
            if told.get("type") == "events_api":
                payload = told.get("payload")
                await self._take(self.name, payload if isinstance(payload, dict) else {"payload": payload})
        except TrunklineError as error:
            log.warning("an event of Slack is not stored", action="slack_event_put_off", workspace=self.name,
                        cause=error.detail)  # fmt: skip
            return 0
        await socket.send_json({"envelope_id": envelope})
        return 1

    async def _turns(self) -> None:
        pause = PAUSE_SECONDS
        while True:
            try:
                pause = PAUSE_SECONDS if await self.run_once() else min(2 * pause, LONGEST_PAUSE_SECONDS)
            except TrunklineError as error:
                await self._watch.failed(error)
                asked = error.retry_after if isinstance(error, Temporary) else 0
                refused = isinstance(error, CredentialsRefused)
                pause = LONGEST_PAUSE_SECONDS if refused else min(max(2 * pause, asked), LONGEST_PAUSE_SECONDS)
            await self._pause(pause)


def _read(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
