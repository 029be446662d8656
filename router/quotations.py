"""What a reply may quote: messages of its ticket that everybody who gets it has seen.

Somebody has seen what they wrote, what we wrote to them, and what they got a copy of. Of copies the author is believed
who gets the reply, too: whoever comes by a reply address that was passed on could else name the customer in Cc, and
have us carry their words to them. Nothing else is quoted: no note, no message of somebody else, whatever was merged;
nothing that we sent by ourselves, and nothing whose author is not proven, because it would carry a stranger's words to
the address that they named. Of a long message its beginning is quoted, as the engine holds it.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence

from ..normalizer.joining import PROVEN
from ..normalizer.quotations import Quoted
from ..queue.connection import Engine
from .private_fields import QuotedArticle
from .records import Article
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

LOOKED_AT = 40  # of the newest articles
MOST = 10


def quotable(newest_first: Sequence[Article], recipients: Collection[str], channel: str) -> tuple[QuotedArticle, ...]:
    """What of these articles a reply to these addresses on this channel quotes, the newest first."""
    said = [each for each in newest_first if each.channel == channel and _is_said(each)]
    seen = [each for each in said if set(recipients) <= set(_readers(each, recipients))]
    before = next((at for at, each in enumerate(seen) if each.kind == "reply"), len(seen))
    answered = before or next((at + 1 for at, each in enumerate(seen) if each.kind == "message"), 0)
    return tuple(
        QuotedArticle(article=each.id, answered=at < answered and each.kind == "message")
        for at, each in enumerate(seen[:MOST])
    )


async def newest_articles(engine: Engine, ticket: str) -> list[Article]:
    """The newest articles of a ticket by itself, the newest first, with the beginnings of their texts."""
    keys = TicketKeys(engine)
    members = await engine.call("ZREVRANGE", keys.articles(ticket), 0, LOOKED_AT - 1)
    return await _articles(engine, [member[-36:].decode() for member in members])


async def read_quoted(engine: Engine, quotations: Sequence[QuotedArticle], account: str) -> tuple[Quoted, ...]:
    """The messages as they are quoted; what we wrote is from the address `account`."""
    answered = {each.article: each.answered for each in quotations}
    return tuple(
        Quoted(
            author=each.author.name,
            address=account if each.kind == "reply" else each.author.identity.partition(":")[2],
            at=each.created_at,
            text=f"{each.text} …" if each.truncated else each.text,
            answered=answered[each.id],
        )
        for each in await _articles(engine, list(answered))
    )


async def _articles(engine: Engine, ids: Sequence[str]) -> list[Article]:
    keys = TicketKeys(engine)
    found = await asyncio.gather(*(engine.call("HGETALL", keys.article(id_)) for id_ in ids))
    return [StoredArticle.from_flat(flat).record for flat in found if flat]


def _is_said(article: Article) -> bool:
    if not article.text or article.repeats:
        return False
    if article.kind == "message":
        return article.author.assurance >= PROVEN
    return article.kind == "reply" and article.author.kind == "agent"


def _readers(article: Article, recipients: Collection[str]) -> Iterator[str]:
    first = article.to or article.author.identity.removeprefix("email:")
    yield first
    if article.kind == "reply" or first in recipients:
        yield from (each.address for each in article.copied)
