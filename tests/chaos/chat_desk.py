"""A desk with a chat beside its other channels, without processes or sockets: the adapter's own way in and out.

A visitor whose window was closed reads the log on from their cursor, so what they have seen is put together over
several looks, as over reconnects.
"""

import hashlib
from pathlib import Path
from typing import Any

from trunkline.adapters.chat.admission import Visitor
from trunkline.adapters.chat.frames import Message as Frame
from trunkline.adapters.chat.parsing import read_raw
from trunkline.adapters.chat.receipts import ChatReceipts
from trunkline.adapters.chat.sending import ChatSender
from trunkline.adapters.chat.settings import ChatCaps, ChatSettings
from trunkline.adapters.chat.sites import Sites
from trunkline.adapters.chat.storing import Storing, VisitorFacts
from trunkline.adapters.chat.uploads import UploadedFiles
from trunkline.normalizer.envelope import RawMessage
from trunkline.normalizer.outgoing import Parsed
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs
from trunkline.queue.worker import Worker
from trunkline.router.delivery import Delivery
from trunkline.router.intake_handler import IntakeHandler

from ..integration.conftest import SETTINGS, Desk
from .history import History, Message, Sight, Stay
from .letters import stored_bytes
from .station import SITE

CAPS = ChatCaps()


class ChatDesk(Desk):
    """The desk of the integration tests, with the site `web`."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(engine, folder, SETTINGS | {"acknowledgement": {"again_after": "0s"}})
        self.logs = ConversationLogs(engine, self.clock)
        files = UploadedFiles(self.blobs, self.logs)
        self.storing = Storing(self.intake, self.logs, files, self.clock.now)
        self.receipts = ChatReceipts(self.intake, self.logs)
        sites = Sites(ChatSettings.model_validate({SITE: {}}), lambda _: "secret")
        parsers = {"test": self.parse, "mail": self.parse, "chat": _parse}
        senders = {"test": self.send, "mail": self.send, "chat": ChatSender(sites, self.logs, _follow).send}
        self.intake_handler = IntakeHandler(engine, self.clock, self.blobs, self.filer, parsers=parsers)
        self.delivery = Delivery(engine, self.clock, senders=senders, repeatable={"chat"})
        self.filers = Worker(self.intake.queue, self.clock, self.intake_handler.handle)
        self.senders = Worker(self.offers._keys.outbox, self.clock, self.delivery.handle)


async def _parse(raw: RawMessage) -> Parsed:
    return read_raw(raw)


async def _follow(*_: Any) -> None:
    """Nobody is followed by mail."""


class DeskVisitor:
    """Somebody who chats."""

    def __init__(self, desk: ChatDesk, history: History, name: str) -> None:
        self.visitor = Visitor(site=SITE, id=hashlib.md5(name.encode()).hexdigest(), token="")
        self._desk = desk
        self._history = history
        self._name = name
        self._cursor = 0

    def message(self, word: str) -> Message:
        """What they are about to write."""
        client_id = f"line-of-a-day-{word}"
        digest = hashlib.sha256(stored_bytes(client_id, word)).hexdigest()
        return Message(id=word, channel="chat", external_id=client_id, digests=(digest,), conversation=self._name)

    async def write(self, word: str) -> str:
        """One try; returns the place that was told. Raises EngineUnavailable."""
        frame = Frame(type="message", id=f"line-of-a-day-{word}", text=word)
        position = await self._desk.storing.store(self.visitor, VisitorFacts(face="socket", peer=""), CAPS, frame)
        return f"{self.visitor.conversation}@{position}"

    async def look(self) -> None:
        """See what is new, and say so. Raises EngineUnavailable."""
        for line in await self._desk.logs.read(self.visitor.conversation, after=self._cursor):
            self._cursor = line.position
            said = {"id": line.data["id"], "author": line.data["from"], "text": line.data["text"]}
            self._history.add(Sight(window=self._name, conversation=self._name, position=line.position, **said))
        await self._desk.receipts.seen(self.visitor, self._cursor, "read")

    def stay(self) -> None:
        """They have seen everything."""
        self._history.add(Stay(window=self._name, conversation=self._name))
