"""What was allowed to people by their role and what was refused, the newest first, for those who lead and audit.

The lines stand in the feed (audit.py); here is where the newest `KEPT` of them are. Auditors and administrators see
all; who leads sees what the agents of their queues did or what was done about these, and what was done with tickets
that are in these queues now. Nobody else sees any.
"""

from collections.abc import AsyncIterator, Collection

from ...config.errors import NotFound
from ...config.settings import Settings
from ...queue.connection import Engine
from ...queue.feed import Feed, FeedLine
from ...router.reader import Reader
from .authority import Authority

KEPT = 10_000
PAGE = 500


def led_agents(authority: Authority, settings: Settings) -> frozenset[str]:
    """The agents of the queues in which somebody leads."""
    return frozenset(name for name, agent in settings.agents.items() if any(map(authority.leads_queue, agent.queues)))


class Trail:
    """Reads what was noted in a workspace."""

    def __init__(self, engine: Engine, reader: Reader) -> None:
        self._engine = engine
        self._feed = Feed(engine)
        self._key = engine.keys("access", "trail")
        self._reader = reader

    async def newest(
        self, authority: Authority, settings: Settings, *, about: str = "", most: int = 50
    ) -> list[FeedLine]:
        """The newest lines that they may see; `about` is a ticket's number, or `agent:ada` for what she did too."""
        found = list[FeedLine]()
        team = led_agents(authority, settings)
        async for position, who, whom in self._noted():
            if about in ("", who, whom) and await self._is_seen(authority, team, who, whom):
                line = await self._feed.line(position)
                found += [line] if line else []
            if len(found) == most:
                break
        return found

    async def _noted(self) -> AsyncIterator[tuple[int, str, str]]:
        for first in range(0, KEPT, PAGE):
            members = await self._engine.call("ZRANGE", self._key, first, first + PAGE - 1, "REV")
            for member in members:
                position, who, about = member.decode().split("|", 2)
                yield int(position), who, about
            if len(members) < PAGE:
                return

    async def _is_seen(self, authority: Authority, team: Collection[str], who: str, about: str) -> bool:
        if authority.may("audit"):
            return True
        if not authority.may("lead"):
            return False
        if {who.removeprefix("agent:"), about.removeprefix("agent:")} & set(team):
            return True
        return about.startswith("T-") and await self._leads_ticket(authority, about)

    async def _leads_ticket(self, authority: Authority, number: str) -> bool:
        try:
            return authority.leads_queue((await self._reader.ticket(number)).record.queue)
        except NotFound:
            return False
