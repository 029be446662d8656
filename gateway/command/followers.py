"""Commands for the followers of the feed: how far they have come, and `rebuild`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from ...queue.feed_place import FeedPlace

Name = Annotated[str, typer.Argument(help="The follower, as the list shows it.")]

commands = typer.Typer(no_args_is_help=True, help="Consumers of the feed: how far they are, and made anew.")


@commands.command("list")
def list_followers(config: ConfigOption = None) -> None:
    """List them: name, position in the feed, how far they are behind, dead letters."""
    for line in with_parts(config, lambda parts: _lines(parts.followers, parts.clock.now())):
        write(line)


@commands.command("rebuild")
def rebuild_follower(name: Name, config: ConfigOption = None) -> None:
    """Forget what it has made of the feed, and have it made anew from the first line while everything runs."""
    with_parts(config, lambda parts: _rebuild(parts.followers, name))
    say(f"{name} begins with the first line again")


async def _lines(places: "Mapping[str, FeedPlace]", now: int) -> list[str]:
    return [await _line(place, now) for place in places.values()]


async def _line(place: "FeedPlace", now: int) -> str:
    lag, dead = await place.lag(), await place.dead_count()
    behind = f"{lag.lines} lines and {(now - lag.since) // 1000} s behind" if lag.since is not None else "up to date"
    return f"{place.name}  at {await place.position()}, {behind}, {dead} dead letters"


async def _rebuild(places: "Mapping[str, FeedPlace]", name: str) -> None:
    from ...config.errors import NotFound

    if name not in places:
        raise NotFound(f"there is no follower {name}; there are {', '.join(places)}")
    await places[name].rebuild()
