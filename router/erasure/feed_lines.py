"""The lines of the feed that tell of a person, found by their records and identities and emptied of them."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ...queue.feed import Feed, FeedLine
from .erasure_record import ErasurePlan
from .redaction import Person, line_data

AT_ONCE = 200

Recopy = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Writes who is left of those to whom others wrote, by the article."""


class FeedLines:
    """The lines for one erasure."""

    def __init__(self, feed: Feed, plan: ErasurePlan) -> None:
        self._feed = feed
        self._plan = plan
        self._words = [word for value in (*plan.records, *plan.values) for word in _written(value)]
        self._after = 0
        self._passed_on = frozenset[str]()

    async def erase(self, merged: Sequence[str], passed_on: Collection[str], now: int, recopy: Recopy) -> None:
        """Empty what came since the last call.

        `merged` are those of their tickets for which another stands, `passed_on` the tickets and articles that are
        theirs because a colleague passed their message on; more of these than before change what came before, too.
        Articles that stay are rewritten before the lines that tell of them, so that whoever begins anew finds them.
        """
        if not self._passed_on.issuperset(passed_on):
            self._passed_on, self._after = self._passed_on.union(passed_on), 0
        person = Person(self._plan.records, self._plan.values, merged, passed_on)
        words = [*self._words, *(id_.encode() for id_ in (*merged, *passed_on))]
        end, changed, copied = await self._feed.last(), dict[int, dict[str, Any]](), dict[str, Any]()
        async for line in self._feed.search(self._after, words):
            data = line_data(line.kind, line.data, person, now)
            if data == line.data:
                continue
            changed[line.position] = data
            copied |= _recopied(line, data)
            if len(changed) == AT_ONCE:
                await recopy(copied)
                await self._feed.erase(changed)
                changed, copied = {}, {}
        await recopy(copied)
        await self._feed.erase(changed)
        self._after = end


def _recopied(line: FeedLine, data: dict[str, Any]) -> dict[str, Any]:
    """An article that stays, by its id, with those who are left among the people it was written to."""
    before, after = line.data.get("article") or {}, data.get("article") or {}
    if after.get("erased_at") or before.get("copied") == after.get("copied"):
        return {}
    return {str(before["id"]): after["copied"]}


def _written(value: str) -> Iterator[bytes]:
    """A value as it can stand in JSON, which Python, Lua and pydantic write differently."""
    for form in {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}:
        yield form.encode("utf-8", "replace")
        if "/" in form:
            yield form.replace("/", "\\/").encode("utf-8", "replace")
