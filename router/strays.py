"""Tickets that the configuration has left behind: held by agents, or in queues, that are no longer in it.

Names are found by steps through the index, one for each name and not for each ticket. Whoever is named so may be gone
for long: finished tickets keep the name of who finished them, so `holders` looks whether there is anything unfinished.
"""

from collections.abc import AsyncIterator

from ..config.settings import Settings
from ..queue.connection import Engine
from ..queue.scripts import Script
from .ticket_keys import TicketKeys

UNFINISHED = ("new", "open", "pending", "on_hold")
AT_ONCE = 200  # tickets of a page

_STRAY = Script.beside(__file__, "stray_ticket.lua")


async def holders(engine: Engine) -> set[str]:
    """Agents who have a ticket that is not finished."""
    found = set[str]()
    async for name in names_under(engine, "assignee"):
        if any([await count(engine, f"assignee:{name}:{status}") for status in UNFINISHED]):
            found.add(name)
    return found


async def stray_queues(engine: Engine, settings: Settings) -> list[str]:
    """Queues that are not in the configuration and hold a ticket that is not closed."""
    names = [name async for name in names_under(engine, "queue") if name not in settings.queues]
    statuses = (*UNFINISHED, "solved")
    return [name for name in names if any([await count(engine, f"queue:{name}:{each}") for each in statuses])]


async def bring_home(engine: Engine, settings: Settings, queue: str, now: int) -> int:
    """Bring the tickets of a queue that is gone to the one that has had its name, or else to the fallback queue.

    Returns how many. Again it does no harm.
    """
    if queue in settings.queues:
        return 0
    keys, moved = TicketKeys(engine), 0
    for status in (*UNFINISHED, "solved"):
        async for ticket in tickets_under(engine, f"queue:{queue}:{status}"):
            reply = await engine.run(
                _STRAY,
                {"ticket": keys.ticket(ticket), "desk": keys.desk},
                {"now": now, "from": queue, "queue": settings.home_of(queue)},
            )
            moved += reply[0] == b"OK"
    return moved


async def names_under(engine: Engine, dimension: str) -> AsyncIterator[str]:
    """The names for which the index has tickets of a dimension: `queue` or `assignee`."""
    index, begin = TicketKeys(engine).index, f"[{dimension}:"
    while members := await engine.call("ZRANGE", index, begin, f"({dimension};", "BYLEX", "LIMIT", 0, 1):
        name = members[0].decode().partition("|")[0].split(":")[1]
        yield name
        begin = f"[{dimension}:{name}}}"


async def tickets_under(engine: Engine, head: str) -> AsyncIterator[str]:
    """The tickets under a head of the index, read page by page, so that they may leave it meanwhile."""
    index, begin = TicketKeys(engine).index, f"[{head}|"
    while begin:
        members = await engine.call("ZRANGE", index, begin, f"({head}}}", "BYLEX", "LIMIT", 0, AT_ONCE)
        for member in members:
            yield member.decode().rpartition("|")[2]
        begin = f"({members[-1].decode()}" if len(members) == AT_ONCE else ""


async def count(engine: Engine, head: str) -> int:
    """How many tickets there are under a head of the index."""
    return int(await engine.call("ZLEXCOUNT", TicketKeys(engine).index, f"[{head}|", f"({head}}}"))
