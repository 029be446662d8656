"""Dead letters and suspended messages as an operator handles them: lists in words, single ones with their bytes."""

import json
from typing import Any, Literal

from ...config.errors import NotFound
from ...desk.upkeep_api import durable_queues
from ...desk.views.times import moment
from ...normalizer.channel_facts import Channels
from ...queue.blobs import Blobs
from ...queue.connection import Engine
from ...queue.intake import unpack
from ...queue.work import DeadLetter, WorkQueue
from ...router.suspended import Suspended, SuspendedMessages
from .program import program

Shown = tuple[list[str], bytes]


class Upkeep:
    """What an operator can do with what was given up or set aside."""

    def __init__(self, engine: Engine, blobs: Blobs, suspended: SuspendedMessages, channels: Channels) -> None:
        self._blobs = blobs
        self._suspended = suspended
        self._queues = {name: WorkQueue(engine, name) for name in durable_queues(channels)}

    async def dead(self, limit: int) -> list[str]:
        """The newest dead letters, a line each."""
        letters = [letter for queue in self._queues.values() for letter in await queue.dead(limit=limit)]
        letters.sort(key=lambda letter: (letter.at, letter.id), reverse=True)
        return [_line(letter) for letter in letters[:limit]]

    async def dead_letter(self, id_: str) -> Shown:
        """One dead letter. Raises NotFound."""
        letter = await self._letter(id_)
        content = await self._content(letter.payload) if letter.queue == "intake" else letter.payload
        facts = {"id": letter.id, "at": moment(letter.at), "attempts": letter.attempts, "cause": letter.cause}
        return _fields(facts | {"size": len(content)} | _about(letter)), content

    async def redrive(self, id_: str, what: Literal["retry", "drop"]) -> None:
        """Try it again, or drop it. Raises NotFound."""
        queue, sequence = self._place(id_)
        await queue.redrive(sequence, what)

    async def suspended(self, limit: int) -> list[str]:
        """The newest suspended messages, a line each."""
        found = await self._suspended.list(limit=limit)
        return [f"{each.id}  {moment(each.at)}  {each.channel}  {each.sender}  {each.cause}" for each in found]

    async def suspended_message(self, id_: str) -> Shown:
        """One suspended message. Raises NotFound."""
        payload = await self._suspended.raw(id_)
        content = await self._content(payload)
        known = _set_aside(await self._suspended.one(id_))
        return _fields(known | _readable(unpack(payload)[0]) | {"size": len(content)}), content

    async def release(self, id_: str) -> None:
        """File it after all. Raises NotFound."""
        await self._suspended.release(id_)

    async def drop(self, id_: str) -> None:
        """Throw it away. Raises NotFound."""
        await self._suspended.drop(id_)

    async def _content(self, payload: bytes) -> bytes:
        header, content = unpack(payload)
        return await self._blobs.get(header["blob"]) if header.get("blob") else content

    async def _letter(self, id_: str) -> DeadLetter:
        queue, sequence = self._place(id_)
        letter = await queue.dead_letter(sequence)
        if letter is None:
            raise _missing(id_)
        return letter

    def _place(self, id_: str) -> tuple[WorkQueue, int]:
        name, _, sequence = id_.rpartition("-")
        if name not in self._queues or not (sequence.isascii() and sequence.isdigit()):
            raise _missing(id_)
        return self._queues[name], int(sequence)


def _set_aside(known: Suspended | None) -> dict[str, Any]:
    """What the list knows of a suspended message, as a person reads it; nothing if it was just taken off."""
    if known is None:
        return {}
    return known.model_dump() | {"at": moment(known.at), "excerpt": " ".join(known.excerpt.split())}


def _readable(header: dict[str, Any]) -> dict[str, Any]:
    received = header.get("received_at")
    return header | ({"received_at": moment(received)} if isinstance(received, int) else {})


def _missing(id_: str) -> NotFound:
    return NotFound(f"there is no dead letter {id_}; `{program()} dead list` shows those that are there")


def _line(letter: DeadLetter) -> str:
    about = _about(letter)
    what = " ".join(str(about[name]) for name in ("channel", "account", "ticket", "event") if about.get(name))
    return f"{letter.id}  {moment(letter.at)}  {letter.attempts} attempts  {what}  {letter.cause}"


def _about(letter: DeadLetter) -> dict[str, Any]:
    """The JSON with which every payload begins."""
    try:
        about = json.loads(letter.payload.partition(b"\n")[0])
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}


def _fields(facts: dict[str, Any]) -> list[str]:
    return [f"{name:<12} {_plain(value)}" for name, value in facts.items() if value not in ("", None)]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
