"""Held replies: what an agent has written leaves some seconds later, so that it can be taken back.

A held reply is durable from the moment it is held: kill whatever you like, it leaves once, because the article that it
becomes has an id made from its own. Whether it is taken back or leaves is decided by one script, so it is never both.
The replies of one ticket leave in the order in which they were held.

What cannot be sent any more when its time has come (the ticket was closed, its way back is gone) is not lost: it is
sent without the change of status that came along, and if that cannot be done either, it becomes a note of the agent's
on the ticket, with the cause.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

import structlog
from pydantic import Field

from ..config.errors import Gone, Refused
from ..normalizer.envelope import Addressee, Attachment, Record
from ..queue.blobs import GRACE_MS
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_id
from ..queue.scanning import scan
from ..queue.script_head import Group
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry, WorkQueue
from .actions import Actions
from .records import Resolution, Status, json_bytes
from .ticket_keys import TicketKeys
from .ticket_requests import Writing

log = structlog.get_logger()

ACTOR = "system"

_WRITTEN = ("text", "actor", "agent", "status", "resolution", "attachments", "copied")
"""What a held reply keeps of the writing that it is."""

_HOLD = Script.beside(__file__, "hold_reply.lua")
_TAKE_BACK = Script.beside(__file__, "take_back_reply.lua")
_RELEASE = Script.beside(__file__, "release_reply.lua")
_UNCOPY = Script.beside(__file__, "uncopy_held_reply.lua")
_FINISH = Script.beside(__file__, "finish_held_reply.lua")
_REPLIES = Group.beside(__file__, "held_reply.lua", "held_replies")


class HeldReply(Record):
    """A reply that has not left yet."""

    id: str
    ticket: str = Field(description="The ticket's id.")
    agent: str
    actor: str
    text: str
    status: Status | None = None
    resolution: Resolution | None = None
    attachments: tuple[Attachment, ...] = ()
    copied: tuple[Addressee, ...] | None = Field(default=None, description="Who else gets it.")
    held_at: int = Field(description="Milliseconds.")
    due: int = Field(default=0, description="Milliseconds; when it leaves.")

    @property
    def article(self) -> str:
        """The id of the article that it becomes, as `Actions.reply` makes it from the key."""
        return self.writing.article_in(self.ticket, self.due)

    @property
    def writing(self) -> Writing:
        """What is to be sent."""
        return Writing(**{name: getattr(self, name) for name in _WRITTEN}, key=self.id)


class HeldReplies:
    """The held replies of a workspace."""

    def __init__(self, engine: Engine, clock: Clock, actions: Actions) -> None:
        self._engine = engine
        self._clock = clock
        self._actions = actions
        self._tickets = TicketKeys(engine)
        self.queue = WorkQueue(engine, "held")
        self._held = _REPLIES(**{part: engine.keys("held", part) for part in _REPLIES.names})
        self._keys: ScriptKeys = {"queue": self.queue.keys, "held": self._held, "blobs": self._tickets.blobs}

    async def hold(self, ticket: str, writing: Writing, *, undo: timedelta) -> HeldReply:
        """Hold a reply for this time; durable when it returns. The same `key` again is the same reply, held or sent.

        Raises what `Actions.reply` would raise now: NotFound, Conflict, Invalid, Gone.
        """
        record, writing = await self._actions.check_reply(ticket, writing)
        now, key = self._clock.now(), writing.key
        held = HeldReply(
            id=new_id(now) if key is None else str(uuid5(NAMESPACE_OID, f"{record.id}\x1f{key}")),
            ticket=record.id,
            held_at=now,
            **{name: getattr(writing, name) for name in _WRITTEN},
        )
        return await self._store(held, now + undo // timedelta(milliseconds=1))

    async def take_back(self, id_: str) -> HeldReply:
        """It does not leave. Raises Gone when it has left, or is leaving."""
        args: ScriptArguments = {"id": id_, "due": self._clock.now() + GRACE_MS}
        reply = await self._engine.run(_TAKE_BACK, self._keys, args)
        if reply[0] != b"BACK":
            raise Gone("the reply has left already")
        return _held(reply[1])

    async def of(self, ticket: str) -> list[HeldReply]:
        """The replies of a ticket, named by its id, that have not left yet; the next one first."""
        members = await self._engine.call("ZRANGE", self._held["by_ticket"], f"[{ticket}|", f"({ticket}}}", "BYLEX")
        if not members:
            return []
        stored = await self._engine.call("HMGET", self._held["replies"], *(member[-36:] for member in members))
        return [_held(each) for each in stored if each is not None]

    async def ticket_of(self, id_: str) -> str:
        """The id of the ticket that a reply is for, which has not left yet; empty when there is none."""
        stored = await self._engine.call("HGET", self._held["replies"], id_)
        return _held(stored).ticket if stored else ""

    async def forget(self, names: Collection[str]) -> None:
        """Copy none to these addresses any more."""
        async for id_, stored in scan(self._engine, "HSCAN", self._held["replies"]):
            reply = json.loads(stored)
            copied = [each for each in reply["copied"] or () if each["address"] not in names]
            if len(copied) < len(reply["copied"] or ()):
                after = json_bytes({**reply, "copied": copied})
                await self._engine.run(_UNCOPY, {"held": self._held}, {"id": id_, "before": stored, "after": after})

    async def handle(self, entry: Entry) -> bool:
        """Send the one whose time has come; True when the entry was settled with it."""
        id_ = json.loads(entry.payload)["reply"]
        stored = await self._engine.run(_RELEASE, {"held": self._held}, {"id": id_})
        if stored is None:
            return False
        await self._send(_held(stored))
        told: ScriptArguments = {"id": id_, "due": self._clock.now() + GRACE_MS}
        keys = {**self._keys, "settling": self.queue.settling}
        await self._engine.run(_FINISH, keys, {**entry.arguments, **told})
        return True

    async def _store(self, held: HeldReply, due: int) -> HeldReply:
        reply = await self._engine.run(
            _HOLD,
            {**self._keys, "article": self._tickets.article(held.article)},
            {
                "id": held.id,
                "ticket": held.ticket,
                "due": due,
                "reply": json_bytes(held.model_dump(mode="json", exclude={"due"})),
                "payload": json_bytes({"reply": held.id, "ticket": held.ticket}),
                "files": [each.sha256 for each in held.attachments],
            },
        )
        match reply[0]:
            case b"HELD":
                return _held(reply[1])
            case b"SENT":
                return held.model_copy(update={"due": held.held_at})
            case _:
                raise Gone("a file was uploaded too long ago; upload it again", sha256=reply[1].decode())

    async def _send(self, held: HeldReply) -> None:
        """On the first way that is open. Raises Refused when even the last one is closed."""
        try:
            await self._actions.reply(held.ticket, held.writing)
        except Refused as error:
            log.info("a held reply cannot be sent as it was meant", action="held_refused", cause=error.detail)
            try:
                await self._actions.reply(held.ticket, replace(held.writing, status=None, resolution=None))
            except Refused as cause:
                await self._keep(held, cause.detail)

    async def _keep(self, held: HeldReply, cause: str) -> None:
        """As a note, with its files if they are still there."""
        text = f"This reply was not sent: {cause}.\n\n{held.text}"
        try:
            await self._note(held, text, held.attachments)
        except Gone:
            names = ", ".join(each.name for each in held.attachments)
            await self._note(held, f"{text}\n\nIts files are not kept any more: {names}", ())

    async def _note(self, held: HeldReply, text: str, files: Sequence[Attachment]) -> None:
        note = Writing(text=text, actor=ACTOR, agent=held.agent, attachments=files, key=held.id)
        await self._actions.note(held.ticket, note)


def _held(stored: bytes) -> HeldReply:
    return HeldReply.model_validate_json(stored)
