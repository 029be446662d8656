"""The timeline of a person: everything said in all their tickets, on all channels, the newest first, in pages.

Nothing is kept for it. A page asks each ticket of theirs for two of its times, and only those that can have something
on the page for the ids of their articles, which tell when they came; so a page costs as much with short tickets as with
long ones. What they wrote into tickets of other customers is not among it.
"""

import asyncio
import heapq
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from ..normalizer.envelope import Record
from ..queue.connection import Engine
from ..queue.identifiers import time_of
from .belongings import Belongings
from .reader import Reader
from .records import ArticleKind, Author, Status
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

BEGINNING = 300  # characters of a text that a timeline shows
SCANNED = 500  # articles looked at for one page of one channel
CHUNK = 50  # ids of one ticket that are read at once

MERGED = 1 << 53  # a merged ticket is not touched by what is said in it, so it can have the latest

Place = tuple[int, int]
"""Where a page goes on: the time of its last article, and how many of that very time were shown."""


class Said(Record):
    """One thing that was said, in short; `/v1/articles/{id}` has all of it."""

    article: str
    ticket: str
    number: str
    subject: str = Field(description="The ticket's.")
    status: Status = Field(description="The ticket's, now.")
    kind: ArticleKind
    channel: str
    author: Author
    text: str = Field(description=f"Its first {BEGINNING} characters.")
    files: int = Field(description="How many came along.")
    at: int = Field(description="Milliseconds; when it came.")
    erased: bool = False
    deleted: bool = Field(default=False, description="It was deleted where it was written.")
    hidden: bool = Field(
        default=False,
        description="true: it was said in a ticket of a queue that is not seen; ids, names and words are left out.",
    )


@dataclass(frozen=True)
class TimelinePage:
    """One page, and behind which place the next one begins; None at the end."""

    items: Sequence[Said]
    next: Place | None


_TIMES = ("created_at", "updated_at", "merged_into")
_SHOWN = ("number", "subject", "status")


class PersonTimeline:
    """Reads the timelines of a workspace."""

    def __init__(self, engine: Engine, reader: Reader) -> None:
        self._engine = engine
        self._reader = reader
        self._belongings = Belongings(engine)
        self._keys = TicketKeys(engine)

    async def page(
        self, customer: str, *, channel: str | None = None, before: Place | None = None, limit: int = 50
    ) -> TimelinePage:
        """What came before this place, the latest first; a page of one channel can be short and still name the next.

        Raises NotFound.
        """
        items, scanned, end, (begin, seen) = list[Said](), 0, (0, 0), before or (MERGED, 0)
        async for at, article, ticket in self._articles(customer, begin):
            if at == begin and end[1] < seen:  # they were on the page before
                end = (at, end[1] + 1)
                continue
            if len(items) == limit or scanned == SCANNED:
                return TimelinePage(items, end)
            scanned, end = scanned + 1, (at, end[1] + 1 if at == end[0] else 1)
            said = await self._said(article, ticket, channel)
            if said is not None:
                items.append(said)
        return TimelinePage(items, None)

    async def _articles(self, customer: str, until: int) -> AsyncIterator[tuple[int, str, str]]:
        """When each of their articles came, from this time back, with its id and its ticket; always in the same order.

        A ticket stands in the heap with the time until which it can have something, and once it was its turn, with its
        latest article that was not given yet.
        """
        heap = [(-latest, "", ticket) for latest, ticket in await self._tickets(customer, until)]
        heapq.heapify(heap)
        opened: dict[str, AsyncIterator[tuple[int, str]]] = {}
        while heap:
            at, article, ticket = heapq.heappop(heap)
            if article:
                yield -at, article, ticket
            else:
                opened[ticket] = self._of_ticket(ticket, until)
            following = await anext(opened[ticket], None)
            if following is not None:
                heapq.heappush(heap, (-following[0], following[1], ticket))

    async def _tickets(self, customer: str, until: int) -> list[tuple[int, str]]:
        """Their tickets that there were then, each with a time after which nothing came."""
        records = [each.id for each in await self._reader.records(customer)]
        ids = [id_ async for id_ in self._belongings.tickets(records)]
        stored = await asyncio.gather(*(self._engine.call("HMGET", self._keys.ticket(id_), *_TIMES) for id_ in ids))
        return [
            (MERGED if merged not in (None, b"null") else int(updated), id_)
            for (created, updated, merged), id_ in zip(stored, ids, strict=True)
            if created is not None and int(created) <= until
        ]

    async def _of_ticket(self, ticket: str, until: int) -> AsyncIterator[tuple[int, str]]:
        """The articles of a ticket from the end of its list; what stands before an earlier one is as early."""
        key, begin, latest = self._keys.articles(ticket), 0, None
        while members := await self._engine.call("ZREVRANGE", key, begin, begin + CHUNK - 1):
            for member in members:
                id_ = member[-36:].decode()
                came = await self._came(id_)
                latest = came if latest is None else min(latest, came)
                if latest <= until:
                    yield latest, id_
            begin += CHUNK

    async def _came(self, article: str) -> int:
        """When it came; most ids tell it, those that are made from the key of a request do not."""
        if UUID(article).version == 7:
            return time_of(article)
        return int(json.loads(await self._engine.call("HGET", self._keys.article(article), "created_at") or b"0"))

    async def _said(self, id_: str, ticket: str, channel: str | None) -> Said | None:
        stored = await self._reader.stored_article(id_)
        if stored is None or (channel is not None and stored.record.channel != channel):
            return None
        number, subject, status = await self._engine.call("HMGET", self._keys.ticket(ticket), *_SHOWN)
        return _in_short(stored, json.loads(number), json.loads(subject or b'""'), json.loads(status))


def _in_short(stored: StoredArticle, number: str, subject: str, status: Status) -> Said:
    article = stored.record
    return Said(
        article=article.id,
        ticket=article.ticket,
        number=number,
        subject=subject,
        status=status,
        kind=article.kind,
        channel=article.channel,
        author=article.author,
        text=article.text[:BEGINNING],
        files=sum(not each.inline for each in article.attachments),
        at=article.created_at,
        erased=article.erased_at is not None,
        deleted=article.deleted_at is not None,
    )
