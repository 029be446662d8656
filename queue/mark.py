"""A mark: by which settings something was last done for everything that is stored.

What is worked out from the configuration is worked out anew when the configuration has changed, and not at every start.
The mark is written after the work, so a process that ends between them does it again.
"""

from .connection import Engine
from .scripts import Script

_SET = Script.beside(__file__, "mark_set.lua")


class Mark:
    """One mark in the engine."""

    def __init__(self, engine: Engine, *name: str) -> None:
        self._engine = engine
        self._key = engine.keys(*name)

    async def differs(self, settings: str) -> bool:
        """Whether it was done by other settings, or never. Raises EngineUnavailable."""
        return bool(await self._engine.call("GET", self._key) != settings.encode())

    async def set(self, settings: str) -> None:
        """It has been done by these. Raises EngineUnavailable; a full engine takes it."""
        await self._engine.run(_SET, {"mark": self._key}, {"by": settings})
