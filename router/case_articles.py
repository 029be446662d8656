"""The articles of a case: those of all its tickets as one list, by the time at which they came into it.

Each ticket lists its own in the provider's order, and that order stays.
"""

import asyncio
import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from uuid import UUID

from ..queue.connection import Engine
from ..queue.identifiers import time_of
from .records import Ticket
from .ticket_keys import TicketKeys


async def case_article_ids(engine: Engine, ticket: Ticket) -> list[str]:
    """The ids of the articles of a ticket and of all that are merged into it."""
    keys, tickets = TicketKeys(engine), (ticket.id, *ticket.merged)
    lists = await asyncio.gather(*(engine.call("ZRANGE", keys.articles(id_), 0, -1) for id_ in tickets))
    ids = [[member[-36:].decode() for member in members] for members in lists]
    if len(ids) == 1:
        return ids[0]
    timed = [await asyncio.gather(*(_came(engine, keys, id_) for id_ in each)) for each in ids]
    return list(interleaved(zip(timed, ids, strict=True)))


def interleaved(lists: Iterable[tuple[Sequence[int], Sequence[str]]]) -> Iterator[str]:
    """One list of several, each with its times; what stands behind a later one in its own list stays behind it."""
    rising = (zip(accumulate(times, max), ids, strict=True) for times, ids in lists)
    return (id_ for _, id_ in heapq.merge(*rising, key=lambda each: each[0]))


async def _came(engine: Engine, keys: TicketKeys, article: str) -> int:
    """When it came; most ids tell it, those that are made from the key of a request do not."""
    if UUID(article).version == 7:
        return time_of(article)
    return int(json.loads(await engine.call("HGET", keys.article(article), "created_at") or b"0"))
