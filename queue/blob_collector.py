"""Removes blobs that nobody needs any more.

A blob is found to be without references in two ways: when its last owner is released, at once; or, when a writer died
before anything named it, by going through the files, a sixteenth of them at each run. Either way it is condemned, and
an hour later its file goes. One process collects at a time, under a lock on the folder; a backup shares that lock while
it copies. A collector that dies half way leaves its blobs marked, and the next one finishes them first.

What has to go at once, because a person is erased, does not wait for its hour (`remove_now`).
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.errors import EngineUnavailable
from .blob_files import DIGITS, BlobFiles
from .blobs import GRACE_MS, Blobs
from .clock import Clock
from .ownership import FileLock
from .scripts import Script

MOST = 500  # blobs in one script

_CONDEMN = Script.beside(__file__, "blob_condemn.lua")
_CLAIM = Script.beside(__file__, "blob_claim.lua")
_REMOVED = Script.beside(__file__, "blob_removed.lua")
_SEIZE = Script.beside(__file__, "blob_seize.lua")
_VANISHED = Script.beside(__file__, "blob_vanished.lua")


@dataclass(frozen=True)
class Collected:
    """What one run did: blobs newly condemned by going through the files, and files removed."""

    condemned: int = 0
    removed: int = 0


class BlobCollector:
    """`run_once` is called every few minutes; sixteen runs see every file."""

    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs = blobs
        self._keys = {"blobs": blobs.keys}
        self._clock = clock
        self._turn = 0

    async def run_once(self) -> Collected:
        """Condemn and remove; does nothing while another process collects or a backup runs."""
        lock = await self._blobs.in_thread(collection_lock, self._blobs.files)
        if lock is None:
            return Collected()
        try:
            return Collected(condemned=await self._condemn(), removed=await self._remove())
        finally:
            lock.release()

    async def remove_now(self, names: Sequence[str]) -> Sequence[str]:
        """Remove the files of those of these blobs that nobody needs; the names of the others.

        Raises EngineUnavailable while another process collects or a backup runs; it may be called again.
        """
        lock = await self._blobs.in_thread(collection_lock, self._blobs.files)
        if lock is None:
            raise EngineUnavailable("blobs are being collected or backed up")
        try:
            gone = {sha async for sha in self._vanishing(names)}
        finally:
            lock.release()
        return [sha for sha in names if sha not in gone]

    async def _vanishing(self, names: Sequence[str]) -> AsyncIterator[str]:
        for part in _parts(names):
            seized = [sha.decode() for sha in await self._blobs.engine.run(_SEIZE, self._keys, {"names": part})]
            await _to_the_end(self._blobs.in_thread(self._blobs.files.remove, seized))
            due = self._clock.now() + GRACE_MS
            await self._blobs.engine.run(_VANISHED, self._keys, {"due": due, "names": seized})
            for sha in seized:
                yield sha

    async def _condemn(self) -> int:
        first = DIGITS[self._turn % len(DIGITS)]
        self._turn += 1
        names = await self._blobs.in_thread(self._old, first)
        due = self._clock.now() + GRACE_MS
        condemned = 0
        for part in _parts(names):
            condemned += await self._blobs.engine.run(_CONDEMN, self._keys, {"due": due, "names": part})
        return condemned

    def _old(self, first: str) -> list[str]:
        """The blobs below this digit that are old enough to have been referenced by whoever wrote them."""
        self._blobs.files.clear_drafts(untouched_for=GRACE_MS / 1000)
        return list(self._blobs.files.names(first, untouched_for=GRACE_MS / 1000))

    async def _remove(self) -> int:
        removed = 0
        while names := await self._claim():
            await _to_the_end(self._blobs.in_thread(self._blobs.files.remove, names))
            await self._blobs.engine.run(_REMOVED, self._keys, {"names": names})
            removed += len(names)
        return removed

    async def _claim(self) -> list[str]:
        args = {"now": self._clock.now(), "most": MOST}
        claimed = await self._blobs.engine.run(_CLAIM, self._keys, args)
        return [name.decode() for name in claimed]


def collection_lock(files: BlobFiles, *, shared: bool = False) -> FileLock | None:
    """The holder decides what is removed; while it is shared nothing is. None when it is not to be had now."""
    return FileLock.take(files.root / "collector.lock", shared=shared)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """A thread cannot be broken off, so a cancelled run waits for it before it gives up the lock."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[begin : begin + MOST] for begin in range(0, len(names), MOST))
