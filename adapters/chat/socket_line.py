"""One WebSocket as frames: sent one after another, each within a time that a client who reads never needs."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import WSMsgType, web

from .close_codes import RESTART, MalformedFrame
from .frames import LARGEST
from .masked_frames import MaskedSocket

log = structlog.get_logger()

HEARTBEAT_SECONDS = 25.0
GOODBYE_SECONDS = 3.0
_BUFFER = 16 * 1024  # bytes that are written before the client is waited for


class ClientGone(Exception):
    """The client has left, or was cut off because it does not read."""


class SocketLine:
    """Sends and receives the frames of one connection; whoever works on a frame holds `busy`."""

    def __init__(self, request: web.Request, patience: float) -> None:
        self._request = request
        self._patience = patience
        self._order = asyncio.Lock()
        self.busy = asyncio.Lock()
        self._socket = MaskedSocket(
            heartbeat=HEARTBEAT_SECONDS,
            max_msg_size=LARGEST,
            compress=False,
            timeout=GOODBYE_SECONDS,
            writer_limit=_BUFFER,
        )

    async def open(self) -> web.WebSocketResponse:
        """Shake hands; what the aiohttp handler returns."""
        await self._socket.prepare(self._request)
        return self._socket

    async def send(self, frame: Mapping[str, Any]) -> None:
        """Returns when the frame has left for the client. Raises ClientGone."""
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        try:
            async with asyncio.timeout(self._patience), self._order:
                await self._socket.send_str(text)
        except TimeoutError:
            log.info("a chat client does not read and was cut off", action="chat_cut_off")
            self._abort()
            raise ClientGone from None
        except (ConnectionError, RuntimeError):
            raise ClientGone from None

    async def receive(self, seconds: float | None = None) -> str:
        """The next frame as text. Raises ClientGone, TimeoutError, and MalformedFrame for bytes."""
        message = await self._socket.receive(seconds)
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            raise MalformedFrame("frames are text")
        raise ClientGone

    async def close(self, code: int, reason: bytes) -> None:
        """Say goodbye; one that does not answer is cut off."""
        with suppress(ConnectionError, RuntimeError):
            try:
                async with asyncio.timeout(2 * GOODBYE_SECONDS):
                    await self._socket.close(code=code, message=reason)
            except TimeoutError:
                self._abort()

    async def end(self) -> None:
        """The process ends: say goodbye after the frame that is being worked on is answered."""
        async with self.busy:
            await self.close(RESTART, b"come back in a moment")

    async def ended(self) -> None:
        """Returns when nobody is saying goodbye any more."""
        async with self.busy:
            pass

    def _abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
