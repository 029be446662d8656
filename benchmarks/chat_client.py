"""A visitor of the chat over a WebSocket (RFC 6455), with as little of it as a load process can do with."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

PING, PONG, CLOSE, TEXT = 9, 10, 8, 1

_SHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dHJ1bmtsaW5lIGJlbmNoIQ==\r\n\r\n"
)


class Socket(asyncio.Protocol):
    """One connection; `heard` gets each frame of text."""

    def __init__(self, host: str, path: str, heard: Callable[[bytes], None]) -> None:
        self._shake = _SHAKE.format(path=path, host=host).encode()
        self._heard = heard
        self._buffer = b""
        self._open = False
        self._transport: asyncio.Transport | None = None
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._shake)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        if not self.lost.done():
            self.lost.set_result(exc)

    def data_received(self, data: bytes) -> None:
        """Take apart what came."""
        self._buffer += data
        if not self._open:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode(errors="replace"))
            self._open, self._buffer = True, rest
        while self._frame():
            pass

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send a frame of text."""
        self._write(TEXT, json.dumps(frame).encode())

    def close(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._transport.abort()

    def _frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length, begin = buffer[1] & 127, 2
        if length == 126:
            length, begin = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, begin = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < begin + length:
            return False
        payload, self._buffer = buffer[begin : begin + length], buffer[begin + length :]
        if buffer[0] & 15 == TEXT:
            self._heard(payload)
        elif buffer[0] & 15 == PING:
            self._write(PONG, payload)
        elif buffer[0] & 15 == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            self.connection_lost(ConnectionError(f"closed with {code} {payload[2:].decode()}"))
        return True

    def _write(self, kind: int, payload: bytes) -> None:
        """Masked with zeros, which is a mask."""
        assert self._transport is not None
        if len(payload) < 126:
            head = bytes((128 | kind, 128 | len(payload)))
        else:
            head = bytes((128 | kind, 128 | 126)) + len(payload).to_bytes(2, "big")
        self._transport.write(head + b"\0\0\0\0" + payload)


class Visitor:
    """Somebody new; `lines` are the times in seconds that lines took which say when they were written."""

    def __init__(self, lines: list[float]) -> None:
        self.id = ""
        self.took: list[float] = []
        self._lines = lines
        self._answer: asyncio.Future[None] | None = None
        self._socket: Socket | None = None

    async def open(self, host: str, port: int, path: str) -> None:
        """Returns when they are welcome."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        _, self._socket = await loop.create_connection(lambda: Socket(host, path, self._hear), host, port)
        self._socket.send({"type": "hello", "after": 0, "language": "en", "page": "https://shop.example.test/"})
        await self._answered(self._answer)

    async def write(self, messages: int, text: str) -> None:
        """Write so many, each when the one before is stored, and note how long each took."""
        assert self._socket is not None
        for number in range(messages):
            self._answer = asyncio.get_running_loop().create_future()
            begun = time.perf_counter()
            self._socket.send({"type": "message", "id": f"{time.time_ns():016x}{number:08x}", "text": text})
            await self._answered(self._answer)
            self.took.append(time.perf_counter() - begun)

    async def _answered(self, answer: "asyncio.Future[None]") -> None:
        assert self._socket is not None
        await asyncio.wait({answer, self._socket.lost}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise self._socket.lost.result() or ConnectionError("the connection was lost")
        answer.result()

    def _hear(self, payload: bytes) -> None:
        if payload.startswith((b'{"type":"stored"', b'{"type": "stored"')):
            self._resolve()
        elif payload.startswith(b'{"type":"line"'):
            line = json.loads(payload)
            if line["from"] == "agent":
                self._lines.append((time.time_ns() - int(line["text"])) / 1e9)
        elif payload.startswith(b'{"type":"welcome"'):
            self.id = json.loads(payload)["visitor"]
            self._resolve()
        elif payload.startswith(b'{"type":"refused"') and self._answer is not None:
            self._answer.set_exception(ConnectionError(payload.decode()))

    def _resolve(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
