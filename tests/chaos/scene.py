"""A small day at a real desk, without processes: the clean evidence that tests of the checker put faults into."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from redis import Redis

from trunkline.router.ticket_requests import Writing

from .chat_desk import ChatDesk, DeskVisitor
from .evidence import Evidence, Surface
from .history import Action, Attempt, History, Message
from .picture import take


class Scene:
    """A desk whose customers and agents note what they are told."""

    def __init__(self, desk: ChatDesk, blobs: Path) -> None:
        self.desk = desk
        self.history = History()
        self._visitor = DeskVisitor(desk, self.history, "somebody who chats")
        self._blobs = blobs
        self._time = 0.0

    async def write(self, id_: str, *, copies: int = 1, conversation: str = "", size: int = 0, **facts: Any) -> None:
        """A customer writes, hears of it, and sends the same again."""
        text = f"{id_} " + "x" * size
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.history.add(Message(id=id_, channel="mail", external_id=id_, digests=(digest,), conversation=conversation))
        for copy in [f"copy{number}" for number in range(copies)] * 2:
            began = self._tick()
            accepted = await self.desk.write(
                text, external_id=id_, conversation=conversation, dedup=f"{id_} {copy}", **facts
            )
            attempt = Attempt(message=id_, copy=copy, began=began, ended=self._tick(), outcome="ok", raw_id=accepted.id)
            self.history.add(attempt)

    async def chat(self, word: str) -> None:
        """A visitor writes, and sends the same again."""
        self.history.add(self._visitor.message(word))
        for _ in range(2):
            began, place = self._tick(), await self._visitor.write(word)
            self.history.add(Attempt(message=word, began=began, ended=self._tick(), outcome="ok", raw_id=place))

    async def reply(self, ticket: str, agent: str, text: str) -> None:
        """An agent answers."""
        began = self._tick()
        await self.desk.actions.reply(ticket, Writing(text=text, agent=agent, actor=agent))
        self.history.add(
            Action(
                key=text,
                agent=agent,
                ticket=ticket,
                what="reply",
                began=began,
                ended=self._tick(),
                outcome="ok",
                text=text,
            )
        )

    async def play(self) -> None:
        """Messages of every kind, offers accepted and declined, answers, a closed ticket that is written to again."""
        desk, write = self.desk, self.write
        for agent in ("ada", "boris"):
            await desk.actions.presence(agent, "available", actor=agent)
        await write("word1", conversation="chat:1")
        await write("word2", conversation="chat:1")
        await write("word3", size=3000)
        await write("word4", size=70_000, copies=2)
        await write("word5", sender="ivan@example.org", suspend="looks forged")
        await write("word6", sender="ivan@example.org", channel="nowhere")
        await write("word7", sender="ivan@example.org")
        await desk.settle()
        await self.chat("line1")
        await self.chat("line2")
        await desk.settle()
        for ticket in await desk.tickets():
            if ticket.offer is not None and ticket.number in ("T-1", "T-2", "T-5"):
                await desk.actions.accept(ticket.id, ticket.offer.agent, actor=ticket.offer.agent)
                await self.reply(ticket.id, ticket.offer.agent, f"answer to {ticket.number}")
            elif ticket.offer is not None and ticket.number == "T-3":
                await desk.actions.decline(ticket.id, ticket.offer.agent, actor=ticket.offer.agent)
        await desk.settle()
        await self._visitor.look()
        await self.chat("line3")
        await desk.settle()
        await self._visitor.look()
        self._visitor.stay()

    async def evidence(self) -> Evidence:
        """What it comes to."""
        desk = self.desk
        shown = [await desk.reader.ticket(ticket.id) for ticket in await desk.tickets()]
        tickets = {
            stored.record.id: stored.record.model_dump(mode="json")
            | {"articles": [each.model_dump(mode="json") for each in await desk.reader.articles(stored.record.id)]}
            for stored in shown
        }
        suspended = [each.model_dump(mode="json") for each in await desk.intake_handler.suspended.list()]
        with Redis.from_url(desk.engine.url) as engine:
            picture = take(engine, desk.engine.keys.workspace, self._blobs)
        dead = [{"queue": "intake", "about": {"id": raw}} for raw in picture.dead]
        surface = Surface(tickets=tickets, suspended=suspended, dead=dead)
        return Evidence(self.history, picture, surface, Counter(each.external_id for each in desk.sent))

    def _tick(self) -> float:
        self._time += 1.0
        return self._time
