"""Collisions: whether somebody else has answered a ticket, or is about to, which an agent answers now.

Asked is only whoever says what they have seen. They are refused, with who did what and when,

    answered   when another agent answered behind the article they saw; without one, within the last two minutes, unless
               the ticket is theirs
    sending    when a reply of another agent has not left yet, for it can still be taken back
    took       when another agent got the ticket since they looked (by the article alone: within the last two minutes)
    wrote      when the customer wrote behind that article, if they want to be asked for that too

unless they insist; that is told in the history. A judgement holds for the revision of the case at which it was made:
the script that adds the answer compares, so of two who answer in the same moment one is asked.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Literal
from uuid import UUID, uuid5

from ..config.errors import Conflict, Invalid, PreconditionFailed
from ..normalizer.envelope import Record
from ..queue.clock import Clock
from ..queue.connection import Engine
from .case_articles import case_article_ids
from .held_list import HeldReply, held_of
from .policy import CurrentPolicy
from .records import Article
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys
from .ticket_requests import Known, Seen, Writing

MOMENTS_MS = 120_000
LOOKED_AT = 50  # of the newest articles
EXCERPT = 300


class OvertakenError(Conflict):
    """So much happens in the ticket that the answer could not be added; send it again."""


class Between(Record):
    """One thing that came between."""

    kind: Literal["answered", "sending", "took", "wrote"]
    by: str
    at: int
    text: str = ""


class Collisions:
    """Judges answers."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)

    async def judge(self, ticket: str, writing: Writing) -> Writing:
        """The writing with what is known, and what it is written in spite of.

        Raises Conflict with `between`, PreconditionFailed, and Invalid for an article that is not of the ticket.
        """
        if writing.seen is None:
            return writing
        stored = await load_ticket(self._engine, ticket)
        if writing.seen.revision not in (None, stored.record.revision):
            now = stored.record.revision
            raise PreconditionFailed(
                f"the ticket is at revision {now}, not {writing.seen.revision}; read it again", revision=now
            )
        into = stored.record.merged_into
        case = await load_ticket(self._engine, into) if into else stored
        lists = await asyncio.gather(*(held_of(self._engine, id_) for id_ in (case.record.id, *case.record.merged)))
        held = list(chain(*lists))
        between = await self._between(case, writing, writing.seen, held)
        known = Known(case=case.record.id, revision=case.record.revision, held=_known(held, ticket, case.record.id))
        if between and not writing.force:
            raise Conflict(self._words(between, case), between=tuple(between))
        return replace(writing, known=known, over=self._words(between, case) if between else "")

    async def _between(
        self, case: StoredTicket, writing: Writing, seen: Seen, held: Sequence[HeldReply]
    ) -> Sequence[Between]:
        articles = await self._behind(case, seen)
        found = [*self._answered(articles, case, writing.agent, seen)]
        found += self._taken(case, writing.agent, await self._looked_at(seen))
        sending = (each for each in held if each.agent != writing.agent and each.id not in seen.held)
        found += [self._by(each.agent, "sending", each.held_at, each.text) for each in sending]
        if seen.asks_for_messages and seen.article:
            heard = (each for each in articles if each.kind == "message" and each.author.kind == "customer")
            found += [
                _between("wrote", each.author.name or "the customer", each.created_at, each.text) for each in heard
            ]
        return sorted(found, key=lambda each: each.at)

    async def _behind(self, case: StoredTicket, seen: Seen) -> Sequence[Article]:
        """The articles behind the one that was seen, or the newest. Raises Invalid."""
        ids = (await case_article_ids(self._engine, case.record))[-LOOKED_AT:]
        if seen.article in ids:
            ids = ids[ids.index(seen.article) + 1 :]
        elif seen.article is not None:
            article = next(iter(await self._articles([seen.article])), None)
            if article is None or article.ticket not in (case.record.id, *case.record.merged):
                raise Invalid("this article is not one of the ticket", field="last_seen")
        return await self._articles(ids)

    async def _articles(self, ids: Sequence[str]) -> list[Article]:
        flats = await asyncio.gather(*(self._engine.call("HGETALL", self._keys.article(id_)) for id_ in ids))
        return [StoredArticle.from_flat(flat).record for flat in flats if flat]

    def _answered(self, articles: Sequence[Article], case: StoredTicket, agent: str, seen: Seen) -> Iterator[Between]:
        since = 0 if seen.article else self._clock.now() - MOMENTS_MS
        if not seen.article and case.record.assignee == agent:
            return
        became = {str(uuid5(UUID(each.ticket), id_)) for each in articles for id_ in seen.held}
        for each in articles:
            theirs = each.kind == "reply" and each.author.kind == "agent" and not each.repeats
            if theirs and each.author.id != agent and each.created_at > since and each.id not in became:
                yield self._by(each.author.id, "answered", each.created_at, each.text)

    def _taken(self, case: StoredTicket, agent: str, since: int | None) -> Iterator[Between]:
        holder = case.record.assignee
        if since is None or holder in (None, agent):
            return
        took = [
            int(event["at"])
            for event in case.work.history
            if event["kind"] == "ticket.assigned" and event.get("agent") == holder
        ]
        if took and took[-1] > since:
            yield self._by(str(holder), "took", took[-1])

    async def _looked_at(self, seen: Seen) -> int | None:
        """When they looked at the ticket; by the article alone, not longer ago than moments."""
        if seen.at is not None or seen.article is None:
            return seen.at
        article = next(iter(await self._articles([seen.article])), None)
        return max(self._clock.now() - MOMENTS_MS, article.created_at if article else 0)

    def _by(self, agent: str, kind: Literal["answered", "sending", "took"], at: int, text: str = "") -> Between:
        return _between(kind, self._policy().settings.agent_names.get(agent, agent), at, text)

    def _words(self, between: Sequence[Between], case: StoredTicket) -> str:
        """What weighs most, in words: `Ada holds it and answered 20 s ago`."""
        holder = case.record.assignee
        name = self._policy().settings.agent_names.get(holder, holder) if holder else ""
        last = max(between, key=lambda each: (_WEIGHTS[each.kind], each.at))
        ago = _ago(self._clock.now() - last.at)
        holds = "holds it and " if last.by == name else ""
        return {
            "answered": f"{last.by} {holds}answered {ago} ago",
            "sending": f"{last.by} {holds}is sending an answer, written {ago} ago",
            "took": f"{last.by} took it {ago} ago",
            "wrote": f"{last.by} wrote again {ago} ago",
        }[last.kind]


_WEIGHTS = {"wrote": 0, "took": 1, "sending": 2, "answered": 3}


def _between(kind: Literal["answered", "sending", "took", "wrote"], by: str, at: int, text: str = "") -> Between:
    return Between(kind=kind, by=by, at=at, text=" ".join(text.split())[:EXCERPT])


def _known(held: Sequence[HeldReply], ticket: str, case: str) -> Sequence[str]:
    """The held replies of the ticket and of its case, as the scripts list them."""
    tickets = (ticket,) if ticket == case else (ticket, case)
    return [each.id for id_ in tickets for each in held if each.ticket == id_]


def _ago(milliseconds: int) -> str:
    seconds = max(0, milliseconds) // 1000
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"
