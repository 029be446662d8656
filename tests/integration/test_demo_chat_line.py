"""The simulated visitor's line: it keeps to the chat's protocol, and notices when the server does not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from trunkline.demo.simulation.browser import Browser
from trunkline.demo.simulation.chat_line import ChatLine, Ended, Unexpected

Frame = dict[str, Any]
Script = Callable[["Server", web.WebSocketResponse], Awaitable[None]]

WELCOME: Frame = {"type": "welcome", "token": "tok", "position": 0, "online": True}


class Server:
    """A chat server that plays a script on every connection, one after the other."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.hellos: list[Frame] = []
        self.frames: list[Frame] = []

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.hellos.append(await socket.receive_json())
        await self.scripts.pop(0)(self, socket)
        return socket

    async def until(self, socket: web.WebSocketResponse, kind: str) -> Frame:
        """The next frame of this kind."""
        while True:
            frame: Frame = await socket.receive_json()
            self.frames.append(frame)
            if frame["type"] == kind:
                return frame


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    application = web.Application()
    application.router.add_get("/chat/web/socket", made.handle)
    async with TestServer(application) as serving:
        made.url = str(serving.make_url("")).rstrip("/")  # type: ignore[attr-defined]
        yield made


@pytest.fixture
async def line(server: Server) -> AsyncIterator[ChatLine]:
    browser = Browser(server.url)  # type: ignore[attr-defined]
    await browser.start()
    made = ChatLine(browser, "web", language="en", identity=None)
    yield made
    await made.close()
    await browser.stop()


def agents_line(position: int, text: str = "Hello") -> Frame:
    return {"type": "line", "position": position, "from": "agent", "text": text, "name": "Ada"}


async def stores(server: Server, socket: web.WebSocketResponse) -> None:
    """Stores what comes, and goes on until the visitor leaves."""
    await socket.send_json(WELCOME)
    message = await server.until(socket, "message")
    own = {"type": "line", "position": 1, "from": "visitor", "id": message["id"], "text": message["text"]}
    await socket.send_json(own)
    await socket.send_json({"type": "stored", "id": message["id"], "position": 1})
    await socket.send_json(agents_line(2))
    await socket.receive()


async def breaks_off(server: Server, socket: web.WebSocketResponse) -> None:
    """Takes a message, and is gone before it says that it is stored."""
    await socket.send_json(WELCOME)
    await server.until(socket, "message")
    await socket.close(code=1012)


async def test_what_is_said_is_said_until_it_is_stored(server: Server, line: ChatLine) -> None:
    server.scripts = [breaks_off, stores]
    await line.connect()
    with pytest.raises(Ended) as ended:
        await line.say("Hello?")
    assert ended.value.code == 1012
    await line.connect()
    assert (await line.heard.get())["position"] == 2
    first, second = (frame for frame in server.frames if frame["type"] == "message")
    assert first == second, "the same id and the same text"
    assert server.hellos[0] == {"type": "hello", "after": 0, "language": "en"}
    assert server.hellos[1]["token"] == "tok"


async def test_a_page_that_is_loaded_anew_asks_for_everything(server: Server, line: ChatLine) -> None:
    async def speaks(_: Server, socket: web.WebSocketResponse) -> None:
        await socket.send_json({**WELCOME, "position": 1})
        await socket.send_json(agents_line(1))
        await socket.receive()

    server.scripts = [speaks, speaks, speaks]
    await line.connect()
    assert (await line.heard.get())["position"] == 1
    await line.connect(anew=True)
    assert (await line.heard.get())["position"] == 1
    assert [hello["after"] for hello in server.hellos] == [0, 0]
    assert line.position == 1


@pytest.mark.parametrize(
    "frames",
    [
        [agents_line(2), agents_line(2)],
        [agents_line(2), agents_line(1)],
        [{"type": "stored", "id": "never-said", "position": 1}],
        [{"type": "surprise"}],
        [WELCOME],
    ],
    ids=["a line twice", "a line late", "stored what was never said", "an unknown frame", "a second welcome"],
)
async def test_what_the_protocol_does_not_allow_is_noticed(server: Server, line: ChatLine, frames: list[Frame]) -> None:
    async def misbehaves(_: Server, socket: web.WebSocketResponse) -> None:
        await socket.send_json(WELCOME)
        await server.until(socket, "message")
        for frame in frames:
            await socket.send_json(frame)
        await socket.receive()

    server.scripts = [misbehaves]
    await line.connect()
    with pytest.raises(Unexpected):
        await line.say("Hello?")
    assert line.broken.is_set()
    with pytest.raises(Unexpected):
        await line.typing()


async def test_what_is_refused_for_good_is_not_said_again(server: Server, line: ChatLine) -> None:
    async def refuses(server: Server, socket: web.WebSocketResponse) -> None:
        await socket.send_json(WELCOME)
        message = await server.until(socket, "message")
        await socket.send_json({"type": "refused", "id": message["id"], "code": "too_long", "detail": "too long"})
        await socket.receive()

    async def silent(_: Server, socket: web.WebSocketResponse) -> None:
        await socket.send_json(WELCOME)
        await socket.receive()

    server.scripts = [refuses, silent]
    await line.connect()
    with pytest.raises(ConnectionError, match="too_long"):
        await line.say("x" * 10)
    await line.connect()
    await line.close()
    assert len([frame for frame in server.frames if frame["type"] == "message"]) == 1


async def test_a_connection_that_is_refused_ends_with_its_code(server: Server, line: ChatLine) -> None:
    async def forbids(_: Server, socket: web.WebSocketResponse) -> None:
        await socket.close(code=4403)

    server.scripts = [forbids]
    with pytest.raises(Ended) as ended:
        await line.connect()
    assert ended.value.code == 4403
