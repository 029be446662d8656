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
"""For so long a source may be away before anybody is told; refused credentials are told at once."""

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


class UnreadSources:
    """Those of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._key = engine.keys("unread")

    async def failed(self, channel: str, account: str, cause: str, *, credentials: bool) -> None:
        """It cannot be read. Raises EngineUnavailable."""
        await self._tell(channel, account, cause[:1000] or "no reason is given", credentials=credentials)

    async def read(self, channel: str, account: str) -> None:
        """It is read. Raises EngineUnavailable."""
        await self._tell(channel, account, None, credentials=False)

    async def list(self) -> Sequence[Unread]:
        """Those that somebody has to know of, the longest first. Raises EngineUnavailable."""
        found, now = await self._engine.call("HGETALL", self._key), self._clock.now()
        pairs = zip(found[::2], found[1::2], strict=True)
        unread = [_read(name.decode(), json.loads(stored)) for name, stored in pairs]
        told = (each for each in unread if each.credentials or now - each.since >= PATIENCE_MS)
        return sorted((each for each in told if now - each.at < FORGOTTEN_MS), key=lambda each: each.since)

    async def _tell(self, channel: str, account: str, cause: str | None, *, credentials: bool) -> None:
        source = f"{channel}\0{account}"
        args: ScriptArguments = {"source": source, "cause": cause, "credentials": credentials}
        await self._engine.run(_TELL, {"sources": self._key}, {"now": self._clock.now(), **args})


def _read(name: str, stored: dict[str, object]) -> Unread:
    channel, _, account = name.partition("\0")
    return Unread.model_validate({"channel": channel, "account": account, **stored})
