"""The followers of the feed that this gateway runs, by name. A new one is a line in `followers`."""

from collections.abc import Mapping, Sequence

from ..config.errors import NotFound
from ..queue.feed_place import FeedPlace
from .assembly import Assembly


def followers(assembly: Assembly) -> Mapping[str, FeedPlace]:
    """Their places in the feed."""
    places = (assembly.counters.follower.place, assembly.board.feed_counts.follower.place)
    return {place.name: place for place in places}


async def follower_lines(assembly: Assembly) -> Sequence[str]:
    """How far each has come, a line each: name, position, how far behind, dead letters. Raises EngineUnavailable."""
    return [await _line(place, assembly.clock.now()) for place in followers(assembly).values()]


async def rebuild(assembly: Assembly, name: str) -> None:
    """Have what a follower made of the feed made anew from the first line. Raises NotFound."""
    known = followers(assembly)
    if name not in known:
        raise NotFound(f"there is no follower {name}; there are {', '.join(known)}")
    await known[name].rebuild()


async def _line(place: FeedPlace, now: int) -> str:
    lag, dead = await place.lag(), await place.dead()
    behind = f"{lag.lines} lines and {(now - lag.since) // 1000} s behind" if lag.since is not None else "up to date"
    return f"{place.name}  at {await place.position()}, {behind}, {len(dead)} dead letters"
