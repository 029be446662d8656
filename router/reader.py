"""The reader: tickets, articles, customers and decisions as every face shows them. Reads only.

Lists are ordered by ticket number, the newest first, and go on from a cursor. A filter that no index serves alone is
applied while reading, over a bounded number of tickets a page, and so are words (ticket_search.py); so a page can be
short, or even empty, and still name where the next one begins.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..config.errors import Invalid, NotFound
from ..normalizer.envelope import Attachment
from ..queue.blobs import Blobs
from ..queue.connection import Engine
from .case_articles import case_article_ids
from .customer_directory import CustomerDirectory
from .customer_records import load_record, load_records
from .decision_record import Decision
from .person import as_one
from .private_fields import ArticleWork
from .records import Article, Customer, Status, Ticket
from .search_words import asked_words
from .sight import Sight, admits
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_index import Place, TicketIndex
from .ticket_keys import TicketKeys
from .ticket_search import AT_ONCE, MOST_STEPS, Found, TicketSearch

SCANNED = 1_000  # tickets looked at for one page of a filtered list
MOST_OWNERS = 100  # articles looked at for an attachment; more would only repeat the same file


@dataclass(frozen=True, kw_only=True)
class TicketFilter:
    """Which tickets are asked for."""

    queue: str | None = None
    status: Status | None = None
    customer: str | None = None
    assignee: str | None = None
    offered_to: str | None = None
    undelivered: bool | None = None
    q: str | None = None

    def dimensions(self, records: Sequence[str], sight: Sight | None = None) -> list[str]:
        """The heads of the index that leave the fewest to look at, given the records of the customer."""
        if self.offered_to is not None:
            return [f"offered:{self.offered_to}"]
        if self.customer is not None:
            return [f"customer:{record}" for record in records]
        if self.assignee is not None:
            return [f"assignee:{self.assignee}" + (f":{self.status}" if self.status else "")]
        if self.queue is not None or self.undelivered:
            return [self._in_queue()]
        if sight is not None:
            return sight.dimensions(self.status)
        return [f"status:{self.status}" if self.status else "all"]

    def _in_queue(self) -> str:
        if self.undelivered:
            return "undelivered" if self.queue is None else f"undelivered:{self.queue}"
        return f"queue:{self.queue}" + (f":{self.status}" if self.status else "")

    @property
    def words(self) -> Sequence[str]:
        """The words of `q`."""
        return asked_words(self.q or "")

    def admits(self, ticket: Ticket, records: Sequence[str]) -> bool:
        """Whether a ticket is one of them, but for `q`."""
        asked = {"queue": self.queue, "status": self.status, "assignee": self.assignee}
        if any(value is not None and getattr(ticket, name) != value for name, value in asked.items()):
            return False
        if self.customer is not None and ticket.customer not in records:
            return False
        if self.undelivered is not None and ticket.misses_answer != self.undelivered:
            return False
        offered = ticket.offer.agent if ticket.offer else None
        return self.offered_to is None or offered == self.offered_to


@dataclass(frozen=True, kw_only=True)
class TicketPage:
    """One page of a list."""

    items: Sequence[Ticket]
    next: str | None
    found: Mapping[str, Found] = field(default_factory=dict)  # by ticket, where words were asked for


class Reader:
    """Reads the records of a workspace."""

    def __init__(self, engine: Engine, blobs: Blobs) -> None:
        self._engine = engine
        self._blobs = blobs
        self._keys = TicketKeys(engine)
        self._search = TicketSearch(engine, blobs)
        self.index = TicketIndex(engine)
        self.directory = CustomerDirectory(engine)

    async def ticket(self, ticket: str) -> StoredTicket:
        """A ticket by id or number. Raises NotFound."""
        return await load_ticket(self._engine, ticket)

    async def articles(self, ticket: str) -> list[Article]:
        """The articles of a ticket in the order they are listed, with their full texts."""
        return list(await asyncio.gather(*map(self.article, await self.article_ids(ticket))))

    async def case_article_ids(self, ticket: Ticket) -> list[str]:
        """The ids of the articles of a ticket and of all that are merged into it, as they came."""
        return await case_article_ids(self._engine, ticket)

    async def article_ids(self, ticket: str, begin: int = 0, end: int | None = None) -> list[str]:
        """The ids of a ticket's articles as they are listed, from the place `begin` to that in front of `end`."""
        last = -1 if end is None else end - 1
        members = await self._engine.call("ZRANGE", self._keys.articles(ticket), begin, last)
        return [member[-36:].decode() for member in members]

    async def count_articles(self, ticket: str) -> int:
        """How many articles a ticket has."""
        return int(await self._engine.call("ZCARD", self._keys.articles(ticket)))

    async def article(self, article: str) -> Article:
        """One article with its full texts. Raises NotFound."""
        stored = await self.stored_article(article)
        if stored is None:
            raise NotFound(f"there is no article {article}")
        return await self.whole(stored)

    async def whole(self, stored: StoredArticle) -> Article:
        """An article with its full texts. Raises Unreadable."""
        return stored.whole(await self._blobs.get(stored.work.body)) if stored.work.body else stored.record

    async def stored_article(self, article: str) -> StoredArticle | None:
        """An article with the beginnings of its texts."""
        flat = await self._engine.call("HGETALL", self._keys.article(article))
        return StoredArticle.from_flat(flat) if flat else None

    async def original(self, article: str) -> bytes:
        """The bytes of a message as they came. Raises NotFound."""
        stored = await self.stored_article(article)
        work = stored.work if stored else ArticleWork()
        if work.raw_blob:
            return await self._blobs.get(work.raw_blob)
        if work.raw_content is None:
            raise NotFound(f"there is no original of an article {article}")
        return work.raw_content.encode("latin-1")

    async def attachment(self, sha256: str, may_see: Callable[[str], Awaitable[bool]] | None = None) -> Attachment:
        """An attachment as an article names it, which `may_see` admits by its id.

        Raises NotFound for other blobs (raw messages, long texts) as well.
        """
        prefix = f"b:{sha256}:"
        bounds = (f"[{prefix}", f"(b:{sha256};", "BYLEX", "LIMIT", 0, MOST_OWNERS)
        for owner in await self._engine.call("ZRANGE", self._keys.blobs["references"], *bounds):
            article = owner.decode().removeprefix(prefix)
            if may_see is not None and not await may_see(article):
                continue
            key = self._keys.article(article)
            for attachment in json.loads(await self._engine.call("HGET", key, "attachments") or b"[]"):
                if attachment["sha256"] == sha256:
                    return Attachment.model_validate(attachment)
        raise NotFound("no article has this attachment")

    async def decisions(self, ticket: str) -> list[Decision]:
        """The routing decisions of a ticket, the oldest first."""
        found = await self._engine.call("LRANGE", self._keys.decisions(ticket), 0, -1)
        return [Decision.model_validate_json(each) for each in found]

    async def customer(self, customer: str) -> Customer:
        """A customer with all their records, by the id of any of them. Raises NotFound."""
        return as_one(await self.records(customer))

    async def records(self, customer: str) -> list[Customer]:
        """Each record of this customer by itself, the oldest first. Raises NotFound."""
        records = await load_records(self._engine, self._keys, [customer])
        if customer not in records:
            raise NotFound(f"there is no customer {customer}")
        return sorted(records.values(), key=lambda each: each.id)

    async def tickets(
        self, wanted: TicketFilter, *, cursor: str | None = None, limit: int = 50, sight: Sight | None = None
    ) -> TicketPage:
        """A page of those tickets that are seen, the newest first. Raises Invalid for a cursor that is none of ours."""
        records = await self._records(wanted.customer) if wanted.customer else ()
        dimensions, after = wanted.dimensions(records, sight), _position(cursor)

        def is_one(ticket: Ticket) -> bool:
            return wanted.admits(ticket, records) and admits(sight, ticket)

        if wanted.words:
            return await self._with_words(wanted.words, dimensions, is_one, after, limit)
        found, scanned = list[Ticket](), 0
        size = min(200, max(limit, 50))
        while scanned < SCANNED:
            batch = await self._newest(dimensions, size, after)
            for place, stored in zip(batch, await self.stored(each.ticket for each in batch), strict=True):
                scanned, after = scanned + 1, place.order
                if stored is not None and is_one(stored.record):
                    found.append(stored.record)
                    if len(found) == limit:
                        return TicketPage(items=found, next=after)
            if len(batch) < size:
                return TicketPage(items=found, next=None)
        return TicketPage(items=found, next=after)

    async def _with_words(
        self,
        words: Sequence[str],
        dimensions: Sequence[str],
        is_one: Callable[[Ticket], bool],
        after: str | None,
        limit: int,
    ) -> TicketPage:
        """A page of those that have the words, and where."""
        items, found = list[Ticket](), dict[str, Found]()
        for _ in range(MOST_STEPS):
            batch = await self._newest(dimensions, AT_ONCE, after)
            looked, hits = await self._search.step([each.ticket for each in batch], words)
            while hits:
                some, hits = hits[:limit], hits[limit:]
                tickets = await self.stored(batch[hit.place].ticket for hit in some)
                admitted = [
                    (hit, each.record)
                    for hit, each in zip(some, tickets, strict=True)
                    if each is not None and is_one(each.record)
                ]
                places = await asyncio.gather(*(self._search.found(*each, words) for each in admitted))
                for (hit, ticket), where in zip(admitted, places, strict=True):
                    if where is not None:
                        items.append(ticket)
                        found[ticket.id] = where
                    if len(items) == limit:
                        return TicketPage(items=items, next=batch[hit.place].order, found=found)
            if looked == len(batch) < AT_ONCE:
                return TicketPage(items=items, next=None, found=found)
            after = batch[looked - 1].order
        return TicketPage(items=items, next=after, found=found)

    async def record(self, customer: str) -> Customer | None:
        """One record of a customer by itself."""
        return await load_record(self._engine, self._keys, customer)

    async def _records(self, customer: str) -> Sequence[str]:
        record = await self.record(customer)
        return (record and record.records) or (customer,)

    async def _newest(self, dimensions: Sequence[str], limit: int, after: str | None) -> Sequence[Place]:
        found = await asyncio.gather(*(self.index.newest(each, limit, after=after) for each in dimensions))
        places = {place.order: place for part in found for place in part}  # one ticket can stand under several heads
        return [places[order] for order in sorted(places, reverse=True)][:limit]

    async def stored(self, tickets: Iterable[str]) -> list[StoredTicket | None]:
        """These tickets in the same order; None for one that is gone."""
        found = await asyncio.gather(*(self._engine.call("HGETALL", self._keys.ticket(id_)) for id_ in tickets))
        return [StoredTicket.from_flat(flat) if flat else None for flat in found]


def _position(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) != 12:
        raise Invalid("a cursor is what `next` of the page before says", field="cursor")
    return cursor
