"""What waits for an operator, over HTTP: dead letters and suspended messages. For administrators.

A dead letter is an entry of one of the durable queues that was given up: a raw message that could not be read or filed,
an outgoing message, a held reply, an event of routing. Its payload is kept whole until it is dropped.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from ..config.errors import NotFound
from ..normalizer.channel_facts import Channels
from ..normalizer.envelope import Record
from ..queue.blobs import Blobs
from ..queue.connection import Engine
from ..queue.intake import unpack
from ..queue.work import DeadLetter, WorkQueue
from ..router.suspended import Suspended, SuspendedMessages
from ..web.downloads import OCTETS, download
from ..web.operations import Call, Handler, Operation
from ..web.paging import Page, PageQuery, cursor_at
from .list_positions import Newest, TimedList, TimedPosition
from .request_fields import RecordId, RequestModel

OWN_QUEUES: Mapping[str, str] = {
    "intake": "Message",
    "offers": "Routing event",
    "held": "Reply held back",
    "outbox": "Reply",
}
"""The durable queues that there are without any channel, and what an entry of each is called."""


def durable_queues(channels: Channels) -> dict[str, str]:
    """All durable queues by name, and what an entry of each is called."""
    return {**OWN_QUEUES, **channels.queues}


class DeadLetterView(Record):
    """A dead letter; its bytes are at `/v1/dead/{id}/raw`."""

    id: str
    queue: str
    cause: str = Field(description="Why it was given up.")
    attempts: int
    at: int = Field(description="Milliseconds; when it was given up.")
    size: int = Field(description="Bytes of its payload in the queue.")
    about: dict[str, Any] = Field(description="What is known of it: the header of a raw message, the entry otherwise.")


class DeadLetterPath(RequestModel):
    """Names a dead letter."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,40}-[0-9]{1,15}$")]


class SuspendedPath(RequestModel):
    """Names a suspended message."""

    id: RecordId


class Taken(BaseModel):
    """It goes its way again."""

    id: str


