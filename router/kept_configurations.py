"""Every configuration that was in force is kept under its version, with the times from which on it was.

A version is a hash of what was in force (`Settings.version`), and stands in every ticket that was placed and in every
decision. So a placement can be made again by the rules of that day, and a day be replayed as it was (what_if/). Secrets
are never in a configuration. The last `MOST` changes are kept. What is kept is what differs from the defaults, so one
of an older Trunkline is read with the defaults of this one; if it says what this one does not know, it counts as not
kept.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from ..config.settings import Settings
from ..queue.connection import Engine
from ..queue.scripts import Script

MOST = 1_000

ReadSettings = Callable[[bytes], Settings]
"""Settings from the JSON that `Settings.kept` gave; whoever knows the channels hands it in."""

_KEEP = Script.beside(__file__, "keep_configuration.lua")


@dataclass(frozen=True)
class InForce:
    """A configuration was in force from this moment on, in milliseconds, until the next one."""

    since: int
    version: str


def in_force_within(times: Sequence[InForce], since: int, until: int) -> list[InForce]:
    """Those of `times` (the oldest first) that were in force from `since` to before `until`, in milliseconds.

    The first of all stands for the time before it as well.
    """
    ends = [each.since for each in times[1:]]
    over = sum(end <= since for end in ends)
    begun = max(1, sum(each.since < until for each in times))
    return list(times[over:begun])


class KeptConfigurations:
    """Those of a workspace."""

    def __init__(self, engine: Engine, read: ReadSettings) -> None:
        self._engine = engine
        self._read = read
        self._texts = engine.keys("configurations")
        self._times = engine.keys("configurations", "times")

    async def keep(self, settings: Settings, now: int) -> bool:
        """It is in force from now on; whether another one was before. Raises EngineUnavailable."""
        text = zlib.compress(settings.kept.encode())
        return bool(
            await self._engine.run(
                _KEEP,
                {"texts": self._texts, "times": self._times},
                {"now": now, "version": settings.version, "text": text, "most": MOST},
            )
        )

    async def times(self) -> Sequence[InForce]:
        """Which was in force from when on, the oldest first."""
        lines = await self._engine.call("LRANGE", self._times, 0, -1)
        return [InForce(int(line[:16]), line[17:].decode()) for line in lines]

    async def settings(self, version: str) -> Settings | None:
        """The configuration of a version; None where it is not kept, or cannot be read any more."""
        text = await self._engine.call("HGET", self._texts, version)
        if text is None:
            return None
        try:
            return self._read(zlib.decompress(text))
        except (ValidationError, zlib.error):
            return None
