"""The chat on a real engine, spoken to by real clients: one or several processes, and visitors with sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from trunkline.adapters.card import ChannelParts
from trunkline.adapters.chat.channel import ChatChannel
from trunkline.adapters.chat.settings import ChatSettings
from trunkline.adapters.outgoing_mail import MailOut, UnreadAnswers
from trunkline.config.desk_settings import AttachmentSettings
from trunkline.config.engine_settings import ListenSettings
from trunkline.config.errors import TrunklineError
from trunkline.config.secret_store import Secrets
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs
from trunkline.queue.intake import Intake
from trunkline.queue.keys import Keys
from trunkline.queue.log_tail import LogTail
from trunkline.queue.signals import Signals
from trunkline.queue.worker import Worker
from trunkline.web.peers import Peers
from trunkline.web.service import WebService, new_application

SITE_SECRET = "a secret of the tests, which is long enough for HS256"
SECRETS = {"TRUNKLINE_SECRET_CHAT_TOKEN": "the key of the tests", "TRUNKLINE_SECRET_CHAT_WEB": SITE_SECRET}
ARTICLE = "0193512e-aaaa-7000-8000-{:012d}"
LIMIT = 20.0

Frame = dict[str, Any]


class Visitor:
    """A client with a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.token = ""
        self.id = ""
        self.heard: list[Frame] = []

    async def say(self, type_: str, **fields: Any) -> None:
        """Send a frame."""
        await self.socket.send_str(json.dumps({"type": type_, **fields}))

    async def hear(self) -> Frame:
        """The next frame. Raises ConnectionResetError when there will be none."""
        async with asyncio.timeout(LIMIT):
            message = await self.socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise ConnectionResetError(f"closed with {message.data} {message.extra!r}")
        frame: Frame = json.loads(message.data)
        self.heard.append(frame)
        return frame

    async def until(self, type_: str, **wanted: Any) -> Frame:
        """The next frame of this type with these fields; what comes before it is in `heard`."""
        while True:
            frame = await self.hear()
            if frame["type"] == type_ and all(frame.get(name) == value for name, value in wanted.items()):
                return frame

    async def closed(self) -> tuple[int | None, str]:
        """The close code and reason, after whatever comes before."""
        async with asyncio.timeout(LIMIT):
            while True:
                message = await self.socket.receive()
                if message.type is not WSMsgType.TEXT:
                    code = message.data if message.type is WSMsgType.CLOSE else self.socket.close_code
                    return code, str(message.extra or "")

    async def write(self, id_: str, text: str, **more: Any) -> int:
        """Send a message and wait until it is stored; its position."""
        await self.say("message", id=id_, text=text, **more)
        return int((await self.until("stored", id=id_))["position"])

    def lines(self) -> list[int]:
        """The positions of the lines heard so far."""
        return [frame["position"] for frame in self.heard if frame["type"] == "line"]


