"""The channel chat for the conformance tests: a visitor with a socket, and a log in memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiohttp import ClientSession

from trunkline.adapters.card import ChannelParts
from trunkline.adapters.chat.channel import ChatChannel
from trunkline.adapters.chat.settings import ChatSettings
from trunkline.adapters.chat.visitor_token import issue
from trunkline.config.desk_settings import AttachmentSettings
from trunkline.config.engine_settings import ListenSettings
from trunkline.config.errors import EngineUnavailable
from trunkline.config.secret_store import Secrets
from trunkline.normalizer.envelope import Assurance
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import LogLine, conversation_name
from trunkline.queue.keys import Keys
from trunkline.queue.log_tail import LogTail
from trunkline.queue.signals import Signals
from trunkline.web.peers import Peers
from trunkline.web.service import WebService, new_application

from .subject import Answer, Subject, url_of

VISITOR = "0123456789abcdef" * 2
KEY = b"a key of the tests"
SITE_SECRETS = {
    f"TRUNKLINE_SECRET_CHAT_{site}": "a secret of the tests that is long enough" for site in ("WEB", "ANOTHER")
}
SECRETS = {"TRUNKLINE_SECRET_CHAT_TOKEN": KEY.decode(), **SITE_SECRETS}


@dataclass
class MemoryLogs:
    """Conversations, as far as the tests of all adapters touch them."""

    written: list[bytes] = field(default_factory=list)
    away: bool = False

    async def append(self, conversation: str, line: Mapping[str, Any], *, key: str) -> int:
        assert conversation == conversation_name("web", VISITOR)
        assert line["id"] == key
        if self.away:
            raise EngineUnavailable("away")
        self.written.append(json.dumps(line).encode())
        return len(self.written)

    async def read(self, *_: str, **__: int) -> list[LogLine]:
        return []

    async def last(self, _: str) -> int:
        return 0

    async def marks(self, _: str) -> dict[str, int]:
        return {}

    async def marked(self, *_: str) -> int:
        return 0

    async def facts(self, _: str) -> dict[str, str]:
        return {}

    async def fact(self, *_: str) -> str:
        return ""

    async def seen_here(self, _: Sequence[str]) -> None:
        """Nobody asks."""

    async def left(self, _: str) -> None:
        """Nobody asks."""


class ChatSubject(Subject):
    """Chat: a visitor's socket in, the log out."""

    account = "web"
    sender_key = f"chat:web:{VISITOR}"
    has_vendor = False
    believed = Assurance.CHANNEL

    async def open(self) -> None:
        self._logs = MemoryLogs()
        self._clock = ManualClock()
        self._channel = self._made("web")
        self.adapter = self._channel
        application = new_application()
        self._channel.routes(application)
        self._service = WebService(application, "127.0.0.1", 0)
        await self._service.start()

    def _made(self, site: str) -> ChatChannel:
        engine = Engine("redis://127.0.0.1:1", Keys("nobody"))
        pieces: dict[str, Any] = {"intake": self.intake, "logs": self._logs, "blobs": None}
        parts = ChannelParts(
            engine=engine,
            clock=self._clock,
            log_tail=LogTail(engine),
            signals=Signals(engine),
            peers=Peers(),
            fit=lambda asked, _: asked,
            secrets=Secrets(Path("nowhere"), SECRETS, False),
            listen=ListenSettings(),
            attachments=AttachmentSettings(),
            staffed=self._available,
            mail_out=None,
            forward=None,
            plain_page="",
            **pieces,
        )
        return ChatChannel(ChatSettings.model_validate({site: {}}), parts)

    @staticmethod
    async def _available(_: str | None) -> tuple[bool, int | None]:
        return True, None

    async def close(self) -> None:
        await self._service.stop()
        await self._channel.stop()

    @property
    def address(self) -> str:
        return VISITOR

    async def deliver(self, identifier: str, text: str) -> Answer:
        url = url_of(self._service, "chat/web/socket")
        async with ClientSession() as session, session.ws_connect(url) as socket:
            await socket.send_json({"type": "hello", "token": issue(KEY, "web", VISITOR, self._clock.now())})
            await socket.send_json({"type": "message", "id": f"conformance-{identifier:0>8}", "text": text})
            while True:
                frame = await socket.receive_json()
                if frame["type"] == "stored":
                    return "taken"
                if frame["type"] == "refused":
                    return "later" if frame.get("retry_after") else "never"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self._logs.away = answer in {"later", "away", "silent"}
        if answer == "never":
            self.adapter = self._made("another")

    @property
    def arrived(self) -> list[bytes]:
        return self._logs.written


SUBJECT = ChatSubject
