"""Of whom the messages tell that an article passes on, and the index by which an erasure finds such articles.

The index is a sorted set of `<address>|<article>` with the addresses of those who wrote a message that is passed on, or
to whom it was written. It is written with the article and goes with what the article says of them. Whom such a message
names without an address stands in no index.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence

from ..normalizer.envelope import Original
from ..normalizer.joining import PROVEN
from ..normalizer.originals import addressees, without_addressees
from ..queue.connection import Engine
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

PAGE = 500


def index_members(article: str, originals: Iterable[Original]) -> list[str]:
    """What an article with these is found by."""
    return [f"{address}|{article}" for address in dict.fromkeys(_addresses(originals))]


def without_people(originals: Iterable[Original], gone: Collection[str]) -> list[Original]:
    """What is left of messages passed on without those whose addresses these are.

    What they wrote goes; of what others wrote, they as recipients, and the beginning of a text in which they stand.
    """
    return [_without(each, gone) for each in originals if each.address not in gone]


def is_passed_on(stored: StoredArticle, writers: Collection[str], colleagues: Collection[str]) -> bool:
    """Whether it is the message of one of these writers, because a colleague passes that on with it.

    It is when they come first of those outside in its text, or when one of its files is a message of theirs; what is
    quoted within the message of somebody else is that other's. A colleague whose origin is still looked at is believed.
    """
    author, outside = stored.record.author, set(writers).difference(colleagues)
    believed = author.assurance >= PROVEN or stored.work.origin_pending
    if not believed or author.identity.removeprefix("email:") not in colleagues:
        return False
    told = [each for each in stored.record.originals if not each.ours and each.address not in {"", *colleagues}]
    first = [each for each in told if not each.attached][:1]
    return any(each.address in outside for each in (*first, *(each for each in told if each.attached)))


class PassedOn:
    """The index of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.key = TicketKeys(engine).passed_on

    async def articles(self, address: str) -> AsyncIterator[str]:
        """The ids of the articles that pass on something of this address."""
        async for member in self._members(f"[{address}|", f"({address}}}"):
            yield member.rpartition("|")[2]

    async def addresses(self) -> set[str]:
        """All that are named."""
        return {member.rpartition("|")[0] async for member in self._members("-", "+")}

    async def add(self, members: Sequence[str]) -> int:
        """Enter those of an article that was written before there was an index; how many were not there."""
        words = [word for member in members for word in (0, member)]
        return int(await self._engine.call("ZADD", self.key, *words)) if words else 0

    async def _members(self, begin: str, end: str) -> AsyncIterator[str]:
        while begin:
            found = await self._engine.call("ZRANGE", self.key, begin, end, "BYLEX", "LIMIT", 0, PAGE)
            for member in found:
                yield member.decode()
            begin = f"({found[-1].decode()}" if len(found) == PAGE else ""


def _addresses(originals: Iterable[Original]) -> Iterator[str]:
    for each in originals:
        yield from filter(None, (each.address, *addressees(each.to)))


def _without(original: Original, gone: Collection[str]) -> Original:
    text = original.text.lower()
    return original.model_copy(
        update={
            "to": without_addressees(original.to, gone),
            "text": "" if any(address in text for address in gone) else original.text,
        }
    )
