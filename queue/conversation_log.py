"""Conversation logs: every line of a chat, durable, in one order for everybody who looks at it.

The position of a line is its acknowledgement and the cursor from which a reader resumes: positions rise by one from 1
and lines never change, so nothing is lost or doubled over any reconnect. A visitor's line is appended by the intake
script, in the step that stores it (`Intake.accept(log=…)`); ours by `append`, which is idempotent by its key, so a
sender that died can simply send again. Marks say how far somebody has got; facts are small things that are known of a
conversation; of notes the newest `NOTES` are kept. Readers are woken by `LogTail`.

Limits: lines stay, empty once their visitor is erased. Whether a visitor is here rests on what the processes with their
sockets say every `HERE_MS / 3`, so a visitor of a process that was killed leaves after `HERE_MS`. When they were seen
last is forgotten after `ABSENT_MS`, so those who only looked in do not add up.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from .clock import Clock
from .connection import Engine
from .script_head import Group, KeyGroup
from .scripts import Script, ScriptArguments, ScriptKeys

HERE_MS = 45_000
ABSENT_MS = 86_400_000
NOTES = 100

_APPEND = Script.beside(__file__, "log_append.lua")
_MARK = Script.beside(__file__, "log_mark.lua")
_NOTE = Script.beside(__file__, "log_note.lua")
_ERASE = Script.beside(__file__, "log_erase.lua")
_FORGET = Script.beside(__file__, "log_forget.lua")
_LOG = Group.beside(__file__, "log.lua", "conversation_log")


def conversation_name(site: str, visitor: str) -> str:
    """The name of the conversation that a visitor has on a site; also the thread key of its ticket."""
    return f"chat:{site}:{visitor}"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line."""

    position: int
    data: dict[str, Any]


@dataclass(frozen=True)
class LogEntry:
    """A line that the intake script appends together with the raw message that it shows."""

    conversation: str
    line: Mapping[str, Any]


