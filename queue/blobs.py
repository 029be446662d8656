"""Contents that are too large for the engine: files named by their sha256, and the record of who needs them.

A blob is on the disk before the script runs that names it, and that script records (blob, owner) by
`blob_reference.lua`; so a reference never leads nowhere. Removal is one path: a blob without references is condemned,
its file goes an hour later (blob_collector.py). Three rules keep a writer and the collector from passing each other:

  * before it writes, a writer lifts the condemnation of what it is about to write, and waits while it is being removed;
  * a script that references a condemned blob answers BLOB_CONDEMNED, and the caller puts the blob again;
  * only the one holder of the collector's lock removes files, after the blob is marked as being removed.

The limit of this: a writer that stands still for a whole hour between writing and referencing. That the folder and the
engine belong together is seen to by recognition.py, and asked for by every script.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeVar

from ..config.durable_file import trouble_of
from ..config.errors import EngineUnavailable, Gone, Unreadable
from .blob_files import BlobFiles
from .blob_packs import Packed, PackWriter
from .connection import Engine
from .script_head import Group, KeyGroup
from .scripts import Script

GRACE_MS = 3_600_000
THREADS = 8
HASHED_INLINE = 256 * 1024  # bytes; more would hold up the event loop
WAIT_SECONDS = 0.05
WAITS = 20

_RESCUE = Script.beside(__file__, "blob_rescue.lua")
_RELEASE = Script.beside(__file__, "blob_release.lua")
_BLOBS = Group.beside(__file__, "blob_reference.lua", "blobs")

Result = TypeVar("Result")


class Blobs:
    """The blobs of one workspace."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.files = BlobFiles(folder)
        self.engine = engine
        self.keys = blob_keys(engine)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")
        self._packs = PackWriter(self.put)

    async def start(self) -> None:
        """Write and read a probe. Raises Misconfigured when the folder cannot keep what is written."""
        await self.in_thread(self.files.probe)

    async def stop(self) -> None:
        """Wait for what is being written."""
        await self._packs.stop()
        await asyncio.to_thread(self._threads.shutdown)

    async def put(self, content: bytes) -> str:
        """Durable when it returns; the name is the sha256 in hex. Raises EngineUnavailable or EngineFull."""
        return (await self.put_many([content]))[0]

    async def put_many(self, contents: Sequence[bytes]) -> list[str]:
        """As `put`, for several at once; their names in the same order."""
        if sum(map(len, contents)) <= HASHED_INLINE:
            names = _names(contents)
        else:
            names = await self.in_thread(_names, contents)
        different = dict(zip(names, contents, strict=True))
        if different:
            await self._rescue(list(different))
            await asyncio.gather(*(self.in_thread(self.files.write, *blob) for blob in different.items()))
        return names

    async def keep(self, sha: str) -> int:
        """Lift the condemnation of a blob that was put before, so that a script may name it; its size in bytes.

        Raises Gone when its file is there no more.
        """
        await self._rescue([sha])
        try:
            return await self.in_thread(self.files.size, sha)
        except Unreadable as error:
            raise no_longer_kept(sha) from error

    async def adopt(self, draft: Path, sha: str, size: int) -> None:
        """Make a blob of a draft whose sha256 and size are known (blob_sink.py). Raises as `put` does."""
        await self._rescue([sha])
        await self.in_thread(self.files.adopt, draft, sha, size)

    async def put_packed(self, content: bytes) -> str:
        """As `put`, sharing a file with others that come at the same moment; the name is longer than a sha256."""
        return await self._packs.put(content)

    async def get(self, name: str) -> bytes:
        """The content, checked against its name. Raises Unreadable when it is missing or damaged."""
        packed = Packed.parse(name)
        if packed is None:
            return await self.in_thread(self.files.read, name)
        part = await self.in_thread(self.files.read_part, packed.sha, packed.offset, packed.length)
        return packed.check_content(part)

    async def open(self, sha: str) -> BinaryIO:
        """The file, for reading in parts; the caller closes it. Raises Unreadable when it is missing."""
        return await self.in_thread(self.files.open, sha)

    async def release(self, owner: str, now: int) -> int:
        """End all references of an owner; returns how many blobs are condemned by that."""
        return int(await self.engine.run(_RELEASE, {"blobs": self.keys}, {"owner": owner, "due": now + GRACE_MS}))

    async def owned(self, owner: str) -> list[str]:
        """The sha256 of each blob that an owner needs."""
        bounds = (f"[o:{owner}:", f"(o:{owner};", "BYLEX")
        return [each[-64:].decode() for each in await self.engine.call("ZRANGE", self.keys["references"], *bounds)]

    async def owners(self, sha: str) -> list[str]:
        """Who needs a blob."""
        bounds = (f"[b:{sha}:", f"(b:{sha};", "BYLEX")
        found = await self.engine.call("ZRANGE", self.keys["references"], *bounds)
        return [each.decode().removeprefix(f"b:{sha}:") for each in found]

    async def in_thread(self, work: Callable[..., Result], *args: object) -> Result:
        """Do file work without holding up the event loop; trouble with the disk is a temporary error."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        except OSError as error:
            raise trouble_of(error) from error

    async def _rescue(self, names: list[str]) -> None:
        for _ in range(WAITS):
            if not await self.engine.run(_RESCUE, {"blobs": self.keys}, {"names": names}):
                return
            await asyncio.sleep(WAIT_SECONDS)
        raise EngineUnavailable("a blob is being removed, and its remover does not come to an end")


def blob_keys(engine: Engine) -> KeyGroup:
    """Who needs which blob, for scripts that include `blob_reference.lua`."""
    return _BLOBS(references=engine.keys("blobs", "references"), condemned=engine.keys("blobs", "condemned"))


def _names(contents: Sequence[bytes]) -> list[str]:
    return [hashlib.sha256(content).hexdigest() for content in contents]


def no_longer_kept(sha: str) -> Gone:
    """The refusal of a file that is named and not there."""
    return Gone(f"the file {sha[:12]}… is not kept any more; upload it again", sha256=sha)
