"""The format of the records in the engine, and how those of an older Trunkline are brought to it.

    1    as it was before the key `format` was written
    2    private fields of tickets have the names of private_fields.py
    3    customers stand in the directory (customer_terms.py)
    4    and so do the proposals that are open

Every process converts before it does anything else with the records, in steps that may be repeated, and then writes the
format down; so it does no harm to be killed within, or to do it in several processes at once. Processes of an older
Trunkline must have ended before: they do not know the new names. A backup brings its format along.
"""

import asyncio

import structlog

from ..config.errors import Misconfigured
from ..queue.connection import Engine
from ..queue.scripts import Script
from .customer_records import load_record
from .customer_terms import terms_of
from .ticket_keys import TicketKeys

log = structlog.get_logger()

FORMAT = 4
AT_ONCE = 200  # tickets in one step of the engine: about 2 ms

RENAMED = {
    "_aim": "_due",
    "_articles": "_article_count",
    "_awaits": "_customer_waits_since",
    "_charged": "_occupies",
    "_join": "_join_reason",
    "_previous": "_previous_agent",
    "_relaxed": "_any_language",
    "_said": "_preview",
    "_search": "_search_text",
    "_since": "_arrived_at",
    "_target": "_target_ms",
    "_waiting": "_queue_position",
    "_wanted": "_unassigned_since",
}

_RENAME = Script.beside(__file__, "stored_format.lua")


async def convert_records(engine: Engine) -> None:
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
        if renamed or listed:
            log.warning(
                "the records have the present format", action="converted", format=FORMAT, fields=renamed, listed=listed
            )
        await engine.call("SET", key, FORMAT)


async def _rename_fields(engine: Engine) -> int:
    keys, begin, renamed = TicketKeys(engine), "[all|", 0
    while begin:
        members = await engine.call("ZRANGE", keys.index, begin, "(all}", "BYLEX", "LIMIT", 0, AT_ONCE)
        tickets = [keys.ticket(member.decode().rpartition("|")[2]) for member in members]
        names = {"before": list(RENAMED), "now": list(RENAMED.values())}
        renamed += await engine.run(_RENAME, {"tickets": tickets}, names)
        begin = f"({members[-1].decode()}" if len(members) == AT_ONCE else ""
    return renamed


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
