"""What an answer that became known late leaves unanswered: the messages that came after it was written.

Both are compared by the channel's clocks where it tells when something was written, so that neither a pause of the
filing nor a late post of the vendor lets an answer stand for a question that it could not know.
"""

from dataclasses import dataclass

from ..queue.connection import Engine
from .quotations import newest_articles
from .records import Article, Ticket


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """`answers`: whether there is a message before the answer; `since`: when the first after it came, in ms."""

    answers: bool
    since: int | None


async def unanswered_after(engine: Engine, ticket: Ticket, told: int) -> Unanswered:
    """What an answer of this moment, in ms, leaves unanswered in the ticket and in what is merged into it."""
    tickets = [ticket.id, *ticket.merged]
    said = [each for id_ in tickets for each in await newest_articles(engine, id_) if each.kind == "message"]
    after = [each.created_at for each in said if _told(each) > told]
    return Unanswered(answers=not said or len(after) < len(said), since=min(after, default=None))


def _told(article: Article) -> int:
    return min(article.sent_at or article.created_at, article.created_at)