class ConversationLogs:
    """The logs of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._here = engine.keys("logs", "here")

    async def append(self, conversation: str, line: Mapping[str, Any], *, key: str) -> int:
        """Append a line of ours; the same key again is the same position, whatever the line."""
        log = conversation_log(self._engine, conversation)
        keys: ScriptKeys = {"log": log, "positions": self._engine.keys("log", conversation, "keys")}
        args: ScriptArguments = {"conversation": conversation, "key": key, "line": to_json(line)}
        return int(await self._engine.run(_APPEND, keys, args))

    async def read(self, conversation: str, *, after: int, limit: int = 200) -> list[LogLine]:
        """Up to `limit` lines behind the position `after`."""
        return await self._range(conversation, max(after, 0) + 1, max(after, 0) + limit)

    async def before(self, conversation: str, *, before: int, limit: int = 50) -> list[LogLine]:
        """Up to `limit` lines in front of the position `before`, the oldest first."""
        return await self._range(conversation, max(1, before - limit), before - 1)

    async def last(self, conversation: str) -> int:
        """The position of the newest line; 0 when there is none."""
        return int(await self._engine.call("LLEN", self._log(conversation)))

    async def mark(self, conversation: str, name: str, position: int) -> int:
        """Raise a mark, never beyond the last line and never down; returns what it was before."""
        keys: ScriptKeys = {"log": conversation_log(self._engine, conversation), "state": self._state(conversation)}
        args: ScriptArguments = {"conversation": conversation, "name": name, "position": position}
        return int(await self._engine.run(_MARK, keys, args))

    async def marked(self, conversation: str, name: str) -> int:
        """One mark; 0 when there is none."""
        return int(await self._engine.call("HGET", self._state(conversation), f"mark:{name}") or 0)

    async def marks(self, conversation: str) -> dict[str, int]:
        """All marks by name."""
        return {name: int(value) for name, value in (await self._fields(conversation, "mark:")).items()}

    async def facts(self, conversation: str) -> dict[str, str]:
        """Everything known of it, by name."""
        return await self._fields(conversation, "fact:")

    async def fact(self, conversation: str, name: str) -> str:
        """One thing that is known of it; empty when it is not."""
        return (await self._engine.call("HGET", self._state(conversation), f"fact:{name}") or b"").decode()

    async def claim_fact(self, conversation: str, name: str, value: str) -> str:
        """Remember something unless it is known already; what is known then."""
        await self._engine.call("HSETNX", self._state(conversation), f"fact:{name}", value)
        return await self.fact(conversation, name)

    async def set_fact(self, conversation: str, name: str, value: str) -> None:
        """Remember something; an empty value forgets it."""
        state, field = self._state(conversation), f"fact:{name}"
        await (self._engine.call("HSET", state, field, value) if value else self._engine.call("HDEL", state, field))

    async def add_note(self, conversation: str, name: str, note: Mapping[str, Any]) -> None:
        """Add to the notes of this name; the oldest make room."""
        keys = {"notes": self._notes(conversation, name)}
        await self._engine.run(_NOTE, keys, {"note": to_json(note), "kept": NOTES})

    async def notes(self, conversation: str, name: str) -> list[dict[str, Any]]:
        """The notes of this name, the newest first."""
        return [json.loads(note) for note in await self._engine.call("LRANGE", self._notes(conversation, name), 0, -1)]

    async def erase(
        self, conversation: str, empty: Callable[[LogLine], Mapping[str, Any]], notes: Sequence[str]
    ) -> None:
        """Leave of each line what `empty` says, and forget all facts and the notes of these names; marks stay."""
        position = 0
        while lines := await self.read(conversation, after=position):
            args: ScriptArguments = {"first": lines[0].position, "empty": [to_json(empty(line)) for line in lines]}
            await self._engine.run(_ERASE, {"lines": self._log(conversation)}, args)
            position = lines[-1].position
        keys: ScriptKeys = {
            "state": self._state(conversation),
            "here": self._here,
            "tail": tail_key(self._engine),
            "notes": [self._notes(conversation, name) for name in notes],
        }
        await self._engine.run(_FORGET, keys, {"conversation": conversation})

    async def seen_here(self, conversations: Sequence[str]) -> None:
        """The visitors of these conversations are connected now."""
        now = self._clock.now()
        for begin in range(0, len(conversations), 500):
            members = [part for each in conversations[begin : begin + 500] for part in (now, each)]
            await self._engine.call("ZADD", self._here, *members)

    async def left(self, conversation: str) -> None:
        """The last connection of the visitor was closed."""
        await self._engine.call("ZADD", self._here, -self._clock.now(), conversation)

    async def forget_absent(self) -> None:
        """Forget when those were seen who have been away for long."""
        before = self._clock.now() - ABSENT_MS
        await self._engine.call("ZREMRANGEBYSCORE", self._here, -before, before)

    async def here(self, conversation: str) -> tuple[bool, int | None]:
        """Whether the visitor is connected, and when they were last seen, in milliseconds; None when not lately."""
        score = await self._engine.call("ZSCORE", self._here, conversation)
        if score is None:
            return False, None
        seen = int(float(score))
        return seen > self._clock.now() - HERE_MS, abs(seen)

    async def _range(self, conversation: str, first: int, last: int) -> list[LogLine]:
        if last < first:
            return []
        found = await self._engine.call("LRANGE", self._log(conversation), first - 1, last - 1)
        return [LogLine(position=first + index, data=json.loads(line)) for index, line in enumerate(found)]

    async def _fields(self, conversation: str, kind: str) -> dict[str, str]:
        flat = await self._engine.call("HGETALL", self._state(conversation))
        found = {name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2], strict=True)}
        return {name.removeprefix(kind): value for name, value in found.items() if name.startswith(kind)}

    def _log(self, conversation: str) -> str:
        return self._engine.keys("log", conversation)

    def _notes(self, conversation: str, name: str) -> str:
        return self._engine.keys("notes", conversation, name)

    def _state(self, conversation: str) -> str:
        return self._engine.keys("log", conversation, "state")


def tail_key(engine: Engine) -> str:
    """Where it stands which logs have grown."""
    return engine.keys("logs", "tail")


def conversation_log(engine: Engine, conversation: str) -> KeyGroup:
    """The log and the tail, for scripts that append a line."""
    return _LOG(lines=engine.keys("log", conversation), tail=tail_key(engine))
