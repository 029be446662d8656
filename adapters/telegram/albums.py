"""Albums: several files that somebody sent together, of which Telegram tells one by one, as messages of their own.

The first that comes is the message, the others are additions to it. Which was first is settled before they are stored,
in one step of the engine, and told to `parse` as a fact; so nothing is held back to be gathered, and each is stored as
soon as it comes, however late. Telegram gives the messages of a chat in order and again until they are taken, so the
first is the one that it shows first, with the words of the album. In a group that is the first that is for the bot;
what follows it belongs to it, whether it mentions the bot or not.

Limits: which was first is known for `KEPT_MS`; whatever comes later is a message of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...queue.connection import Engine
from ..vendor_post import Event
from .bots import Bot
from .parsing import is_taken
from .updates import ALBUM, MEMBER, PART_OF

KEPT_MS = 8 * 86_400_000


class Albums:
    """Which message stands for an album."""

    def __init__(self, engine: Engine, bots: Mapping[str, Bot]) -> None:
        self._engine = engine
        self._bots = bots

    async def told(self, account: str, events: Sequence[Event]) -> list[Event]:
        """The events, of which those of albums know their first message. Raises EngineUnavailable."""
        return [await self._told(account, each) if ALBUM in each.facts else each for each in events]

    async def _told(self, account: str, event: Event) -> Event:
        key = self._engine.keys("telegram", "album", account, str(event.facts[ALBUM]))
        own = str(event.facts[MEMBER])
        if is_taken(event.content, self._bots[account]):
            found = await self._engine.call("SET", key, own, "NX", "GET", "PX", KEPT_MS)
        else:
            found = await self._engine.call("GET", key)
        first = found.decode() if found else own
        return replace(event, facts={} if first == own else {PART_OF: first})