class UpkeepApi:
    """The operations on dead letters and suspended messages."""

    def __init__(self, engine: Engine, blobs: Blobs, channels: Channels) -> None:
        self._blobs = blobs
        self.kinds = durable_queues(channels)
        self._queues = {name: WorkQueue(engine, name) for name in self.kinds}
        self._dead = [TimedList(_newest_of(queue), _dead_place) for queue in self._queues.values()]
        self._messages = SuspendedMessages(engine)
        self._suspended = TimedList(self._newest_suspended, _suspended_place)

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/dead` and `/v1/suspended`."""
        dead, held = "/v1/dead", "/v1/suspended"
        raw = Operation(
            method="GET",
            path="/v1/dead/{id}/raw",
            handler=self.raw,
            scope="admin",
            tag="upkeep",
            summary="Download the bytes of a dead letter",
            produces=OCTETS,
        )
        return [
            _operation("GET", dead, self.list_dead, "List what was given up, the newest first"),
            _operation("GET", f"{dead}/{{id}}", self.get_dead, "Read a dead letter"),
            raw,
            _operation("POST", f"{dead}/{{id}}/retry", self.retry, "Try a dead letter again"),
            _operation("DELETE", f"{dead}/{{id}}", self.drop_dead, "Drop a dead letter for good"),
            _operation("GET", held, self.list_suspended, "List what was set aside, the newest first"),
            _operation("POST", f"{held}/{{id}}/release", self.release, "File a suspended message after all"),
            _operation("DELETE", f"{held}/{{id}}", self.drop_suspended, "Throw a suspended message away"),
        ]

    async def list_dead(self, _: Call, query: PageQuery) -> Page[DeadLetterView]:
        """A page of dead letters of all queues."""
        position = TimedPosition.of(query)
        found = await asyncio.gather(*(each.behind(position, query.limit + 1) for each in self._dead))
        letters = sorted((letter for part in found for letter in part), key=_dead_sort, reverse=True)
        page, more = letters[: query.limit], len(letters) > query.limit
        return Page(items=[_view(letter) for letter in page], next=_cursor(_dead_place(page[-1])) if more else None)

    async def get_dead(self, _: Call, path: DeadLetterPath) -> DeadLetterView:
        """One dead letter."""
        return _view(await self._letter(path))

    async def raw(self, _: Call, path: DeadLetterPath) -> web.Response:
        """The message as it came; for other entries, the entry."""
        letter = await self._letter(path)
        content = letter.payload
        if letter.queue == "intake":
            header, content = unpack(letter.payload)
            content = await self._blobs.get(header["blob"]) if header.get("blob") else content
        return download(content, f"{letter.id}.bin")

    async def retry(self, _: Call, path: DeadLetterPath) -> Taken:
        """Back into its lane, with all attempts ahead of it."""
        queue, sequence = self._place(path)
        await queue.redrive(sequence, "retry")
        return Taken(id=path.id)

    async def drop_dead(self, _: Call, path: DeadLetterPath) -> None:
        """Nothing of it is kept."""
        queue, sequence = self._place(path)
        await queue.redrive(sequence, "drop")

    async def list_suspended(self, _: Call, query: PageQuery) -> Page[Suspended]:
        """A page of suspended messages."""
        found = await self._suspended.behind(TimedPosition.of(query), query.limit + 1)
        page, more = found[: query.limit], len(found) > query.limit
        return Page(items=page, next=_cursor(_suspended_place(page[-1])) if more else None)

    async def release(self, _: Call, path: SuspendedPath) -> Taken:
        """Filed like any other."""
        await self._messages.release(path.id)
        return Taken(id=path.id)

    async def drop_suspended(self, _: Call, path: SuspendedPath) -> None:
        """Nothing of it is kept."""
        await self._messages.drop(path.id)

    async def _letter(self, path: DeadLetterPath) -> DeadLetter:
        queue, sequence = self._place(path)
        letter = await queue.dead_letter(sequence)
        if letter is None:
            raise NotFound(f"there is no dead letter {path.id}")
        return letter

    def _place(self, path: DeadLetterPath) -> tuple[WorkQueue, int]:
        """The queue, and the sequence in it."""
        name, _, sequence = path.id.partition("-")
        if name not in self._queues:
            raise NotFound(f"there is no dead letter {path.id}")
        return self._queues[name], int(sequence)

    async def _newest_suspended(self, limit: int, before: int | None) -> list[Suspended]:
        return list(await self._messages.list(limit=limit, before=before))


def _newest_of(queue: WorkQueue) -> Newest[DeadLetter]:
    async def newest(limit: int, before: int | None) -> list[DeadLetter]:
        return await queue.dead(limit=limit, before=before)

    return newest


def _operation(method: Literal["GET", "POST", "DELETE"], path: str, handler: Handler, summary: str) -> Operation:
    taken = method == "POST"
    return Operation(
        method=method,
        path=path,
        handler=handler,
        scope="admin",
        tag="upkeep",
        summary=summary,
        status=202 if taken else 200,
        idempotent=method != "GET",
    )


def _dead_place(letter: DeadLetter) -> TimedPosition:
    return TimedPosition(letter.at, letter.id)


def _dead_sort(letter: DeadLetter) -> tuple[int, str]:
    return letter.at, letter.id


def _suspended_place(message: Suspended) -> TimedPosition:
    return TimedPosition(message.at, message.id)


def _cursor(place: TimedPosition) -> str:
    return cursor_at((place.at, place.member))


def _view(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        id=letter.id,
        queue=letter.queue,
        cause=letter.cause,
        attempts=letter.attempts,
        at=letter.at,
        size=len(letter.payload),
        about=_about(letter.payload),
    )


def _about(payload: bytes) -> dict[str, Any]:
    """The JSON with which every payload begins."""
    try:
        about = json.loads(payload.partition(b"\n")[0])
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}
