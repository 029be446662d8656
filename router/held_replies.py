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
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog

from ..config.errors import Gone, Refused
from ..normalizer.envelope import Attachment
from ..queue.blobs import GRACE_MS
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_id
from ..queue.scanning import scan
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry, WorkQueue
from .actions import Actions
from .collisions import OvertakenError
from .held_list import WRITTEN, HeldReply, held_keys, held_of, read_held
from .records import json_bytes
from .ticket_keys import TicketKeys
from .ticket_requests import Known, Writing

log = structlog.get_logger()

ACTOR = "system"
TRIES = 10  # to answer a ticket in which something happens all the time

_HOLD = Script.beside(__file__, "hold_reply.lua")
_TAKE_BACK = Script.beside(__file__, "take_back_reply.lua")
_RELEASE = Script.beside(__file__, "release_reply.lua")
_UNCOPY = Script.beside(__file__, "uncopy_held_reply.lua")
_FINISH = Script.beside(__file__, "finish_held_reply.lua")


class HeldReplies:
    """The held replies of a workspace."""

    def __init__(self, engine: Engine, clock: Clock, actions: Actions) -> None:
        self._engine = engine
        self._clock = clock
        self._actions = actions
        self._tickets = TicketKeys(engine)
        self.queue = WorkQueue(engine, "held")
        self._held = held_keys(engine)
        self._keys: ScriptKeys = {"queue": self.queue.keys, "held": self._held, "blobs": self._tickets.blobs}

    async def hold(self, ticket: str, writing: Writing, *, undo: timedelta) -> HeldReply:
        """Hold a reply for this time; durable when it returns. The same `key` again is the same reply, held or sent.

        Raises what `Actions.reply` would raise now: NotFound, Conflict, Invalid, Gone.
        """
        for _ in range(TRIES):
            record, writing = await self._actions.check_reply(ticket, writing)
            id_ = new_id(self._clock.now()) if writing.key is None else self._id(record.id, writing.key)
            if writing.key is not None and await self._is_again(id_, record.id):
                writing = replace(writing, seen=None)
            writing = await self._actions.collisions.judge(record.id, writing)
            with suppress(OvertakenError):
                return await self._hold(id_, record.id, writing, undo)
        raise OvertakenError

    @staticmethod
    def _id(ticket: str, key: str) -> str:
        return str(uuid5(NAMESPACE_OID, f"{ticket}\x1f{key}"))

    async def _is_again(self, id_: str, ticket: str) -> bool:
        """Whether the same reply is held already, or has left."""
        article = self._tickets.article(str(uuid5(UUID(ticket), id_)))
        known = await self._engine.call("HEXISTS", self._held["replies"], id_)
        return bool(known or await self._engine.call("EXISTS", article))

    async def _hold(self, id_: str, ticket: str, writing: Writing, undo: timedelta) -> HeldReply:
        now = self._clock.now()
        held = HeldReply(id=id_, ticket=ticket, held_at=now, **{name: getattr(writing, name) for name in WRITTEN})
        return await self._store(held, now + undo // timedelta(milliseconds=1), writing.known)

    async def take_back(self, id_: str) -> HeldReply:
        """It does not leave. Raises Gone when it has left, or is leaving."""
        args: ScriptArguments = {"id": id_, "due": self._clock.now() + GRACE_MS}
        reply = await self._engine.run(_TAKE_BACK, self._keys, args)
        if reply[0] != b"BACK":
            raise Gone("the reply has left already")
        return read_held(reply[1])

    async def of(self, ticket: str) -> list[HeldReply]:
        """The replies of a ticket, named by its id, that have not left yet; the next one first."""
        return await held_of(self._engine, ticket)

    async def ticket_of(self, id_: str) -> str:
        """The id of the ticket that a reply is for, which has not left yet; empty when there is none."""
        stored = await self._engine.call("HGET", self._held["replies"], id_)
        return read_held(stored).ticket if stored else ""

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
        await self._send(read_held(stored))
        told: ScriptArguments = {"id": id_, "due": self._clock.now() + GRACE_MS}
        keys = {**self._keys, "settling": self.queue.settling}
        await self._engine.run(_FINISH, keys, {**entry.arguments, **told})
        return True

    async def _store(self, held: HeldReply, due: int, known: Known | None) -> HeldReply:
        case = known.case if known else held.ticket
        reply = await self._engine.run(
            _HOLD,
            {**self._keys, "article": self._tickets.article(held.article), "case": self._tickets.ticket(case)},
            {
                "case_id": case,
                "known": json_bytes(known.named() if known else None),
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
                return read_held(reply[1])
            case b"OVERTAKEN":
                raise OvertakenError
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
