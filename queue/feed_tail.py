"""`trunkline tail`: the feed, readable, as it grows."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from ..config.errors import EngineUnavailable, Gone
from .feed import Feed, FeedLine

AGAIN_SECONDS = 1.0

Show = Callable[[FeedLine], None]


def as_json(workspace: str) -> Callable[[FeedLine], str]:
    """Lines as CloudEvents."""
    return lambda line: json.dumps(line.cloud_event(workspace), ensure_ascii=False)


async def beginning(feed: Feed, *, last: int, after: int | None) -> int:
    """The position to begin behind: the one that was asked for, else so many lines before the end."""
    if after is not None:
        return after
    return max(await feed.earliest() - 1, await feed.last() - last)


async def show_what_is_there(feed: Feed, after: int, show: Show) -> int:
    """Show everything up to now; returns the position of the last line. Raises Gone."""
    while lines := await feed.read(after, 500):
        for line in lines:
            show(line)
        after = lines[-1].position
    return after


async def follow(feed: Feed, after: int, show: Show, *, trouble: Callable[[str], Awaitable[None]]) -> None:
    """Show lines as they come, for ever; an engine that goes away is waited for."""
    while True:
        try:
            async for lines in feed.follow(after):
                for line in lines:
                    show(line)
                    after = line.position
        except EngineUnavailable as error:
            await trouble(error.detail)
            await asyncio.sleep(AGAIN_SECONDS)
        except Gone as error:
            after = int(error.facts["earliest"])
