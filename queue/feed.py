"""The feed: every change of state, in order, for everyone who wants to follow.

One stream per workspace. A line is appended by the script that makes the change (`feed.lua`), so none is missing and
none tells of a change that did not happen. Its position rises by one; `sequence` is the revision of its subject (a
ticket or an agent), which also rises by one a line, so a consumer can tell a gap. Lines are never changed, but for one
thing: when a person is erased, lines that tell of them lose that (`erase`, feed_shelf.lua) and keep all else.

Whoever follows takes a page at a time and waits for news only when it has taken the last one, so neither the engine nor
this process holds more than a page for a consumer, however slow it is and however many there are.

Outside, a line is a CloudEvent in JSON (CloudEvents 1.0.2, section 3, https://github.com/cloudevents/spec); its id is
stable and serves as the idempotency key.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from ..config.errors import EngineUnavailable, Gone
from .connection import Engine
from .script_head import Group
from .scripts import Script, ScriptArguments

BLOCK_MS = 1_000
SEARCHED = 500  # lines of one command, where nobody waits for them
PAGE = 50  # lines of one command: the engine builds a whole answer before its first byte leaves
BATCH_BYTES = 1024 * 1024  # after so many a batch ends, however many lines were asked for
AT_ONCE = 4  # commands that read lines; further readers wait here, so what the engine holds for them is bounded
PATIENCE = 15.0  # seconds without an answer to a blocking read: its connection is dead
_NAMES = (b"type", b"subject", b"sequence", b"time", b"data")
SCHEMA = "https://trunkline.example/schemas/feed/1"

NEIGHBOURS = 99  # lines on either side that may share a node of the stream with one (stream-node-max-entries 100)
AT_A_TIME = 300  # lines that one step takes off the stream

_FEED = Group.beside(__file__, "feed.lua", "feed")
_ERASE = Script.beside(__file__, "feed_erase.lua")


@dataclass(frozen=True, kw_only=True)
class FeedLine:
    """One change."""

    position: int
    kind: str
    subject: str
    sequence: int
    time: int
    data: dict[str, Any]

    def cloud_event(self, workspace: str) -> dict[str, Any]:
        """The line as a CloudEvent."""
        return {
            "specversion": "1.0",
            "id": f"{workspace}-{self.position}",
            "source": f"/trunkline/{workspace}",
            "type": self.kind,
            "subject": self.subject,
            "time": datetime.fromtimestamp(self.time / 1000, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": SCHEMA,
            "partitionkey": self.subject,
            "sequence": self.sequence,
            "cursor": str(self.position),
            "data": self.data,
        }


class Feed:
    """Reads the feed of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = asyncio.Semaphore(AT_ONCE)
        self.keys = _FEED(
            lines=engine.keys("feed"), position=engine.keys("feed", "position"), shelf=engine.keys("feed", "shelf")
        )

    async def read(self, after: int, limit: int) -> list[FeedLine]:
        """Up to `limit` lines behind the position `after`, fewer when they are long; none only when there are none.

        Raises Gone when lines behind it are no longer kept.
        """
        lines: list[FeedLine] = []
        size, more = 0, True
        while more and len(lines) < limit and size < BATCH_BYTES:
            wanted = min(PAGE, limit - len(lines))
            found = await self._page(lines[-1].position if lines else after, wanted)
            lines += [_line(entry) for entry in found]
            size += sum(len(value) for entry in found for value in entry[1])
            more = len(found) == wanted
        if (lines and lines[0].position > after + 1) or (not lines and after < await self.last()):
            earliest = await self.earliest()
            if earliest > after + 1:
                raise Gone(f"the feed begins at {earliest - 1}", earliest=earliest - 1)
        return lines

    async def line(self, position: int) -> FeedLine | None:
        """The line at this position; None when it is not kept."""
        found = await self._engine.call("XRANGE", self.keys["lines"], f"{position}-0", f"{position}-0")
        found = found or await self._shelved(position, position, 1)
        return _line(found[0]) if found else None

    async def search(self, after: int, words: Sequence[bytes]) -> AsyncIterator[FeedLine]:
        """All lines behind the position `after` in whose data one of these stands."""
        while found := await self._page(after, SEARCHED):
            for entry in found:
                if any(word in entry[1][9] for word in words):
                    yield _line(entry)
            after = _position(found[-1])

    async def last(self) -> int:
        """The position of the newest line; 0 when there is none."""
        return int(await self._engine.call("GET", self.keys["position"]) or 0)

    async def earliest(self) -> int:
        """The position of the oldest line that is kept."""
        found = await self._engine.call("XRANGE", self.keys["lines"], "-", "+", "COUNT", 1)
        found += await self._shelved("-inf", "+inf", 1)
        return min(map(_position, found)) if found else await self.last() + 1

    async def erase(self, changed: Mapping[int, Mapping[str, Any]]) -> None:
        """Give the lines at these positions other data; no byte of what they held remains in the engine."""
        for first, last in _stretches(changed):
            positions = [at for at in changed if first <= at <= last]
            args: ScriptArguments = {
                "first": max(1, first - NEIGHBOURS),
                "last": last + NEIGHBOURS,
                "positions": positions,
                "data": [json.dumps(changed[at], ensure_ascii=False, separators=(",", ":")) for at in positions],
            }
            await self._engine.run(_ERASE, {"feed": self.keys}, args)

    async def follow(self, after: int) -> AsyncIterator[Sequence[FeedLine]]:
        """Lines as they come, from behind `after` on; an empty batch about every second tells that all is well."""
        async with await self._engine.client(blocking=True) as client:
            while True:
                lines = await self.read(after, PAGE)
                if lines:
                    after = lines[-1].position
                yield lines
                if len(lines) < PAGE:
                    await self._wait(client, after)

    async def _page(self, after: int, most: int) -> list[Any]:
        async with self._turn:
            found = list(await self._engine.call("XRANGE", self.keys["lines"], f"{after + 1}-0", "+", "COUNT", most))
            if len(found) == most and _position(found[-1]) == after + most:
                return found
            shelved = await self._shelved(after + 1, "+inf", most)
            return sorted(found + shelved, key=_position)[:most] if shelved else found

    async def _shelved(self, first: int | str, last: int | str, most: int) -> list[Any]:
        """Lines off the stream, in the form of those on it."""
        asked = (first, last, "BYSCORE", "LIMIT", 0, most)
        return [_unshelved(kept) for kept in await self._engine.call("ZRANGE", self.keys["shelf"], *asked)]

    async def _wait(self, client: Any, after: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await client.xread({self.keys["lines"]: f"{after}-0"}, count=1, block=BLOCK_MS)
        except (RedisError, OSError, TimeoutError) as error:
            raise EngineUnavailable(f"the feed cannot be followed: {error}") from error


def _position(entry: Sequence[Any]) -> int:
    return int(entry[0].split(b"-")[0])


def _unshelved(kept: bytes) -> tuple[bytes, list[bytes]]:
    """See feed_shelf.lua."""
    position, *values = kept.split(b"\n", 5)
    return position + b"-0", [part for pair in zip(_NAMES, values, strict=True) for part in pair]


def _stretches(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The positions in stretches that one step can erase, each by its first and its last."""
    first = last = 0
    for at in sorted(positions):
        if first and at - first < AT_A_TIME and at - last <= 2 * NEIGHBOURS:
            last = at
            continue
        if first:
            yield first, last
        first = last = at
    if first:
        yield first, last


def _line(entry: Sequence[Any]) -> FeedLine:
    fields = dict(zip(entry[1][::2], entry[1][1::2], strict=True))
    return FeedLine(
        position=_position(entry),
        kind=fields[b"type"].decode(),
        subject=fields[b"subject"].decode(),
        sequence=int(fields[b"sequence"]),
        time=int(fields[b"time"]),
        data=json.loads(fields[b"data"].decode("utf-8", "replace")),
    )
