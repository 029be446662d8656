"""The reader: tickets, articles, customers and decisions as every face shows them. Reads only.

Lists are ordered by ticket number, the newest first, and go on from a cursor. A filter that no index serves alone is
applied while reading, over a bounded number of tickets a page, so a page can be short, or even empty, and still name
where the next one begins.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..config.errors import Invalid, NotFound
from ..normalizer.folding import fold
from ..queue.connection import Engine
from .filer import ReadableBlobStore
from .private_fields import ArticleWork
from .records import Article, Customer, Decision, Status, Ticket
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys

SCANNED = 1_000  # tickets looked at for one page of a filtered list


@dataclass(frozen=True, kw_only=True)
class TicketFilter:
    """Which tickets are asked for."""

    queue: str | None = None
    status: Status | None = None
    customer: str | None = None
    assignee: str | None = None
    offered_to: str | None = None
    q: str | None = None

    def dimension(self) -> str:
        """The index that leaves the fewest to look at."""
        if self.offered_to is not None:
            return f"offered:{self.offered_to}"
        if self.customer is not None:
            return f"customer:{self.customer}"
        if self.assignee is not None:
            return f"assignee:{self.assignee}" + (f":{self.status}" if self.status else "")
        if self.queue is not None:
            return f"queue:{self.queue}" + (f":{self.status}" if self.status else "")
        return f"status:{self.status}" if self.status else "all"

    def admits(self, ticket: Ticket, searched: str) -> bool:
        """Whether a ticket is one of them; `q` is searched in its number, tags, sender and the first words."""
        asked = {"queue": self.queue, "status": self.status, "customer": self.customer, "assignee": self.assignee}
        if any(value is not None and getattr(ticket, name) != value for name, value in asked.items()):
            return False
        if self.offered_to is not None and (ticket.offer is None or ticket.offer.agent != self.offered_to):
            return False
        if self.q is None:
            return True
        text = f"{searched} {fold(' '.join((ticket.number, ticket.reference, ticket.subject, *ticket.tags)))}"
        return all(word in text for word in fold(self.q).split())


@dataclass(frozen=True, kw_only=True)
class TicketPage:
    """One page of a list."""

    items: Sequence[Ticket]
    next: str | None


class Reader:
    """Reads the records of a workspace."""

    def __init__(self, engine: Engine, blobs: ReadableBlobStore) -> None:
        self._engine = engine
        self._blobs = blobs
        self._keys = TicketKeys(engine)

    async def ticket(self, ticket: str) -> StoredTicket:
        """A ticket by id or number. Raises NotFound."""
        return await load_ticket(self._engine, ticket)

    async def articles(self, ticket: str) -> list[Article]:
        """The articles of a ticket in the order they are listed, with their full texts."""
        members = await self._engine.call("ZRANGE", self._keys.articles(ticket), 0, -1)
        return list(await asyncio.gather(*(self.article(member[-36:].decode()) for member in members)))

    async def article(self, article: str) -> Article:
        """One article with its full texts. Raises NotFound."""
        flat = await self._engine.call("HGETALL", self._keys.article(article))
        if not flat:
            raise NotFound(f"there is no article {article}")
        stored = StoredArticle.from_flat(flat)
        if not stored.work.body:
            return stored.record
        return stored.whole(await self._blobs.get(stored.work.body))

    async def original(self, article: str) -> bytes:
        """The bytes of a message as they came. Raises NotFound."""
        flat = await self._engine.call("HGETALL", self._keys.article(article))
        work = StoredArticle.from_flat(flat).work if flat else ArticleWork()
        if work.raw_blob:
            return await self._blobs.get(work.raw_blob)
        if work.raw_content is None:
            raise NotFound(f"there is no original of an article {article}")
        return work.raw_content.encode("latin-1")

    async def decisions(self, ticket: str) -> list[Decision]:
        """The routing decisions of a ticket, the oldest first."""
        found = await self._engine.call("LRANGE", self._keys.decisions(ticket), 0, -1)
        return [Decision.model_validate_json(each) for each in found]

    async def customer(self, customer: str) -> Customer:
        """A customer. Raises NotFound."""
        flat = await self._engine.call("HGETALL", self._keys.customer(customer))
        if not flat:
            raise NotFound(f"there is no customer {customer}")
        return Customer.from_hash(dict(zip(flat[::2], flat[1::2], strict=True)))

    async def tickets(self, wanted: TicketFilter, *, cursor: str | None = None, limit: int = 50) -> TicketPage:
        """A page of tickets, the newest first. Raises Invalid for a cursor that is not one of ours."""
        dimension, found, after, scanned = wanted.dimension(), list[Ticket](), _position(cursor), 0
        while scanned < SCANNED:
            batch = await self._members(dimension, after, min(200, max(limit, 50)))
            for member, stored in zip(batch, await self._stored(batch), strict=True):
                scanned, after = scanned + 1, member.split("|")[-2]
                if stored is not None and wanted.admits(stored.record, stored.work.search_text):
                    found.append(stored.record)
                    if len(found) == limit:
                        return TicketPage(items=found, next=after)
            if len(batch) < min(200, max(limit, 50)):
                return TicketPage(items=found, next=None)
        return TicketPage(items=found, next=after)

    async def _members(self, dimension: str, after: str | None, limit: int) -> list[str]:
        upper = f"({dimension}|{after}" if after is not None else f"({dimension}}}"
        found = await self._engine.call(
            "ZRANGE", self._keys.index, upper, f"[{dimension}|", "BYLEX", "REV", "LIMIT", 0, limit
        )
        return [member.decode() for member in found]

    async def _stored(self, members: Sequence[str]) -> list[StoredTicket | None]:
        ids = (member.split("|")[-1] for member in members)
        found: list[Any] = await asyncio.gather(*(self._engine.call("HGETALL", self._keys.ticket(id_)) for id_ in ids))
        return [StoredTicket.from_flat(flat) if flat else None for flat in found]


def _position(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) != 12:
        raise Invalid("a cursor is what `next` of the page before says", field="cursor")
    return cursor
