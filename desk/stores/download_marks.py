"""Who has downloaded a file of an article, and when last; at most `MOST` such notes for one article."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scripts import Script, ScriptArguments

MOST = 200

_NOTE = Script.beside(__file__, "download_note.lua")


@dataclass(frozen=True)
class Downloaded:
    """Somebody took it."""

    who: str
    """An agent's id, or a token's name."""
    at: int
    """Milliseconds."""


class DownloadMarks:
    """The notes of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def note(self, article: str, sha256: str, who: str) -> None:
        """Somebody takes it now."""
        args: ScriptArguments = {"field": f"{sha256}|{who}", "now": self._clock.now(), "most": MOST}
        await self._engine.run(_NOTE, {"marks": self._key(article)}, args)

    async def of(self, article: str) -> Mapping[str, tuple[Downloaded, ...]]:
        """The notes by file, the latest first."""
        flat = await self._engine.call("HGETALL", self._key(article))
        found: dict[str, list[Downloaded]] = {}
        for field, at in zip(flat[::2], flat[1::2], strict=True):
            sha256, _, who = field.decode().partition("|")
            found.setdefault(sha256, []).append(Downloaded(who, int(at)))
        return {sha256: tuple(sorted(notes, key=lambda note: -note.at)) for sha256, notes in found.items()}

    def _key(self, article: str) -> str:
        return self._engine.keys("article", article, "downloads")
