"""Answers that did not arrive, as lists show them: what was written to whom, why it went astray, and where else to.

The other addresses are those of the person's record, the proven ones first; whoever decides may write another.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ...config.errors import NotFound
from ...router.policy import CurrentPolicy
from ...router.reader import Reader
from ...router.records import Article, Customer, Ticket
from ...router.stored_ticket import StoredTicket
from .person_names import person_name
from .timeline import receipt

SHOWN = 10  # articles of one ticket
EXCERPT = 120


@dataclass(frozen=True, kw_only=True)
class Astray:
    """One article."""

    article: str
    number: str
    who: str
    queue: str
    agent: str  # the name of whoever has the ticket
    channel: str
    to: str
    text: str
    why: str
    at: int
    elsewhere: Sequence[str]


class AstrayAnswers:
    """Reads them."""

    def __init__(self, reader: Reader, policy: CurrentPolicy) -> None:
        self._reader = reader
        self._policy = policy

    async def of(self, tickets: Sequence[Ticket]) -> list[Astray]:
        """Those of these tickets, in their order; of one the oldest first."""
        stored = await self._reader.stored(each.id for each in tickets)
        lists = await asyncio.gather(*(self._of_one(each) for each in stored if each is not None))
        return [each for part in lists for each in part]

    async def elsewhere(self, ticket: Ticket, to: str = "") -> Sequence[str]:
        """The mail addresses at which the customer of the ticket may be reached besides this one."""
        if ticket.customer is None:
            return ()
        try:
            return other_addresses(await self._reader.customer(ticket.customer), to)
        except NotFound:
            return ()

    async def _of_one(self, stored: StoredTicket) -> list[Astray]:
        missing = sorted(stored.work.missing_answers.items(), key=lambda each: each[1])[:SHOWN]
        articles = await asyncio.gather(*(self._reader.stored_article(id_) for id_, _ in missing))
        known = [each.record for each in articles if each is not None]
        others = await self.elsewhere(stored.record) if known else ()
        return [self._shown(stored, each, [other for other in others if other != each.to]) for each in known]

    def _shown(self, stored: StoredTicket, article: Article, elsewhere: Sequence[str]) -> Astray:
        ticket, preview, policy = stored.record, stored.work.said_last, self._policy()
        told = receipt(article.delivery) if article.delivery else None
        names = policy.settings.agent_names
        return Astray(
            article=article.id,
            number=ticket.number,
            who=person_name(preview.by, preview.key, policy.channels),
            queue=ticket.queue,
            agent=names.get(ticket.assignee, ticket.assignee) if ticket.assignee else "",
            channel=article.channel,
            to=article.to,
            text=" ".join(article.text.split())[:EXCERPT],
            why=": ".join(filter(None, (told.words, told.detail))) if told else "",
            at=told.at if told else article.created_at,
            elsewhere=elsewhere,
        )


def other_addresses(customer: Customer, to: str = "") -> list[str]:
    """The mail addresses of a customer but this one, the best proven first."""
    mails = [each for each in customer.identities if each.kind == "email" and each.value != to]
    return list(dict.fromkeys(each.value for each in sorted(mails, key=lambda each: -each.assurance)))
