"""A server of chats for the widget's tests: it keeps to the protocol, and misbehaves where the script says so.

    chat.script("drop", "lose", "store")   # what becomes of the next three messages: the connection is cut before the
                                           # first is stored, and after the second is; the third is taken as usual
    chat.refuse(code="flood", retry_after=3)   # the next message is refused with this
    chat.script({"close": 4400})           # the next message ends the connection with this code
    chat.sockets = "broken"                 # sockets fail before any welcome; "silent": they never say anything
    chat.polling = "broken"                 # so do requests
    await chat.say("Hello")                 # an agent writes
    await chat.until(lambda: ...)           # as soon as what the server has seen makes it true

It keeps what it was sent (`frames`, per connection) and what it stored (`lines`). One visitor, one conversation.
The shop is a page of another origin under a strict policy, as a customer would have it.
"""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from .serving import served
from .shop import shop

WIDGET = Path(__file__).parents[3] / "adapters" / "chat"
TEXTS: dict[str, dict[str, str]] = json.loads((WIDGET / "texts.json").read_text("utf-8"))
LIMIT = 20.0

Frame = dict[str, Any]


class ScriptedChat:
    """The server, and what it has seen."""

    def __init__(self) -> None:
        self.url = self.shop = ""
        self.lines: list[Frame] = []
        self.frames: list[tuple[int, Frame]] = []
        self.connections = 0
        self.polls = 0
        self.uploads: list[tuple[str, bytes]] = []
        self.sockets = self.polling = ""
        self.start_status = 200
        self.title = "Write to us"
        self.online, self.opens_at = True, None
        self.email: Frame | None = None
        self.limits = {"text": 8000, "file": 10 * 1024 * 1024, "files": 5}
        self.visitor = secrets.token_hex(16)
        self.signed_in = False  # in a conversation that was begun before
        self.desk_read = 0
        self.upload_status = 201
        self.uploading = asyncio.Event()
        self.uploading.set()
        self.color = "#1f5fbf"
        self.forged: set[str | None] = set()
        self._plan: deque[Any] = deque()
        self._open: set[web.WebSocketResponse] = set()
        self._news = asyncio.Condition()

    # What a test says.

    def script(self, *deeds: Any) -> None:
        """What becomes of the next messages."""
        self._plan.extend(deeds)

    def refuse(self, **refusal: Any) -> None:
        """The next message is refused."""
        self._plan.append(refusal)

    async def say(self, text: str, *, name: str = "Ada", **fields: Any) -> int:
        """An agent writes; the position of the line."""
        line = {"id": f"a-{secrets.token_hex(8)}", "from": "agent", "name": name, "text": text, **fields}
        return await self._append(line)

    async def send(self, frame: Mapping[str, Any]) -> None:
        """A frame to everybody who is connected."""
        for socket in list(self._open):
            await socket.send_json(frame)

    async def close_all(self, code: int, reason: str = "") -> None:
        """Close every connection with this code."""
        for socket in list(self._open):
            await socket.close(code=code, message=reason.encode())

    def cut_all(self) -> None:
        """Cut every connection without a word."""
        for socket in list(self._open):
            self._cut(socket)

    def heal(self) -> None:
        """Sockets and requests come through again."""
        self.sockets = self.polling = ""

    async def until(self, true: Callable[[], bool]) -> None:
        """As soon as it is true."""
        async with asyncio.timeout(LIMIT), self._news:
            await self._news.wait_for(true)

    def sent(self, kind: str) -> list[Frame]:
        """The frames of this type, in the order in which they came."""
        return [frame for _, frame in self.frames if frame["type"] == kind]

    @property
    def connected(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    # What the widget asks.

    async def widget(self, _: web.Request) -> web.Response:
        """The script."""
        return web.Response(body=(WIDGET / "widget.js").read_bytes(), content_type="text/javascript")

    async def start(self, request: web.Request) -> web.Response:
        """What it needs before it connects."""
        if self.start_status == 403:
            language = request.query.get("language", "en")
            texts = {"unavailable": TEXTS[language]["unavailable"]}
            refusal = {"language": language, "direction": "ltr", "color": self.color, "texts": texts}
            return web.json_response(refusal, status=403, headers=_ANY)
        if self.start_status != 200:
            return web.json_response({"title": "no"}, status=self.start_status, headers=_ANY)
        language = request.query.get("language", "en").partition("-")[0]
        language = language if language in TEXTS else "en"
        facts = {
            "site": "web",
            "title": self.title or TEXTS[language]["title"],
            "color": self.color,
            "language": language,
            "direction": "rtl" if language in ("ar", "he") else "ltr",
            "texts": TEXTS[language],
            "online": self.online,
            "opens_at": self.opens_at,
            "limits": self.limits,
            "identity_required": False,
        }
        return web.json_response(facts, headers=_ANY)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """A connection."""
        if self.sockets == "broken":
            return web.Response(status=502)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        number = self.connections
        await self._told()
        async for message in socket:
            if message.type is WSMsgType.TEXT and self.sockets != "silent":
                await self._take(number, message.json(), socket)
        self._open.discard(socket)
        await self._told()
        return socket

    async def poll(self, request: web.Request) -> web.Response:
        """A request that waits for news."""
        self.polls += 1
        await self._told()
        if self.polling == "broken":
            return web.json_response({"title": "no"}, status=503, headers=_ANY)
        asked = json.loads(await request.read())
        if asked.get("token") in self.forged:
            return web.json_response({"title": "no"}, status=401, headers=_ANY)
        frames: list[Frame] = []
        if not asked.get("token") or not (asked["frames"] or asked["wait"]):
            frames.append(self._welcome())
        for frame in asked["frames"]:
            self.frames.append((0, frame))
            frames += await self._answers(frame)
        await self._told()
        if not frames:
            async with self._news:
                await _within(asked["wait"], self._news.wait_for(lambda: len(self.lines) > asked["after"]))
        return web.json_response({"frames": frames + self.lines[asked["after"] :]}, headers=_ANY)

    async def upload(self, request: web.Request) -> web.Response:
        """A file."""
        content = await request.read()
        await self.uploading.wait()
        if self.upload_status != 201:
            return web.json_response({"title": "no"}, status=self.upload_status, headers=_ANY)
        name = request.query["name"]
        self.uploads.append((name, content))
        file = {"sha256": secrets.token_hex(32), "name": name, "media_type": request.content_type, "size": len(content)}
        await self._told()
        return web.json_response(file, status=201, headers=_ANY)

    # Behind it.

    async def _take(self, number: int, frame: Frame, socket: web.WebSocketResponse) -> None:
        self.frames.append((number, frame))
        if frame["type"] == "hello":
            await self._hello(frame, socket)
        elif frame["type"] == "message" and self._plan and self._plan[0] in ("drop", "lose"):
            if self._plan.popleft() == "lose":
                self._store(frame)
            self._cut(socket)
        elif frame["type"] == "message" and self._plan and "close" in self._plan[0]:
            await socket.close(code=self._plan.popleft()["close"])
        else:
            for answer in await self._answers(frame):
                await socket.send_json(answer)
        await self._told()

    async def _hello(self, frame: Frame, socket: web.WebSocketResponse) -> None:
        if frame.get("token") in self.forged:
            await socket.close(code=4401, message=b"no")
            return
        await socket.send_json(self._welcome())
        after = min(frame["after"], len(self.lines))
        if len(self.lines) - after > 200:
            after = len(self.lines) - 200
            await socket.send_json({"type": "gap"})
        for line in self.lines[after:]:
            await socket.send_json(line)
        self._open.add(socket)

    async def _answers(self, frame: Frame) -> list[Frame]:
        match frame["type"]:
            case "message":
                return await self._message(frame)
            case "before":
                older = self.lines[max(0, frame["position"] - 51) : frame["position"] - 1]
                return [{"type": "history", "lines": older, "more": bool(older) and older[0]["position"] > 1}]
            case "address":
                return [{"type": "email", "value": frame["email"], "proven": False}]
            case "code":
                good = frame["code"] == "123456"
                proven = {"type": "email", "value": "maria@example.org", "proven": True}
                return [proven if good else {"type": "refused", "code": "bad_code", "detail": "no"}]
        return []

    async def _message(self, frame: Frame) -> list[Frame]:
        deed = self._plan.popleft() if self._plan else "store"
        if isinstance(deed, dict):
            return [{"type": "refused", "id": frame["id"], "detail": "no", **deed}]
        line = self._store(frame)
        for socket in list(self._open):
            await socket.send_json(line)
        return [{"type": "stored", "id": frame["id"], "position": line["position"]}]

    def _store(self, frame: Frame) -> Frame:
        for line in self.lines:
            if line["id"] == frame["id"]:
                return line
        return self._appended({**frame, "from": "visitor", "name": "", "files": frame.get("files", [])})

    def _appended(self, line: Frame) -> Frame:
        at = int(time.time() * 1000)
        line = {"at": at, "files": [], **line, "type": "line", "position": len(self.lines) + 1}
        self.lines.append(line)
        return line

    async def _append(self, line: Frame) -> int:
        line = self._appended(line)
        await self._told()
        await self.send(line)
        return int(line["position"])

    def _welcome(self) -> Frame:
        return {
            "type": "welcome",
            "token": f"token-{self.visitor}",
            "visitor": self.visitor,
            "signed_in": self.signed_in or self.visitor.startswith("u_"),
            "position": len(self.lines),
            "online": self.online,
            "opens_at": self.opens_at,
            "name": "",
            "email": self.email,
            "limits": self.limits,
            "seen": {"desk": self.desk_read},
        }

    def _cut(self, socket: web.WebSocketResponse) -> None:
        self._open.discard(socket)
        transport = socket._req.transport if socket._req else None
        if transport is not None:
            transport.abort()

    async def _told(self) -> None:
        async with self._news:
            self._news.notify_all()


_ANY = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
_PREFLIGHT = {**_ANY, "Access-Control-Allow-Headers": "authorization, content-type"}


async def _within(seconds: float, waiting: Any) -> None:
    try:
        await asyncio.wait_for(waiting, seconds)
    except TimeoutError:
        return


async def _preflight(_: web.Request) -> web.Response:
    return web.Response(status=204, headers=_PREFLIGHT)


@asynccontextmanager
async def scripted_chat() -> AsyncIterator[ScriptedChat]:
    """The server and the shop, each with an address of its own."""
    chat = ScriptedChat()
    desk = web.Application(client_max_size=64 * 1024 * 1024)
    desk.router.add_get("/chat/widget.js", chat.widget)
    desk.router.add_get("/chat/web/start", chat.start)
    desk.router.add_get("/chat/web/socket", chat.socket)
    desk.router.add_post("/chat/web/poll", chat.poll)
    desk.router.add_post("/chat/web/files", chat.upload)
    desk.router.add_route("OPTIONS", "/chat/web/{face}", _preflight)
    async with served(desk) as chat.url, shop(chat.url) as chat.shop:
        yield chat
