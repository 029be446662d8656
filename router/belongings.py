"""What belongs to a person: their tickets, those in which they took part, and the articles of either. Reads only.

Tickets in which somebody only took part stand in no index, so all tickets are gone through for them; who asks for that
waits for about a second with a hundred thousand tickets.
"""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import Any

from ..queue.connection import Engine
from .stored_ticket import StoredArticle
from .ticket_index import TicketIndex
from .ticket_keys import TicketKeys

PAGE = 500


class Belongings:
    """Finds what is whose in a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._index = TicketIndex(engine)

    async def tickets(self, records: Iterable[str]) -> AsyncIterator[str]:
        """The ids of the tickets of these records, the newest of each first."""
        for record in records:
            async for ticket in self._all(f"customer:{record}"):
                yield ticket

    async def shared(self, identities: Collection[str], own: Collection[str]) -> list[str]:
        """The tickets of others in which one of these identities took part, gets copies, or wrote what is passed on."""
        found = list[str]()
        async for ticket in self._all("all"):
            if ticket not in own and not (await self._people(ticket)).isdisjoint(identities):
                found.append(ticket)
        return found

    async def participants(self) -> set[str]:
        """The identities of everybody who is named so by any ticket."""
        found = set[str]()
        async for ticket in self._all("all"):
            found |= await self._people(ticket)
        return found

    async def _people(self, ticket: str) -> set[str]:
        pieces = await self._engine.call(
            "HMGET", self._keys.ticket(ticket), "_participants", "_copied", "original_writer"
        )
        participants, copied, writer = (json.loads(piece or b"null") for piece in pieces)
        named = [*(copied or ()), *([writer] if writer else ())]
        return {*(participants or ()), *(f"email:{each['address']}" for each in named)}

    async def case(self, ticket: str) -> tuple[str, list[str]]:
        """The ticket that stands for this one, empty when none does, and those for which this one stands."""
        into, merged = await self._engine.call("HMGET", self._keys.ticket(ticket), "merged_into", "merged")
        return json.loads(into or b"null") or "", json.loads(merged or b"[]")

    async def articles(self, ticket: str) -> AsyncIterator[StoredArticle]:
        """The articles of a ticket in the order they are listed, with the beginnings of their texts."""
        for member in await self._engine.call("ZRANGE", self._keys.articles(ticket), 0, -1):
            flat = await self._engine.call("HGETALL", self._keys.article(member[-36:].decode()))
            if flat:
                yield StoredArticle.from_flat(flat)

    async def _all(self, dimension: str) -> AsyncIterator[str]:
        after: str | None = None
        while places := await self._index.newest(dimension, PAGE, after=after):
            for place in places:
                yield place.ticket
            after = places[-1].order


def is_theirs(article: Mapping[str, Any], records: Collection[str], values: Collection[str]) -> bool:
    """Whether they wrote it, or it was written to them."""
    author = article.get("author") or {}
    if author.get("kind") == "customer":
        return author.get("id") in records
    return article.get("to") in values
