"""Visitors of the chat, each with a socket, as the widget has one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from .gateway import Gateway

Frame = dict[str, Any]


class Chat:
    """A visitor with a socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def say(self, type_: str, **fields: Any) -> None:
        """Send one frame."""
        await self._socket.send_json({"type": type_, **fields})

    async def until(self, type_: str, **wanted: Any) -> Frame:
        """The next frame of this type with these fields."""
        while True:
            frame: Frame = await self._socket.receive_json(timeout=30)
            if frame["type"] == type_ and all(frame.get(name) == value for name, value in wanted.items()):
                return frame


@asynccontextmanager
async def visiting(made: Gateway, **hello: Any) -> AsyncIterator[tuple[Chat, Frame]]:
    """A visitor who was welcomed."""
    async with aiohttp.ClientSession(made.url) as session, session.ws_connect("/chat/web/socket") as socket:
        chat = Chat(socket)
        await chat.say("hello", **hello)
        yield chat, await chat.until("welcome")
