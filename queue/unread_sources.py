"""Sources of messages that are read by us, such as mailboxes, and cannot be read now.

Whoever reads one says so each time it fails, and when it is read again; the board and the metrics tell it, once. What
nobody has said again for `FORGOTTEN_MS` is not told any more: it is configured no longer, or nobody reads at all, which
is told elsewhere. Times are milliseconds.
"""

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from .clock import Clock
from .connection import Engine
from .scripts import Script, ScriptArguments

PATIENCE_MS = 300_000
"""For so long a source may be away before anybody is told; what does not pass by itself is told at once."""

FORGOTTEN_MS = 1_800_000

_TELL = Script.beside(__file__, "unread_source.lua")


class Unread(BaseModel):
    """A source that cannot be read."""

    model_config = ConfigDict(frozen=True)

    channel: str
    account: str
    since: int = Field(description="Milliseconds.")
    at: int = Field(description="Milliseconds; when it was tried last.")
    cause: str = Field(description="In the source's words.")
    credentials: bool = Field(default=False, description="It does not take our password or token.")
    elsewhere: bool = Field(default=False, description="It hands its messages to somebody else, or to nobody.")
    remedy: str = Field(default="", description="What to do about it.")

    @property
    def is_told_at_once(self) -> bool:
        """Whether it does not pass by itself."""
        return self.credentials or self.elsewhere


class UnreadSources:
    """Those of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._key = engine.keys("unread")

    async def failed(
        self, channel: str, account: str, cause: str, *, credentials: bool, elsewhere: bool = False, remedy: str = ""
    ) -> None:
        """It cannot be read. Raises EngineUnavailable."""
        why: ScriptArguments = {"cause": cause[:1000] or "no reason is given", "remedy": remedy[:1000]}
        await self._tell(channel, account, {**why, "credentials": credentials, "elsewhere": elsewhere})

    async def read(self, channel: str, account: str) -> None:
        """It is read. Raises EngineUnavailable."""
        await self._tell(channel, account, {"cause": None, "remedy": "", "credentials": False, "elsewhere": False})

    async def list(self) -> Sequence[Unread]:
        """Those that somebody has to know of, the longest first. Raises EngineUnavailable."""
        found, now = await self._engine.call("HGETALL", self._key), self._clock.now()
        pairs = zip(found[::2], found[1::2], strict=True)
        unread = [_read(name.decode(), json.loads(stored)) for name, stored in pairs]
        told = (each for each in unread if each.is_told_at_once or now - each.since >= PATIENCE_MS)
        return sorted((each for each in told if now - each.at < FORGOTTEN_MS), key=lambda each: each.since)

    async def _tell(self, channel: str, account: str, why: ScriptArguments) -> None:
        args: ScriptArguments = {"now": self._clock.now(), "source": f"{channel}\0{account}", **why}
        await self._engine.run(_TELL, {"sources": self._key}, args)


def _read(name: str, stored: dict[str, object]) -> Unread:
    channel, _, account = name.partition("\0")
    return Unread.model_validate({"channel": channel, "account": account, **stored})
