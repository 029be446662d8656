"""A source of messages that we ask, such as a bot that is polled: whether it can be asked is told, once.

The log has a line when a trouble begins, when it changes and when it ends, with its cause and what to do. The board,
`/readyz` and the metrics have it for as long as it is said again, so it is said each time (queue/unread_sources.py).
Trouble of our own engine is none of the source, and is told elsewhere.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from ..config.errors import CredentialsRefused, EngineUnavailable, Temporary, TrunklineError

log = structlog.get_logger()


class Sources(Protocol):
    """Where it is kept: `UnreadSources`."""

    async def failed(
        self, channel: str, account: str, cause: str, *, credentials: bool, elsewhere: bool = False, remedy: str = ""
    ) -> None:
        """It cannot be read. Raises EngineUnavailable."""

    async def read(self, channel: str, account: str) -> None:
        """It is read. Raises EngineUnavailable."""


@dataclass(frozen=True)
class Remedies:
    """What to do when our credentials are refused, and when the source is not reached."""

    refused: str
    away: str


class SourceWatch:
    """Watches one account of a channel."""

    def __init__(self, sources: Sources, channel: str, account: str, remedies: Remedies) -> None:
        self._sources = sources
        self._channel = channel
        self._account = account
        self._remedies = remedies
        self._trouble = ""
        self._told = True  # as far as is known; what another process told is taken back by the first that is well

    @property
    def is_hindered(self) -> bool:
        """Whether it cannot be asked now."""
        return bool(self._trouble)

    async def failed(self, error: TrunklineError) -> None:
        """It could not be asked. Raises nothing."""
        credentials = isinstance(error, CredentialsRefused)
        remedy = self._remedies.refused if credentials else self._remedies.away
        await self._failed(error.detail, remedy, credentials=credentials, ours=isinstance(error, EngineUnavailable))

    async def elsewhere(self, cause: str, remedy: str) -> None:
        """It was asked, and hands its messages to somebody else, or to nobody. Raises nothing."""
        await self._failed(cause, remedy, elsewhere=True)

    async def well(self) -> None:
        """It was asked. Raises nothing."""
        if self._trouble:
            log.info("a source of messages is read again", action="source_read", **self._named)
        self._trouble = ""
        if self._told:
            with suppress(Temporary):
                await self._sources.read(self._channel, self._account)
                self._told = False

    async def _failed(
        self, cause: str, remedy: str, *, credentials: bool = False, elsewhere: bool = False, ours: bool = False
    ) -> None:
        if cause != self._trouble:
            words = "a source of messages cannot be read"
            log.warning(words, action="source_unread", cause=cause, remedy=remedy, **self._named)
        self._trouble = cause
        if ours:
            return
        self._told = True
        with suppress(Temporary):
            await self._sources.failed(
                self._channel, self._account, cause, credentials=credentials, elsewhere=elsewhere, remedy=remedy
            )

    @property
    def _named(self) -> dict[str, str]:
        return {"channel": self._channel, "account": self._account}
