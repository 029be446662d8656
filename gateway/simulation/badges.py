"""Tokens of the simulated agents' own, made for one play and withdrawn behind it."""

from collections.abc import Sequence
from contextlib import suppress

from ...config.errors import NotFound
from ...desk.token_store import AGENT_SCOPES, TokenStore

PREFIX = "demo-"


class Badges:
    """A service; `of` has the agents' tokens once it is started."""

    def __init__(self, store: TokenStore, names: Sequence[str]) -> None:
        self._store = store
        self._names = names
        self.of: dict[str, str] = {}

    async def start(self) -> None:
        """Make them; those of a play that was killed are withdrawn."""
        await self.stop()
        for name in self._names:
            self.of[name] = await self._store.create(PREFIX + name, scopes=AGENT_SCOPES, agent=name)

    async def stop(self) -> None:
        """Withdraw them."""
        self.of.clear()
        for name in self._names:
            with suppress(NotFound):
                await self._store.revoke(PREFIX + name)