class Process:
    """One process with the chat; several share the engine of a world."""

    def __init__(self, world: "World", attachments: AttachmentSettings | None = None, **options: Any) -> None:
        self.world = world
        self.logs = ConversationLogs(world.engine, world.clock)
        self.tail = LogTail(world.engine)
        self.signals = Signals(world.engine)
        self.intake = Intake(world.engine, world.clock, world.blobs, gate=self._gate)
        self.failure: TrunklineError | None = None
        parts = ChannelParts(
            engine=world.engine,
            clock=world.clock,
            intake=self.intake,
            blobs=world.blobs,
            logs=self.logs,
            log_tail=self.tail,
            signals=self.signals,
            peers=Peers(),
            fit=lambda asked, _: asked,
            secrets=Secrets(Path("nowhere"), SECRETS, False),
            listen=ListenSettings(),
            attachments=attachments or AttachmentSettings(),
            staffed=world.availability,
            mail_out=MailOut(channel="mail", account="desk@example.test", adapter=lambda: world.mailbox),
            forward=world.forward,
            plain_page="",
        )
        self.channel = ChatChannel(ChatSettings.model_validate(world.settings), parts, **options)
        application = new_application()
        self.channel.routes(application)
        self.service = WebService(application, "127.0.0.1", 0)
        self.session = ClientSession()

    def _gate(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def start(self) -> None:
        """As the gateway starts it."""
        for service in (self.tail, self.signals, self.channel, self.service):
            await service.start()

    async def stop(self) -> None:
        """As the gateway stops it."""
        for service in (self.service, self.channel, self.signals, self.tail):
            await service.stop()
        await self.session.close()

    def url(self, path: str = "") -> str:
        """Where a site's faces are."""
        host, port = self.service.address
        return f"http://{host}:{port}/chat/{path}"

    async def connect(self, site: str = "web", **headers: str) -> Visitor:
        """A socket that has said nothing yet."""
        socket = await self.session.ws_connect(self.url(f"{site}/socket"), headers=headers, max_msg_size=1 << 22)
        return Visitor(socket)

    async def visit(self, token: str | None = None, **hello: Any) -> Visitor:
        """A visitor who was welcomed."""
        visitor = await self.connect()
        await visitor.say("hello", **({"token": token} if token else {}), **hello)
        welcome = await visitor.until("welcome")
        visitor.token, visitor.id = welcome["token"], welcome["visitor"]
        return visitor

    async def poll(self, **body: Any) -> list[Frame]:
        """One long poll."""
        async with self.session.post(self.url("web/poll"), json=body) as response:
            assert response.status == 200, await response.text()
            frames: list[Frame] = (await response.json())["frames"]
            return frames

    async def answer(self, visitor: str, number: int, text: str = "Hello", **changes: Any) -> Sent:
        """An agent's answer, as the outbox sends it."""
        article = ARTICLE.format(number)
        given: dict[str, Any] = {
            "article_id": article,
            "external_id": article,
            "ticket_id": "0193512e-bbbb-7000-8000-000000000001",
            "number": "T-1",
            "channel": "chat",
            "account": "web",
            "to": visitor,
            "text": text,
            "author": "Ada",
            "created_at": self.world.clock.now(),
        }
        return await self.channel.send(Outgoing(**(given | changes)))


class World:
    """What the processes of a test share."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.clock = ManualClock()
        self.blobs = Blobs(folder, engine)
        self.settings: Mapping[str, Any] = {"web": {}}
        self.online: tuple[bool, int | None] = (True, None)
        self.was_asked = asyncio.Event()  # whether somebody is there: by everybody who comes in
        self.mailed: list[Outgoing] = []
        self.forwarded: list[UnreadAnswers] = []
        self.trouble: TrunklineError | None = None
        self._stack = AsyncExitStack()

    async def availability(self, _: str) -> tuple[bool, int | None]:
        """Whether somebody is there."""
        self.was_asked.set()
        return self.online

    @property
    def mailbox(self) -> Any:
        """The channel mail, as far as chat uses it."""
        return SimpleNamespace(send=self.mail, outgoing_id=lambda id_, _: f"{id_}@test")

    async def mail(self, outgoing: Outgoing) -> Sent:
        """The way out by mail."""
        if self.trouble is not None:
            raise self.trouble
        self.mailed.append(outgoing)
        return Sent(reference=outgoing.external_id)

    async def forward(self, unread: UnreadAnswers) -> None:
        """The desk's way to follow a visitor by mail."""
        if self.trouble is not None:
            raise self.trouble
        self.forwarded.append(unread)

    async def process(self, settings: Mapping[str, Any] | None = None, **options: Any) -> Process:
        """One more process."""
        if settings is not None:
            self.settings = settings
        process = Process(self, **options)
        await process.start()
        self._stack.push_async_callback(process.stop)
        return process

    async def settle(self, process: Process) -> None:
        """Work off what is due for the worker."""
        for job in (process.channel.unread, process.channel.code_mails):
            await Worker(job.queue, self.clock, job.handle).drain()

    async def close(self) -> None:
        """End everything."""
        await self._stack.aclose()
        await self.blobs.stop()


@pytest.fixture
async def world(engine_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[World]:
    """An engine with a workspace of its own."""
    engine = Engine(engine_url, keys)
    made = World(engine, tmp_path / "blobs")
    await made.blobs.start()
    yield made
    await made.close()
    await engine.close()


@pytest.fixture
def signed(world: World) -> Callable[..., str]:
    """Identities as a page's server signs them."""

    def sign(**claims: Any) -> str:
        given = {"sub": "maria", "exp": world.clock.now() // 1000 + 3600}
        return jwt.encode(given | claims, SITE_SECRET, algorithm="HS256")

    return sign
