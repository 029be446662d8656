"""Reads what a replay needs of recorded days: lines of the feed by time, what the rules saw, what was not touched.

Only reads, in pages, and holds none of the words that it reads. Lines before the days that are asked for are read too
(`AROUND`), because what was in hand then keeps agents busy, and lines after them, because they tell how long the work
on what came last has taken.
"""

from collections.abc import AsyncIterator, Sequence

from ..config.errors import Gone, NotFound
from ..config.settings import Settings
from ..queue.feed import Feed
from ..router.agents import Agents
from ..router.facts import Facts
from ..router.life_cycle import ACTIVE, MOVES
from ..router.reader import Reader, TicketFilter
from ..router.records import Article
from .history import Passage, PresenceChange
from .retelling import untouched
from .seen_line import SeenLine, of

AROUND = 7 * 24 * 3_600_000  # ms
PAGE = 500
FIRST_ARTICLES = 5  # the message that opened a ticket is among them


class RecordedDays:
    """The records of a workspace."""

    def __init__(self, feed: Feed, reader: Reader, agents: Agents) -> None:
        self._feed = feed
        self._reader = reader
        self._agents = agents

    async def begin(self, at: int) -> int:
        """The position behind which the lines from this moment on stand; that of the oldest line that is kept."""
        low, high = await self._feed.earliest(), await self._feed.last() + 1
        while low < high:
            middle = (low + high) // 2
            line = await self._feed.line(middle)
            if line is not None and line.time >= at:
                high = middle
            else:
                low = middle + 1
        return low - 1

    async def time_of(self, after: int) -> int | None:
        """The time of the line behind this position; None where there is none."""
        line = await self._feed.line(after + 1)
        return line.time if line is not None else None

    async def pages(self, after: int, until: int) -> AsyncIterator[tuple[int, Sequence[SeenLine]]]:
        """Lines behind a position until a moment, in pages; with each the position of its last line."""
        while True:
            try:
                lines = await self._feed.read(after, PAGE)
            except Gone as error:
                after = int(error.facts["earliest"])
                continue
            some = [line for line in lines if line.time < until]
            if some:
                after = some[-1].position
                yield after, [seen for seen in map(of, some) if seen is not None]
            if len(some) < len(lines) or not lines:
                return

    async def facts(self, ticket: str) -> Facts | None:
        """What the rules saw of the message that opened it; None where it is not kept any more."""
        try:
            stored = await self._reader.ticket(ticket)
        except NotFound:
            return None
        return stored.facts_with(await self._opening(ticket))

    async def _opening(self, ticket: str) -> Article | None:
        for id_ in await self._reader.article_ids(ticket, 0, FIRST_ARTICLES):
            article = await self._reader.article(id_)
            if article.author.kind == "customer":
                return article
        return None

    async def opened(self, start: int, end: int) -> AsyncIterator[tuple[float, Facts]]:
        """What the rules saw of each ticket that came in these days; with it the share of the days that was read."""
        begin, last = await self.begin(start), await self.begin(end)
        async for _, lines in self.pages(begin, end):
            for line in lines:
                if line.kind == "ticket.created" and (facts := await self.facts(line.subject)) is not None:
                    yield min(1.0, (line.position - begin) / max(1, last - begin)), facts

    async def untouched(self, since: int) -> list[Passage]:
        """Tickets that an agent has had since before the record begins, and of which no line tells."""
        found: list[Passage] = []
        for status in (each for each in MOVES if each in ACTIVE):
            cursor: str | None = None
            while True:
                page = await self._reader.tickets(TicketFilter(status=status), limit=PAGE, cursor=cursor)
                held = (each for each in page.items if each.assignee is not None and each.updated_at < since)
                found += [untouched(each.id, each.model_dump(mode="json"), since) for each in held]
                cursor = page.next
                if cursor is None:
                    break
        return found

    async def presences(self, settings: Settings, since: int) -> list[PresenceChange]:
        """How agents are who have been so since before the record begins."""
        agents = await self._agents.all(settings)
        return [
            PresenceChange(since, each.id, each.presence)
            for each in agents
            if each.presence_since is not None and each.presence_since < since
        ]
