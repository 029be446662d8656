"""Small contents that are put at the same moment share one file.

A new file costs hundreds of microseconds of processor time and two fsyncs, however small it is; thousands of messages a
second cannot each have one. So while one pack is being written, the contents that arrive gather in the next one. A pack
is an ordinary blob, named by the sha256 of the whole; the name of a content in it is

    <sha256 of the pack>.<offset>.<length>.<first 16 digits of the content's own sha256>

Scripts that reference blobs take either kind of name. For contents that nobody looks up by their own hash; a pack goes
when the last content in it is released.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..config.errors import Unreadable

PACK_BYTES = 1 << 20
PACKS_AT_ONCE = 2

_NAME = re.compile(r"([0-9a-f]{64})\.(\d{1,12})\.(\d{1,12})\.([0-9a-f]{16})\Z")

Put = Callable[[bytes], Awaitable[str]]


@dataclass(frozen=True)
class Packed:
    """Where a content lies in a pack."""

    sha: str
    offset: int
    length: int
    check: str

    @classmethod
    def parse(cls, name: str) -> "Packed | None":
        """The place that a name stands for; None for the name of a plain blob."""
        match = _NAME.match(name)
        return cls(match[1], int(match[2]), int(match[3]), match[4]) if match else None

    @property
    def name(self) -> str:
        """The name, as records keep it."""
        return f"{self.sha}.{self.offset}.{self.length}.{self.check}"

    def check_content(self, content: bytes) -> bytes:
        """The content, if it is what was put. Raises Unreadable."""
        if len(content) != self.length or _check(content) != self.check:
            raise Unreadable(f"the blob {self.name} is damaged")
        return content


class PackWriter:
    """Gathers contents and puts them together; `put` is how a pack is stored."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._waiting: list[tuple[bytes, asyncio.Future[str]]] = []
        self._writing: set[asyncio.Task[None]] = set()

    async def put(self, content: bytes) -> str:
        """Durable when it returns. Raises what storing the pack raises."""
        stored: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((content, stored))
        self._write()
        return await stored

    async def stop(self) -> None:
        """Wait for what is being written."""
        while self._writing:
            await asyncio.wait(self._writing)

    def _write(self) -> None:
        if self._waiting and len(self._writing) < PACKS_AT_ONCE:
            task = asyncio.create_task(self._store())
            self._writing.add(task)
            task.add_done_callback(self._written)

    def _written(self, task: "asyncio.Task[None]") -> None:
        self._writing.discard(task)
        self._write()

    async def _store(self) -> None:
        await asyncio.sleep(0)  # lets callers that became ready in this turn of the loop join the pack
        members = self._gathered()
        if not members:  # another pack had room for all
            return
        try:
            sha = await self._put(b"".join(content for content, _ in members))
        except BaseException as error:
            for _, stored in members:
                if not stored.done():
                    stored.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            if not isinstance(error, Exception):
                raise
        else:
            _answer(sha, members)

    def _gathered(self) -> list[tuple[bytes, "asyncio.Future[str]"]]:
        """The contents of the next pack; a large one fills a pack by itself."""
        size = count = 0
        for content, _ in self._waiting:
            size += len(content)
            if count and size > PACK_BYTES:
                break
            count += 1
        members, self._waiting = self._waiting[:count], self._waiting[count:]
        return members


def _answer(sha: str, members: list[tuple[bytes, "asyncio.Future[str]"]]) -> None:
    offset = 0
    for content, stored in members:
        if not stored.done():
            stored.set_result(Packed(sha, offset, len(content), _check(content)).name)
        offset += len(content)


def _check(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
