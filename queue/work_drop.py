"""Takes entries off a work queue for good by what is in them: those that wait, are under way, or were given up."""

from collections.abc import Callable

from .scanning import scan
from .scripts import Script, ScriptKeys
from .work import WorkQueue

Matches = Callable[[bytes, bool], bool]
"""Of a payload, and whether it was given up: whether it goes."""

_DROP = Script.beside(__file__, "work_drop.lua")


async def drop_where(queue: WorkQueue, matches: Matches) -> list[bytes]:
    """The payloads of the entries that went. Raises EngineUnavailable."""
    dead = {int(each) for each in await queue.engine.call("ZRANGE", queue.dead_key, 0, -1)}
    entries = scan(queue.engine, "HSCAN", queue.keys["entries"])
    found = {int(name): payload async for name, payload in entries if matches(payload, int(name) in dead)}
    if not found:
        return []
    lanes = await _lanes(queue)
    keys: ScriptKeys = {"queue": queue.keys, "settling": queue.settling}
    for sequence in found:
        await queue.engine.run(_DROP, keys, {"sequence": sequence, "lane": lanes.get(sequence, b"")})
    return list(found.values())


async def _lanes(queue: WorkQueue) -> dict[int, bytes]:
    """The lane of each entry that is lined up or waits for its time."""
    lanes = {}
    async for member, _ in scan(queue.engine, "ZSCAN", queue.keys["order"]):
        lane, _, sequence = member.rpartition(b"\0")
        lanes[int(sequence)] = lane
    async for member, _ in scan(queue.engine, "ZSCAN", queue.keys["later"]):
        sequence, _, lane = member.partition(b"\0")
        lanes[int(sequence)] = lane
    return lanes
