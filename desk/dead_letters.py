"""What was given up, as administrators see and decide it: one list of the dead letters of all queues and followers.

The API, the page and the command tell and do what stands here. An id that names nothing is NotFound everywhere.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from ..config.errors import NotFound
from ..normalizer.channel_facts import Channels
from ..normalizer.envelope import Record
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.dead_letters import DeadLetter, DeadLetters, Decision
from ..queue.intake import unpack
from .list_positions import Newest, TimedList, TimedPosition

OWN_QUEUES: Mapping[str, str] = {
    "intake": "Message",
    "offers": "Routing event",
    "clocks": "Clock of a ticket",
    "alerts": "Alert to a colleague or another system",
    "held": "Reply held back",
    "outbox": "Reply",
    "media": "File of a message",
    "erasures": "Erasure of a person",
    "proof_codes": "Code that proves an address",
    "rules": "Trigger",
}
"""The durable queues that there are without any channel, and what an entry of each is called."""


def durable_queues(channels: Channels) -> dict[str, str]:
    """All durable queues by name, and what an entry of each is called."""
    return {**OWN_QUEUES, **channels.queues}


class DeadLetterView(Record):
    """A dead letter; its bytes are at `/v1/dead/{id}/raw`."""

    id: str
    queue: str = Field(description="The durable queue, or the follower of the feed, that gave it up.")
    what: str = Field(description="What sort of work it was, in words.")
    which: str = Field(description="What tells it from others: channel and account, event, ticket.")
    cause: str = Field(description="Why it was given up.")
    attempts: int
    at: int = Field(description="Milliseconds; when it was given up.")
    size: int = Field(description="Bytes of its payload: the entry of the queue, or the event of the feed.")
    about: dict[str, Any] = Field(description="What is known of it: of a raw message its header, else the whole.")


class GivenUp:
    """The dead letters of these sources, by name."""

    def __init__(self, sources: Mapping[str, DeadLetters], blobs: Blobs, channels: Channels, clock: Clock) -> None:
        self._sources = sources
        self._blobs = blobs
        self._clock = clock
        self._called = durable_queues(channels)
        self._lists = [TimedList(_newest_of(source), position_of) for source in sources.values()]

    async def behind(self, position: TimedPosition | None, limit: int) -> Sequence[DeadLetter]:
        """Up to `limit` of them behind the position, the newest first."""
        found = await asyncio.gather(*(each.behind(position, limit) for each in self._lists))
        letters = [letter for part in found for letter in part]
        return sorted(letters, key=lambda letter: (letter.at, letter.id), reverse=True)[:limit]

    async def letter(self, id_: str) -> DeadLetter:
        """One of them. Raises NotFound."""
        source, sequence = self._place(id_)
        letter = await source.dead_letter(sequence)
        if letter is None:
            raise _missing(id_)
        return letter

    async def content(self, letter: DeadLetter) -> bytes:
        """The message as it came; for other entries, the entry; of a line of the feed, its event."""
        return await content_of(letter.payload, self._blobs) if letter.queue == "intake" else letter.payload

    async def decide(self, id_: str, what: Decision) -> None:
        """Have it tried again, or drop it for good. Raises NotFound; Conflict when nothing is left to be tried."""
        source, sequence = self._place(id_)
        letter = await source.dead_letter(sequence) if what == "drop" and source.name == "intake" else None
        await source.redrive(sequence, what)
        if letter is not None:
            await self._blobs.release(unpack(letter.payload)[0]["id"], self._clock.now())

    def view(self, letter: DeadLetter) -> DeadLetterView:
        """It, in words."""
        about = _about(letter)
        return DeadLetterView(
            id=letter.id,
            queue=letter.queue,
            what=self._called.get(letter.queue, f"Line of the feed, for {letter.queue}"),
            which=_which(about),
            cause=letter.cause,
            attempts=letter.attempts,
            at=letter.at,
            size=len(letter.payload),
            about=about,
        )

    def _place(self, id_: str) -> tuple[DeadLetters, int]:
        name, _, sequence = id_.rpartition("-")
        if name not in self._sources or not (sequence.isascii() and sequence.isdigit()):
            raise _missing(id_)
        return self._sources[name], int(sequence)


def position_of(letter: DeadLetter) -> TimedPosition:
    """Where it stands in the list."""
    return TimedPosition(letter.at, letter.id)


def _about(letter: DeadLetter) -> dict[str, Any]:
    """The JSON with which every payload begins."""
    try:
        about = json.loads(letter.payload.partition(b"\n")[0])
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}


def _which(about: Mapping[str, Any]) -> str:
    told: Any = about.get("data") or {}
    number = (told.get("ticket") or {}).get("number") if isinstance(told, dict) else None
    names = ("channel", "account", "event", "type", "agent", "ticket")
    return " ".join(str(word) for word in (*map(about.get, names), number or about.get("subject")) if word)


async def content_of(payload: bytes, blobs: Blobs) -> bytes:
    """The message as it came, of an entry of intake. Raises Unreadable when its blob is gone."""
    header, content = unpack(payload)
    return await blobs.get(header["blob"]) if header.get("blob") else content


def _newest_of(source: DeadLetters) -> Newest[DeadLetter]:
    async def newest(limit: int, before: int | None) -> list[DeadLetter]:
        return await source.dead(limit=limit, before=before)

    return newest


def _missing(id_: str) -> NotFound:
    return NotFound(f"there is no dead letter {id_}; the list shows those that are there")
