"""A blob that is written as its bytes come, so that a long film never lies in memory.

    async with BlobSink(blobs, largest=100 * 1024 * 1024) as sink:
        …                             # await sink.write(part), for each part in order
        poured = await sink.poured()  # durable under its name from here on, as by `Blobs.put`

Until then the bytes are a draft, which is gone when the block is left, and which the collector removes when the process
was killed. At most `PART` bytes wait in memory. One writer at a time.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ..config.errors import TooLarge
from .blobs import Blobs

PART = 1024 * 1024
HEAD = 64  # bytes by which the type is told


@dataclass(frozen=True, kw_only=True)
class Poured:
    """What came together."""

    sha256: str
    size: int
    head: bytes


class BlobSink:
    """Takes up to `largest` bytes. Every error of the disk is a temporary one, as `Blobs.in_thread` says."""

    def __init__(self, blobs: Blobs, *, largest: int) -> None:
        self.largest = largest
        self.size = 0
        self._blobs = blobs
        self._head = b""
        self._part = bytearray()
        self._digest = hashlib.sha256()
        self._draft: tuple[BinaryIO, Path] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._draft is not None:
            await self._blobs.in_thread(_drop, *self._draft)
            self._draft = None

    async def write(self, content: bytes) -> None:
        """Take some more. Raises TooLarge when it is too much together."""
        self.size += len(content)
        if self.size > self.largest:
            raise TooLarge(f"more than {self.largest} bytes")
        if len(self._head) < HEAD:
            self._head = (self._head + content)[:HEAD]
        self._part += content
        if len(self._part) >= PART:
            await self._flush()

    async def poured(self) -> Poured:
        """Keep it as a blob. Raises EngineUnavailable or EngineFull."""
        if self._draft is None:
            sha = await self._blobs.put(bytes(self._part))
        else:
            await self._flush()
            sha = self._digest.hexdigest()
            await self._blobs.adopt(self._draft[1], sha, self.size)
        return Poured(sha256=sha, size=self.size, head=self._head)

    async def _flush(self) -> None:
        part, self._part = bytes(self._part), bytearray()
        if self._draft is None:
            self._draft = await self._blobs.in_thread(self._blobs.files.draft)
        await self._blobs.in_thread(_append, self._draft[0], self._digest, part)


def _append(file: BinaryIO, digest: "hashlib._Hash", part: bytes) -> None:
    digest.update(part)
    file.write(part)
    file.flush()


def _drop(file: BinaryIO, path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)
