"""Messages of a person that others passed on: what is theirs of them, and what else says something of them.

A mail with which a colleague passes their message on is their message, and the ticket that it opened is their ticket.
What other customers pass on stays, and only what we keep beside it of the person goes. What was found is noted beside
the plan before anything is removed, so that whoever goes on after a kill knows it too.
"""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from ...normalizer.envelope import Original
from ...queue.connection import Engine
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ..passed_on import PassedOn, index_members, is_passed_on, without_people
from ..records import json_bytes
from ..stored_ticket import StoredArticle
from ..ticket_keys import TicketKeys
from .erasure_record import ErasureKeys, ErasurePlan

Colleagues = Callable[[], Collection[str]]
"""The addresses of the agents."""

_REDACT = Script.beside(__file__, "redact_originals.lua")


@dataclass(frozen=True)
class Theirs:
    """What is theirs, though the record of somebody else has it."""

    ids: Collection[str]  # of tickets and articles, those that are erased already too
    tickets: Collection[str]  # that are theirs, and are not erased yet
    articles: Collection[StoredArticle]  # that go

    def has(self, stored: StoredArticle) -> bool:
        """Whether this one is among them."""
        return stored.record.id in self.ids


class PassedOnMessages:
    """Finds them for an erasure; everything here may be done again."""

    def __init__(self, engine: Engine, colleagues: Colleagues) -> None:
        self._engine = engine
        self._colleagues = colleagues
        self._keys = TicketKeys(engine)
        self._erasures = ErasureKeys(engine)
        self._index = PassedOn(engine)

    async def find(self, erasure: str, plan: ErasurePlan, near: Iterable[str]) -> Theirs:
        """Those that are theirs; `near` are the tickets in which they are named."""
        articles = await self._theirs(plan)
        tickets = [ticket for ticket in near if await self._is_writer(ticket, plan)]
        key, ids = self._erasures.passed_on(erasure), [*tickets, *(each.record.id for each in articles)]
        if ids:
            await self._engine.call("SADD", key, *ids)
        noted = await self._engine.call("SMEMBERS", key)
        return Theirs({id_.decode() for id_ in noted}, tickets, articles)

    async def redact(self, plan: ErasurePlan) -> None:
        """Take from the articles that stay what they say of the person beside their text."""
        for article in await self._named(plan):
            before = await self._engine.call("HGET", self._keys.article(article), "originals") or b""
            told = [Original.model_validate(each) for each in json.loads(before or b"[]")]
            left = without_people(told, plan.values)
            remains = [each.model_dump(mode="json", exclude_defaults=True) for each in left]
            members = {*index_members(article, told), *(f"{value}|{article}" for value in plan.values)}
            keys: ScriptKeys = {"article": self._keys.article(article), "passed_on": self._keys.passed_on}
            args: ScriptArguments = {
                "before": before,
                "now": json_bytes(remains) if remains else "",
                "members": sorted(members.difference(index_members(article, left))),
            }
            await self._engine.run(_REDACT, keys, args)

    async def _named(self, plan: ErasurePlan) -> list[str]:
        """The articles that pass on something by them or to them."""
        found = [id_ for value in plan.values async for id_ in self._index.articles(value)]
        return list(dict.fromkeys(found))

    async def _theirs(self, plan: ErasurePlan) -> list[StoredArticle]:
        colleagues, found = self._colleagues(), list[StoredArticle]()
        for id_ in await self._named(plan):
            flat = await self._engine.call("HGETALL", self._keys.article(id_))
            stored = StoredArticle.from_flat(flat) if flat else None
            if stored and (is_passed_on(stored, plan.values, colleagues) or await self._opened(stored, plan)):
                found.append(stored)
        return found

    async def _opened(self, stored: StoredArticle, plan: ErasurePlan) -> bool:
        """Whether the ticket was opened with it and named them as the writer: the colleague may be none any more."""
        article, writers = stored.record, {each.address for each in stored.record.originals}
        if article.joined_by or writers.isdisjoint(plan.values):
            return False
        return await self._is_writer(article.ticket, plan)

    async def _is_writer(self, ticket: str, plan: ErasurePlan) -> bool:
        piece = await self._engine.call("HGET", self._keys.ticket(ticket), "original_writer")
        writer = json.loads(piece or b"null")
        return writer is not None and writer["address"] in plan.values
