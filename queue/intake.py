"""Intake: the one step between a sender and our promise.

`accept` returns when the message is durable: its bytes lie in the engine (or, above 64 KiB, in a blob that was fsynced
first), its dedup record and its place in the line were written in the same script. Only then may an adapter answer
250 or 2xx. A message that is already known answers with the id of the first; another one under the id of the first is a
Conflict, and nothing of it is kept. A line of a conversation is appended to its log by that script too, and its
position is part of the answer. Nothing is parsed here. Every other error is a temporary one (EngineUnavailable, or
EngineFull while the gate is closed), but for a file that has to be uploaded again (Gone).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from ..config.errors import Conflict, EngineUnavailable, Gone, Temporary
from .blobs import Blobs
from .clock import Clock
from .connection import Engine
from .conversation_log import LogEntry, conversation_log
from .dedup import dedup_register, digest, short_digest
from .identifiers import new_id
from .scripts import Argument, Script, ScriptArguments, ScriptKeys
from .work import WorkQueue, checked_lane

INLINE_BYTES = 64 * 1024

_INTAKE = Script.beside(__file__, "intake.lua")
_NO_LINE: ScriptArguments = {"conversation": None, "line": None}


@dataclass(frozen=True)
class Accepted:
    """The message is stored; `duplicate` when it was before."""

    id: str
    duplicate: bool
    sequence: int
    position: int = 0  # of its line in the log, where it is one of a conversation


class Intake:
    """Stores raw messages."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        blobs: Blobs,
        *,
        gate: Callable[[], None] = lambda: None,
        count: Callable[[str, str], None] = lambda *_: None,
    ) -> None:
        """`count` hears of every message its channel and `accepted`, `duplicate`, `conflict` or `refused`."""
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._gate = gate
        self._count = count
        self.queue = WorkQueue(engine, "intake")
        register = dedup_register(engine, "raw")
        self._keys: ScriptKeys = {"queue": self.queue.keys, "register": register, "blobs": blobs.keys, "log": None}

    def demand_room(self) -> None:
        """Raises EngineUnavailable or EngineFull while nothing is taken; for what is taken ahead of a message."""
        self._gate()

    async def accept(
        self,
        *,
        channel: str,
        account: str,
        external_id: str,
        kind: str,
        lane: str,
        content: bytes,
        transport: Mapping[str, Any],
        dedup: str | None = None,
        says: bytes | None = None,
        log: LogEntry | None = None,
        blobs: Sequence[str] = (),
    ) -> Accepted:
        """Store a raw message; durable when it returns.

        `lane` names the conversation, which is filed by one filer at a time. `dedup` stands in for (channel, account,
        external_id, kind) where the channel needs another key. `says` is what a repeat has to say again: `content`
        where it is not given, nothing where it is empty, because the key stands for what is said. `log` is the line of
        a conversation that it is; `blobs` are files that were put before and come with it. Raises EngineUnavailable or
        EngineFull; Conflict when something else came under this key before; Gone when a file was put too long ago.
        """
        key = digest(channel, dedup) if dedup is not None else digest(channel, account, external_id, kind)
        try:
            self._gate()
            now = self._clock.now()
            raw_id = new_id(now)
            header = {
                "id": raw_id,
                "channel": channel,
                "account": account,
                "external_id": external_id,
                "kind": kind,
                "received_at": now,
                "size": len(content),
                "transport": dict(transport),
            }
            said = b"" if says == b"" else short_digest(says or content)
            names: dict[str, Argument] = {"digest": key, "says": said, "id": raw_id, "lane": lane_of(channel, lane)}
            accepted = await self._store(names, header, content, log, blobs)
        except Temporary:
            self._count(channel, "refused")
            raise
        except Conflict:
            self._count(channel, "conflict")
            raise
        self._count(channel, "duplicate" if accepted.duplicate else "accepted")
        return accepted

    async def _store(
        self,
        names: Mapping[str, Argument],
        header: dict[str, Any],
        content: bytes,
        log: LogEntry | None,
        files: Sequence[str],
    ) -> Accepted:
        keys = {**self._keys, "log": conversation_log(self._engine, log.conversation)} if log else self._keys
        line: ScriptArguments = {"conversation": log.conversation, "line": to_json(log.line)} if log else _NO_LINE
        for _ in range(3):
            inline = len(content) <= INLINE_BYTES
            blob = "" if inline else await self._blobs.put(content)
            payload = pack(header | {"blob": blob}, content if inline else b"")
            args: ScriptArguments = {**names, **line, "payload": payload, "blob": blob, "files": files}
            reply = await self._engine.run(_INTAKE, keys, args)
            if reply[0] == b"CONFLICT":
                raise Conflict(f"another message was stored under this id before, as {reply[1].decode()}")
            if reply[0] == b"FILE_CONDEMNED":
                raise Gone("the file was uploaded too long ago; upload it again", sha256=reply[1].decode())
            if reply[0] != b"BLOB_CONDEMNED":  # its file is about to go: write it again
                return Accepted(reply[1].decode(), reply[0] == b"KNOWN", int(reply[2]), int(reply[3]))
        raise EngineUnavailable("a blob was condemned each time it was written")


def lane_of(channel: str, lane: str) -> str:
    """The lane as the queue knows it: it begins with its channel, by which it is counted. Raises ValueError."""
    return checked_lane(lane) if lane.startswith(f"{channel}:") else f"{channel}:{checked_lane(lane)}"


def pack(header: Mapping[str, Any], content: bytes) -> bytes:
    """A raw message as it lies in the queue: one line of JSON, then the bytes as they came."""
    try:
        return to_json(header) + b"\n" + content
    except PydanticSerializationError:  # a surrogate, which UTF-8 cannot hold
        return json.dumps(header, separators=(",", ":")).encode() + b"\n" + content


def unpack(payload: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the bytes of a packed raw message."""
    header, _, content = payload.partition(b"\n")
    return json.loads(header), content
