"""The format of the records in the engine, and how those of an older Trunkline are brought to it.

    1    as it was before the key `format` was written
    2    private fields of tickets have the names of private_fields.py
    3    customers stand in the directory (customer_terms.py)
    4    and so do the proposals that are open
    5    articles that pass messages on are found by those of whom these tell (passed_on.py)
    6    articles have their words (search_words.py), and tickets no words of their beginning any more
    7    tickets have clocks (clocks.lua)
    8    solved tickets are found by when they were solved, and those of which an answer did not arrive by that
    9    tickets that wait have their places in the waiting room, and those in hand what they take (waiting_room.lua)
    10   tickets whose customer waits are found by the end of their channel's window for free answers

Every process converts before it does anything else with the records, in steps that may be repeated, and then writes the
format down; so it does no harm to be killed within, or to do it in several processes at once. Processes of an older
Trunkline must have ended before: they do not know the new names. A backup brings its format along.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import structlog

from ..config.errors import Misconfigured
from ..normalizer.envelope import Original
from ..queue.blobs import Blobs
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptKeys
from .customer_records import load_record
from .customer_terms import terms_of
from .passed_on import PassedOn, index_members
from .stored_words import StoredWords
from .ticket_keys import TicketKeys

log = structlog.get_logger()

FORMAT = 10
AT_ONCE = 200  # tickets in one step of the engine: about 2 ms
ARTICLES_AT_ONCE = 1_000
READ_AT_ONCE = 10  # whole articles

RENAMED = {
    "_aim": "_due",
    "_articles": "_article_count",
    "_awaits": "_customer_waits_since",
    "_charged": "_occupies",
    "_join": "_join_reason",
    "_previous": "_previous_agent",
    "_said": "_preview",
    "_since": "_arrived_at",
    "_target": "_target_ms",
    "_waiting": "_queue_position",
    "_wanted": "_unassigned_since",
}

_GONE = ("_search", "_search_text")  # words of the beginning of a ticket

_INDEX = Script.beside(__file__, "index_tickets.lua")
_PASSED_ON = Script.beside(__file__, "passed_on.lua")
_RENAME = Script.beside(__file__, "stored_format.lua")
_CLOCKS = Script.beside(__file__, "stored_clocks.lua")
_ROOM = Script.beside(__file__, "stored_room.lua")


async def convert_records(engine: Engine, blobs: Blobs) -> None:
    """Bring the records to the present format. Raises Misconfigured when they have a later one."""
    key = engine.keys("format")
    found = await engine.call("GET", key) or b"1"
    if not found.isdigit() or int(found) > FORMAT:
        raise Misconfigured(
            f"the records in the engine have format {found.decode(errors='replace')!r} and this Trunkline knows "
            f"formats up to {FORMAT}; run the newer Trunkline that wrote them"
        )
    if int(found) < FORMAT:
        renamed, listed = await _rename_fields(engine), await _list_customers(engine)
        indexed, worded = await _index_passed_on(engine), await _write_words(engine, StoredWords(engine, blobs))
        clocked, entered = await _begin_clocks(engine), await _index_tickets(engine)
        placed = await _enter_room(engine)
        if renamed or listed or indexed or worded or clocked or entered or placed:
            counts = {"fields": renamed, "listed": listed, "passed_on": indexed, "words": worded, "clocked": clocked}
            counts |= {"entered": entered, "placed": placed}
            log.warning("the records have the present format", action="converted", format=FORMAT, **counts)
        await engine.call("SET", key, FORMAT)


async def _pages(engine: Engine) -> AsyncIterator[list[str]]:
    """The ids of all tickets, so many at once."""
    keys, begin = TicketKeys(engine), "[all|"
    while begin:
        members = await engine.call("ZRANGE", keys.index, begin, "(all}", "BYLEX", "LIMIT", 0, AT_ONCE)
        yield [member.decode().rpartition("|")[2] for member in members]
        begin = f"({members[-1].decode()}" if len(members) == AT_ONCE else ""


async def _rename_fields(engine: Engine) -> int:
    keys, renamed = TicketKeys(engine), 0
    names = {"before": list(RENAMED), "now": list(RENAMED.values())}
    async for tickets in _pages(engine):
        renamed += await engine.run(_RENAME, {"tickets": [keys.ticket(each) for each in tickets]}, names)
    return renamed


async def _begin_clocks(engine: Engine) -> int:
    keys, begun = TicketKeys(engine), 0
    async for tickets in _pages(engine):
        names: ScriptKeys = {"desk": keys.desk, "tickets": [keys.ticket(each) for each in tickets]}
        begun += await engine.run(_CLOCKS, names, {})
    return begun


async def _enter_room(engine: Engine) -> int:
    keys, placed, now = TicketKeys(engine), 0, time.time_ns() // 1_000_000
    async for tickets in _pages(engine):
        names: ScriptKeys = {"desk": keys.desk, "tickets": [keys.ticket(each) for each in tickets]}
        placed += await engine.run(_ROOM, names, {"now": now})
    return placed


async def _article_pages(engine: Engine) -> AsyncIterator[list[str]]:
    """The ids of all articles, so many at once."""
    keys = TicketKeys(engine)
    async for tickets in _pages(engine):
        lists = await asyncio.gather(*(engine.call("ZRANGE", keys.articles(each), 0, -1) for each in tickets))
        ids = [member[-36:].decode() for members in lists for member in members]
        for begin in range(0, len(ids), ARTICLES_AT_ONCE):
            yield ids[begin : begin + ARTICLES_AT_ONCE]


async def _index_passed_on(engine: Engine) -> int:
    """Enter every article that passes something on; each is there once, however often it is done."""
    keys, index, entered = TicketKeys(engine), PassedOn(engine), 0
    async for ids in _article_pages(engine):
        pieces = await engine.run(_PASSED_ON, {"articles": [keys.article(id_) for id_ in ids]}, {})
        for id_, piece in zip(ids, pieces, strict=True):
            originals = [Original.model_validate(each) for each in json.loads(piece or b"[]")]
            entered += await index.add(index_members(id_, originals))
    return entered


async def _write_words(engine: Engine, words: StoredWords) -> int:
    """Give every article that lacks them its words; those that another process wrote meanwhile stay."""
    keys, written = TicketKeys(engine), 0
    async for ids in _article_pages(engine):
        known = await asyncio.gather(*(engine.call("HEXISTS", keys.article(id_), "_words") for id_ in ids))
        lacking = [id_ for id_, there in zip(ids, known, strict=True) if not there]
        for begin in range(0, len(lacking), READ_AT_ONCE):
            some = lacking[begin : begin + READ_AT_ONCE]
            written += sum(await asyncio.gather(*(words.write(each, only_new=True) for each in some)))
    async for tickets in _pages(engine):
        await asyncio.gather(*(engine.call("HDEL", keys.ticket(id_), *_GONE) for id_ in tickets))
    return written


async def _index_tickets(engine: Engine) -> int:
    """Enter solved tickets, those of which an answer did not arrive, and those with a window; each is there once."""
    keys, entered = TicketKeys(engine), 0
    async for ids in _pages(engine):
        missing = await asyncio.gather(*(_missing_answers(engine, keys, id_) for id_ in ids))
        names: ScriptKeys = {"desk": keys.desk, "tickets": [keys.ticket(id_) for id_ in ids]}
        entered += await engine.run(_INDEX, names, {"missing": missing})
    return entered


async def _missing_answers(engine: Engine, keys: TicketKeys, ticket: str) -> str:
    """The answers of agents that did not arrive, as the ticket keeps them; empty when nothing is said of any.

    A case keeps those of the tickets that are merged into it as well.
    """
    if await engine.call("HGET", keys.ticket(ticket), "undelivered") != b"true":
        return ""
    merged = json.loads(await engine.call("HGET", keys.ticket(ticket), "merged") or b"[]")
    lists = await asyncio.gather(*(engine.call("ZRANGE", keys.articles(each), 0, -1) for each in (ticket, *merged)))
    articles = [member[-36:].decode() for members in lists for member in members]
    pieces = await asyncio.gather(*(engine.call("HMGET", keys.article(id_), "author", "delivery") for id_ in articles))
    lost = dict[str, int]()
    for id_, (author, delivery) in zip(articles, pieces, strict=True):
        came = json.loads(delivery or b"{}")
        if json.loads(author or b"{}").get("kind") == "agent" and came.get("state") == "failed":
            lost[id_] = came["at"]
    return json.dumps(lost)


async def _list_customers(engine: Engine) -> int:
    """Enter every record that an identity leads to into the directory; each is there once, however often it is done."""
    keys, cursor, listed = TicketKeys(engine), b"0", 0
    while True:
        cursor, flat = await engine.call("HSCAN", keys.identities, cursor, "COUNT", AT_ONCE)
        records = await asyncio.gather(*(load_record(engine, keys, id_.decode()) for id_ in set(flat[1::2])))
        members = [word for record in records if record is not None for term in terms_of(record) for word in (0, term)]
        listed += await engine.call("ZADD", keys.directory, *members) if members else 0
        if cursor == b"0":
            return listed
