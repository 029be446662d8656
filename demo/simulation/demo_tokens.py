"""Tokens for one demo, withdrawn behind it: one for each simulated agent, one for the person."""

from collections.abc import Sequence
from contextlib import suppress

from ...config.errors import NotFound
from ...desk.stores.token_store import AGENT_SCOPES, TokenStore

PREFIX = "demo-"
PERSON = "demo.person"


class DemoTokens:
    """A service; `of` has the agents' tokens once it is started, `person` the one for the person."""

    def __init__(self, store: TokenStore, names: Sequence[str], me: str) -> None:
        self._store = store
        self._names = names
        self._me = me
        self.of: dict[str, str] = {}
        self.person = ""

    async def start(self) -> None:
        """Make them; those of a demo that was killed are withdrawn."""
        await self.stop()
        for name in self._names:
            self.of[name] = await self._store.create(PREFIX + name, scopes=AGENT_SCOPES, agent=name)
        if self._me:
            self.person = await self._store.create(PERSON, scopes=AGENT_SCOPES, agent=self._me)

    async def stop(self) -> None:
        """Withdraw them."""
        self.of.clear()
        self.person = ""
        for name in (*(PREFIX + name for name in self._names), PERSON):
            with suppress(NotFound):
                await self._store.revoke(name)
