"""A ticket and an article as stored: the record, and beside it what only the router keeps."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ..config.errors import NotFound
from ..queue.connection import Engine
from .facts import Facts
from .private_fields import ArticleWork, TicketWork
from .records import Article, Ticket, Version
from .ticket_keys import TicketKeys

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@dataclass(frozen=True)
class StoredTicket:
    """A ticket."""

    record: Ticket
    work: TicketWork

    @classmethod
    def from_flat(cls, flat: Sequence[bytes]) -> Self:
        """The ticket of a hash as the engine gave it: names and pieces in turn."""
        stored = dict(zip(flat[::2], flat[1::2], strict=True))
        return cls(Ticket.from_hash(stored), TicketWork.from_hash(stored))

    def facts_with(self, opening: Article | None) -> Facts | None:
        """What the rules saw: kept, but for the words, which stand in the message that opened it.

        None where that is not kept any more, and for a ticket that no rules have placed.
        """
        if opening is None or self.record.erased_at is not None or not self.work.facts:
            return None
        return Facts(**self.work.facts, subject=opening.subject, text=opening.text)


@dataclass(frozen=True)
class StoredArticle:
    """An article."""

    record: Article
    work: ArticleWork

    @classmethod
    def from_flat(cls, flat: Sequence[bytes]) -> Self:
        """The article of a hash as the engine gave it."""
        stored = dict(zip(flat[::2], flat[1::2], strict=True))
        return cls(Article.from_hash(stored), ArticleWork.from_hash(stored))

    def whole(self, texts: bytes) -> Article:
        """The record with its whole texts, as the blob `work.body` holds them."""
        read = json.loads(texts)
        versions = tuple(map(Version.model_validate, read.get("versions", ())))
        return self.record.model_copy(update=read | {"versions": versions, "truncated": False})


def message_id(external_id: str) -> str:
    """The Message-ID of a mail, which its external id begins with; empty for what has none."""
    return external_id.rpartition("#")[0]


async def load_ticket(engine: Engine, ticket: str) -> StoredTicket:
    """Read a ticket by id or number. Raises NotFound."""
    keys = TicketKeys(engine)
    if ticket[:2].upper() == "T-":
        found = await engine.call("HGET", keys.threads, f"number:{ticket.upper()}")
        if found is None:
            raise NotFound(f"there is no ticket {ticket}")
        ticket = found.decode()
    if not _ID.match(ticket):
        raise NotFound(f"there is no ticket {ticket}")
    flat = await engine.call("HGETALL", keys.ticket(ticket))
    if not flat:
        raise NotFound(f"there is no ticket {ticket}")
    return StoredTicket.from_flat(flat)
