"""Everything that is kept of a person, as one JSON document, written part by part.

The document is a `PersonExport`, whose schema is published. It holds all records of the person with identities and
ledger; their tickets with routing decisions and every article as it is read; and of tickets of other customers the
articles that they wrote or got, and the marks that they put below others. Files are named by hash, with the address
under which the API hands them out. However much it is, no more than one article is in memory; what is filed meanwhile
may be in it or not.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from pydantic import Field

from ..normalizer.envelope import Record
from ..queue.clock import Clock
from ..queue.connection import Engine
from .belongings import Belongings, is_theirs
from .decision_record import Decision
from .reader import Reader
from .records import Article, Customer, Ticket, json_bytes

FORMAT = "trunkline-person-1"


@dataclass(frozen=True)
class _Person:
    """Whose the export is."""

    records: Collection[str]
    identities: Collection[str]
    values: Collection[str]  # the identities without their kind

    def has(self, article: Article) -> bool:
        return is_theirs(article.model_dump(mode="json"), self.records, self.values)


class ExportedReaction(Record):
    """A mark of theirs below a message of somebody else."""

    article: str = Field(description="The id of the message.")
    emoji: str
    at: int = Field(description="Milliseconds.")


class ExportedTicket(Record):
    """A ticket of theirs, or of another one the articles that are theirs."""

    ticket: Ticket | None = Field(description="None where it is another customer's.")
    number: str
    decisions: tuple[Decision, ...] = Field(description="To whom it was offered, and what was seen.")
    articles: tuple[Article, ...]
    reactions: tuple[ExportedReaction, ...] = Field(
        default=(), description="The marks that they put below messages which are not theirs, where the ticket is not."
    )


class PersonExport(Record):
    """The document."""

    format: str = Field(description=FORMAT)
    exported_at: int = Field(description="Milliseconds.")
    originals: str = Field(description="Where a message is as it came, by the id of its article.")
    files: str = Field(description="Where a file is, by its sha256.")
    person: Customer = Field(description="All records as one.")
    records: tuple[Customer, ...] = Field(description="Each record by itself, the oldest first.")
    tickets: tuple[ExportedTicket, ...]


class PersonExports:
    """Exports of a workspace."""

    def __init__(self, engine: Engine, clock: Clock, reader: Reader) -> None:
        self._clock = clock
        self._reader = reader
        self._belongings = Belongings(engine)

    async def export(self, customer: str) -> AsyncIterator[bytes]:
        """The document in parts. Raises NotFound before the first one."""
        records = await self._reader.records(customer)
        head = {
            "format": FORMAT,
            "exported_at": self._clock.now(),
            "originals": "/v1/articles/{id}/original",
            "files": "/v1/attachments/{sha256}",
            "person": await self._reader.customer(customer),
            "records": records,
        }
        yield json_bytes(head)[:-1] + b',"tickets":['
        own = [id_ async for id_ in self._belongings.tickets(each.id for each in records)]
        identities = {known.key: known.value for each in records for known in each.identities}
        shared = await self._belongings.shared(identities.keys(), set(own))
        person = _Person({each.id for each in records}, identities.keys(), set(identities.values()))
        for number, ticket in enumerate((*own, *shared)):
            yield b"," if number else b""
            async for part in self._ticket(ticket, None if number < len(own) else person):
                yield part
        yield b"]}"

    async def _ticket(self, ticket: str, of: _Person | None) -> AsyncIterator[bytes]:
        """All of a ticket, or only what is somebody's."""
        record, whole = (await self._reader.ticket(ticket)).record, of is None
        decisions = await self._reader.decisions(ticket) if whole else []
        head = {"ticket": record if whole else None, "number": record.number, "decisions": decisions}
        yield json_bytes(head)[:-1] + b',"articles":['
        joint, reactions = b"", list[ExportedReaction]()
        async for stored in self._belongings.articles(ticket):
            if of is None or of.has(stored.record):
                yield joint + json_bytes(await self._reader.whole(stored))
                joint = b","
            else:
                reactions += _reactions(stored.record, of.identities)
        yield b'],"reactions":' + json_bytes(reactions) + b"}"


def _reactions(article: Article, identities: Collection[str]) -> list[ExportedReaction]:
    return [
        ExportedReaction(article=article.id, emoji=each.emoji, at=each.at)
        for each in article.reactions
        if each.identity in identities
    ]
