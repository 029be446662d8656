"""Finding tickets by words: every ticket of a list is looked into, in the engine, a few hundred in one step.

A word counts when any article of the ticket, or of one merged into it, has it (search_words.py), or when the ticket
says it itself: number, reference, subject, tags, fields. All words must be there, not all in the same place. No index
is kept: what is read is what articles keep of their words, so a page looks at a bounded part of them and says where
the next begins.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from ..normalizer.envelope import Record
from ..normalizer.field_values import text_of
from ..queue.blobs import Blobs
from ..queue.connection import Engine
from ..queue.scripts import Script
from .excerpts import Part, excerpt
from .records import Article, Ticket
from .search_words import article_lines, holds
from .stored_ticket import StoredArticle, StoredTicket
from .stored_words import StoredWords
from .ticket_keys import TicketKeys

AT_ONCE = 500  # tickets of one step
BYTES_AT_ONCE = 1_000_000  # of one step: a few milliseconds of the engine
MOST_STEPS = 200  # of one page

_SEARCH = Script.beside(__file__, "search_tickets.lua")


class Found(Record):
    """Where the words of a search were found in a ticket."""

    article: str | None = Field(
        default=None, description="The article with the most of the words; null: the ticket's own."
    )
    ticket: str = Field(description="The ticket that it is in, which can be one that was merged.")
    number: str = Field(description="Its number.")
    parts: tuple[Part, ...] = Field(
        default=(), description="Its line with the words, in parts; `marked` ones are words."
    )


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A ticket that has the words in its articles, but for those with no article, which it must have itself."""

    place: int
    articles: Sequence[str]

    def left(self, words: Sequence[str]) -> list[str]:
        """The words that no article has."""
        return [word for word, article in zip(words, self.articles, strict=True) if not article]

    @property
    def best(self) -> str:
        """The article that has the most of the words; empty when none has any."""
        named = [article for article in self.articles if article]
        return max(named, key=named.count, default="")


class TicketSearch:
    """Looks into the tickets of a workspace."""

    def __init__(self, engine: Engine, blobs: Blobs) -> None:
        self._engine = engine
        self._words = StoredWords(engine, blobs)
        self._keys = TicketKeys(engine)
        self._turn = asyncio.Semaphore()

    async def step(self, tickets: Sequence[str], words: Sequence[str]) -> tuple[int, list[Hit]]:
        """How many of these tickets were looked into, in their order, and which of them may have the words.

        One step at a time in a process: the engine has others to serve.
        """
        if not tickets:
            return 0, []
        heads = {"ticket_head": self._keys.ticket(""), "article_head": self._keys.article("")}
        async with self._turn:
            looked, *flat = await self._engine.run(
                _SEARCH,
                {"tickets": [self._keys.ticket(each) for each in tickets]},
                {"most": BYTES_AT_ONCE, "words": list(words), **heads},
            )
        return looked, [Hit(place=place - 1, articles=[each.decode() for each in found]) for place, *found in flat]

    async def found(self, hit: Hit, ticket: Ticket, words: Sequence[str]) -> Found | None:
        """Where a ticket has the words; None when it has not all of them."""
        kin = {each.id: each for each in await self._kin(ticket)}
        own = [line for each in kin.values() for line in _own_lines(each)]
        left = hit.left(words)
        if len(holds("\n".join(own), left)) < len(left):
            return None
        article = await self._article(hit.best) if hit.best else None
        if article is None:
            return Found(ticket=ticket.id, number=ticket.number, parts=excerpt(own, words))
        within, lines = kin.get(article.ticket, ticket), article_lines(article.model_dump(mode="json"))
        parts = await asyncio.to_thread(excerpt, lines, words)
        return Found(article=article.id, ticket=within.id, number=within.number, parts=parts)

    async def _kin(self, ticket: Ticket) -> list[Ticket]:
        """The ticket and those that are merged into it."""
        merged = await asyncio.gather(*(self._engine.call("HGETALL", self._keys.ticket(id_)) for id_ in ticket.merged))
        return [ticket, *(StoredTicket.from_flat(flat).record for flat in merged if flat)]

    async def _article(self, id_: str) -> Article | None:
        """A whole article; None when it is gone."""
        flat = await self._engine.call("HGETALL", self._keys.article(id_))
        return await self._words.whole(StoredArticle.from_flat(flat)) if flat else None


def _own_lines(ticket: Ticket) -> list[str]:
    values = map(text_of, ticket.fields.values())
    return [ticket.subject, " ".join(ticket.tags), *values, ticket.number, ticket.reference]
