"""A visitor's line to the chat: a strict client of its protocol.

It keeps what the widget keeps: the visitor token, the position up to which it has everything, and each message with its
id until the server says that it is stored. `connect` may be called again after any end; what was not stored is then
sent again, with the same id. One `connect` at a time. Whatever the protocol does not allow (a line twice on one
connection, a line out of order, an acknowledgement of nothing, a frame of an unknown kind) is an error of the server
and raises Unexpected.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from aiohttp import ClientWebSocketResponse, WSMsgType

from .browser import Browser

Frame = Mapping[str, Any]

STALE = 4401
_WELCOME_SECONDS = 15.0
_PASSED_OVER = frozenset({"typing", "seen", "status", "history", "gap", "email"})


class Unexpected(Exception):
    """The server has said what it must not say."""


class Ended(ConnectionError):
    """The connection ended; `code` is its close code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the chat's connection ended with {code}")
        self.code = code


class ChatLine:
    """One visitor's connections, one after the other."""

    def __init__(self, browser: Browser, site: str, *, language: str, identity: Callable[[], str] | None) -> None:
        self._browser = browser
        self._site = site
        self._language = language
        self._identity = identity
        self._socket: ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._welcome: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._unstored: dict[str, Frame] = {}
        self._stored: dict[str, asyncio.Future[int]] = {}
        self._there = 0
        self.token = ""
        self.position = 0
        self.heard: asyncio.Queue[Frame] = asyncio.Queue()
        """Lines that are not the visitor's own."""
        self.broken = asyncio.Event()
        """The connection has ended, and not because the visitor left."""
        self.left = False
        """The visitor has gone for good."""
        self._fault: Unexpected | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection that has not ended."""
        return self._socket is not None and not self._socket.closed and not self.broken.is_set()

    async def connect(self, *, anew: bool = False) -> Frame:
        """Connect, or go on where it ended; `anew` as a page that was loaded again asks for everything.

        Returns the welcome. Raises Ended, also when the visitor has left for good, and aiohttp's errors.
        """
        await self.close()
        if anew:
            self.position = 0
        self._there = self.position
        self.broken.clear()
        self._welcome = asyncio.get_running_loop().create_future()
        self._socket = await self._browser.socket(self._site)
        if self.left:
            await self.close()
            raise Ended(None)
        await self._socket.send_json(self._hello())
        self._reading = asyncio.create_task(self._read(self._socket))
        async with asyncio.timeout(_WELCOME_SECONDS):
            welcome = await self._welcome
        self.token = str(welcome["token"])
        for frame in list(self._unstored.values()):
            await self._send(frame)
        return welcome

    async def say(self, text: str, files: tuple[Frame, ...] = ()) -> int:
        """Say something; returns its position once it is stored. Raises Ended: `connect` sends it again."""
        id_ = uuid4().hex
        frame = {"type": "message", "id": id_, "text": text, **({"files": list(files)} if files else {})}
        self._unstored[id_] = frame
        self._stored[id_] = asyncio.get_running_loop().create_future()
        await self._send(frame)
        return await self._stored[id_]

    async def typing(self) -> None:
        """Say that the visitor is typing."""
        await self._send({"type": "typing"})

    async def seen(self, position: int, state: str) -> None:
        """Say how far the visitor has everything, or has read everything."""
        await self._send({"type": "seen", "position": position, "state": state})

    async def upload(self, name: str, content: bytes) -> Frame | None:
        """A file for a message; None when it was refused."""
        return await self._browser.upload(self._site, self.token, name, content)

    async def prove(self, email: str) -> None:
        """Ask for a code at this address."""
        await self._send({"type": "address", "email": email})

    async def code(self, code: str) -> None:
        """Prove the address with the code."""
        await self._send({"type": "code", "code": code})

    async def leave(self) -> None:
        """Go for good."""
        self.left = True
        await self.close()

    async def close(self) -> None:
        """End the connection; nothing more is heard until the next."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._reading
            self._reading = None
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    def _hello(self) -> Frame:
        hello: dict[str, Any] = {"type": "hello", "after": self.position, "language": self._language}
        if self.token:
            hello["token"] = self.token
        if self._identity is not None:
            hello["identity"] = self._identity()
        return hello

    async def _send(self, frame: Frame) -> None:
        if self._fault is not None:
            raise self._fault
        if self._socket is None or self._socket.closed:
            raise Ended(None if self._socket is None else self._socket.close_code)
        await self._socket.send_json(frame)

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        error: Exception
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(json.loads(message.data))
            error = Ended(socket.close_code)
        except OSError as lost:
            error = lost
        except Unexpected as fault:
            error = self._fault = fault
        self.broken.set()
        waited: list[asyncio.Future[Any]] = [self._welcome, *self._stored.values()]
        for waiting in waited:
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # nobody may be waiting

    def _take(self, frame: Frame) -> None:
        match frame.get("type"):
            case "welcome":
                self._once(self._welcome, frame)
            case "line":
                self._line(frame)
            case "stored":
                self._acknowledged(str(frame["id"]), int(frame["position"]))
            case "refused":
                self._refused(frame)
            case kind if kind in _PASSED_OVER:
                pass
            case kind:
                raise Unexpected(f"a frame of the kind {kind!r}")

    def _line(self, frame: Frame) -> None:
        position = int(frame["position"])
        if position <= self._there:
            raise Unexpected(f"line {position} came behind line {self._there}")
        self._there = self.position = position
        if frame["from"] != "visitor":
            self.heard.put_nowait(frame)

    def _acknowledged(self, id_: str, position: int) -> None:
        if id_ not in self._stored:
            raise Unexpected("an acknowledgement of what was never said")
        self._unstored.pop(id_, None)
        if not self._stored[id_].done():
            self._stored[id_].set_result(position)

    def _refused(self, frame: Frame) -> None:
        """A message that cannot be taken is given up; one that comes too soon stays for the next connection."""
        id_ = str(frame.get("id") or "")
        if id_ in self._stored and not self._stored[id_].done():
            if "retry_after" not in frame:
                self._unstored.pop(id_, None)
            self._stored[id_].set_exception(ConnectionError(f"refused: {frame.get('code')}"))
            self._stored[id_].exception()

    def _once(self, waiting: "asyncio.Future[Frame]", frame: Frame) -> None:
        if waiting.done():
            raise Unexpected("a second welcome")
        waiting.set_result(frame)
