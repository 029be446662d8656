"""Removes the contents of a person who is erased from the disk.

A blob that nobody else needs goes at once. A pack in which contents of others lie too goes when they have been copied
into new packs; what remains needed is a file that somebody else sent as well.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence

from ...queue.blob_collector import BlobCollector
from ...queue.blob_packs import Packed
from ...queue.blobs import GRACE_MS, Blobs
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ..ticket_keys import TicketKeys

TRIES = 20
AT_ONCE = 100  # articles whose contents move together
FIELDS = ("_raw_blob", "_body")
"""The private fields of an article that can name a content of a pack."""

_REPACK = Script.beside(__file__, "repack_article.lua")


class PackedContents:
    """The blobs of a workspace, for an erasure."""

    def __init__(self, engine: Engine, clock: Clock, blobs: Blobs) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._keys = TicketKeys(engine)
        self._collector = BlobCollector(blobs, clock)

    async def remove(self, names: Sequence[str]) -> None:
        """Returns when no content of theirs is in these blobs any more. Raises EngineUnavailable."""
        for _ in range(TRIES):
            names = await self._collector.remove_now(names)
            packs = [sha for sha in names if await self._move_out_of(sha)]
            if not packs:
                return
            names = packs

    async def _move_out_of(self, pack: str) -> bool:
        """Copy what others have in it; False when it is no pack, but a file that somebody else needs."""
        owners = await self._blobs.owners(pack)
        held = [(owner, await self._contents(owner, pack)) for owner in owners]
        for begin in range(0, len(held), AT_ONCE):
            await asyncio.gather(*(self._move(pack, *each) for each in held[begin : begin + AT_ONCE] if each[1]))
        return any(contents for _, contents in held)

    async def _contents(self, article: str, pack: str) -> Mapping[str, str]:
        """What the article has in the pack: the names of the contents, by field."""
        stored = await self._engine.call("HMGET", self._keys.article(article), *FIELDS)
        named = {field: json.loads(piece) for field, piece in zip(FIELDS, stored, strict=True) if piece}
        packed = {field: Packed.parse(name) for field, name in named.items()}
        return {field: named[field] for field, each in packed.items() if each is not None and each.sha == pack}

    async def _move(self, pack: str, article: str, contents: Mapping[str, str]) -> None:
        copies = await asyncio.gather(*(self._copied(name) for name in contents.values()))
        args: ScriptArguments = {
            "owner": article,
            "pack": pack,
            "due": self._clock.now() + GRACE_MS,
            "names": list(contents),
            "before": [json.dumps(name) for name in contents.values()],
            "now": [json.dumps(name) for name in copies],
            "contents": copies,
        }
        keys: ScriptKeys = {"article": self._keys.article(article), "blobs": self._blobs.keys}
        await self._engine.run(_REPACK, keys, args)  # what it refuses is looked at in the next round

    async def _copied(self, name: str) -> str:
        return await self._blobs.put_packed(await self._blobs.get(name))
