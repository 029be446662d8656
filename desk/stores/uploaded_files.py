"""Who uploaded which file, for a day: so that a file is sent along by whoever had it, not by whoever knows its hash."""

from ...queue.connection import Engine

KEPT_MS = 24 * 60 * 60 * 1000


class UploadedFiles:
    """The uploads of a workspace; one small key for each file and person."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def note(self, who: str, sha256: str) -> None:
        """They have sent us these bytes. Raises EngineUnavailable."""
        await self._engine.call("SET", self._key(who, sha256), 1, "PX", KEPT_MS)

    async def has(self, who: str, sha256: str) -> bool:
        """Whether they have. Raises EngineUnavailable."""
        return bool(await self._engine.call("EXISTS", self._key(who, sha256)))

    def _key(self, who: str, sha256: str) -> str:
        return self._engine.keys("uploads", who, sha256)
