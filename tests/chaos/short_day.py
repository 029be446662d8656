"""One short day at a desk: three conversations, one a chat, their filing, offers, acceptances, replies that leave.

The engine, or the way to it, may fail at any step. Everybody then repeats what they were not answered, as in life, with
the same ids, and holders of leases that were lost are waited out.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from redis import Redis

from trunkline.config.errors import EngineUnavailable, Gone
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.router.ticket_requests import Writing

from .chat_desk import ChatDesk, DeskVisitor
from .evidence import Evidence
from .history import Action, Attempt, History, Message
from .picture import take

LEASE_MS = 31_000  # longer than a lease holds, and than the pauses before the first tries
UNDO = timedelta(seconds=10)

Result = TypeVar("Result")


class FragileWay(Protocol):
    """An engine, or a way to it, that fails at some point."""

    @property
    def socket(self) -> Path:
        """Where the desk connects."""

    @property
    def engine_socket(self) -> Path:
        """Where the engine itself listens."""

    async def revive(self) -> None:
        """Make it serve again, if it does not."""

    async def restart(self) -> None:
        """From here on it no longer fails."""


class ShortDay:
    """The day, and what everybody was told in it."""

    def __init__(self, way: FragileWay, folder: Path) -> None:
        self._way = way
        self._folder = folder
        self._history = History()
        self._time = 0.0
        self.taken_back = set[str]()  # articles that must not come to be
        connected = Engine(f"unix://{way.socket}", Keys(f"t{uuid.uuid4().hex[:8]}"))
        self.desk = ChatDesk(connected, folder / "blobs")
        self._visitor = DeskVisitor(self.desk, self._history, "somebody who chats")

    async def live(self) -> Evidence:
        """From the first message to the last mail."""
        desk = self.desk
        await self._insist(desk.blobs.start)
        await self._insist(desk.start)
        await self._insist(lambda: desk.actions.presence("ada", "available", actor="ada"))
        await self._write("word1", "chat", key="chat:1")
        await self._write("word2", "chat", key="chat:1", more="x" * 70_000)
        await self._write("word3", "mails", channel="mail", announces=["mail:word3"])
        await self._write("word4", "mails", channel="mail", announces=["mail:word4"], key="mail:word3")
        await self._chat("line1")
        await self._chat("line2")
        await self._settle()
        for ticket in await self._insist(desk.tickets):
            await self._insist(partial(desk.actions.accept, ticket.id, "ada", actor="ada"))
            await self._reply(ticket.id, f"an answer to {ticket.number}")
        await self._hold("T-1", "on second thoughts")
        await self._settle()
        await self._insist(self._visitor.look)
        await self._chat("line3")
        await self._settle()
        await self._insist(self._visitor.look)
        self._visitor.stay()
        return await self._evidence()

    async def end(self) -> None:
        """Let everything go."""
        await self.desk.blobs.stop()
        await self.desk.engine.close()

    async def _insist(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """Again until it is heard; meanwhile the engine comes back and leases run out."""
        while True:
            try:
                return await act()
            except EngineUnavailable:
                await self._way.revive()
                self.desk.clock.advance(LEASE_MS)

    async def _write(self, word: str, conversation: str, *, more: str = "", key: str = "", **facts: Any) -> None:
        text = word + more
        digests = (hashlib.sha256(text.encode()).hexdigest(),)
        self._history.add(
            Message(id=word, channel="mail", external_id=word, digests=digests, conversation=conversation)
        )
        began = self._tick()
        accepted = await self._insist(
            lambda: self.desk.write(text, external_id=word, conversation=key, lane=conversation, **facts)
        )
        self._history.add(Attempt(message=word, began=began, ended=self._tick(), outcome="ok", raw_id=accepted.id))

    async def _chat(self, word: str) -> None:
        self._history.add(self._visitor.message(word))
        began, place = self._tick(), await self._insist(partial(self._visitor.write, word))
        self._history.add(Attempt(message=word, began=began, ended=self._tick(), outcome="ok", raw_id=place))

    async def _reply(self, ticket: str, text: str) -> None:
        began = self._tick()
        await self._insist(
            lambda: self.desk.actions.reply(ticket, Writing(text=text, agent="ada", actor="ada", key=text))
        )
        said = {"key": text, "text": text, "agent": "ada", "ticket": ticket}
        self._history.add(Action(**said, what="reply", began=began, ended=self._tick(), outcome="ok"))

    async def _hold(self, ticket: str, text: str) -> None:
        """One reply is held until it leaves, another is taken back in time."""
        began = self._tick()
        held = [
            await self._insist(partial(self.desk.held.hold, ticket, writing, undo=UNDO))
            for each in (text, f"not {text}")
            for writing in [Writing(text=each, agent="ada", actor="ada", key=each)]
        ]
        with suppress(Gone):  # the answer to the first try may be lost
            await self._insist(partial(self.desk.held.take_back, held[1].id))
        self.taken_back.add(held[1].article)
        said = {"key": text, "text": text, "agent": "ada", "ticket": ticket}
        self._history.add(Action(**said, what="reply", began=began, ended=self._tick(), outcome="ok"))

    async def _settle(self) -> None:
        """Work until nothing is left, also of what was left to a lease or to another try."""
        for _ in range(5):
            await self._insist(self.desk.settle)
            await self._way.revive()
            self.desk.clock.advance(LEASE_MS)

    async def _evidence(self) -> Evidence:
        await self._way.restart()
        with Redis(unix_socket_path=str(self._way.engine_socket)) as engine:
            picture = take(engine, self.desk.engine.keys.workspace, self._folder / "blobs")
        return Evidence(self._history, picture, sink=Counter(each.external_id for each in self.desk.sent))

    def _tick(self) -> float:
        self._time += 1.0
        return self._time
