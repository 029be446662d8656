"""A stream of events for a page, as long as its reader is signed in.

A `beat` goes out at once and then every `BEAT_SECONDS`, because a browser cannot see the comments that keep a line
open: a page that misses two of them says that what it shows is old. With each beat the session is asked for; when it
has ended, the last event is `signed-out`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from ...web.sse import ServerEvent

BEAT_SECONDS = 15.0


def beat(now: int, version: str) -> ServerEvent:
    """The sign of life."""
    return ServerEvent(event="beat", data=json.dumps({"now": now, "version": version}))


async def while_signed_in(
    events: AsyncIterator[ServerEvent],
    signed_in: Callable[[], Awaitable[bool]],
    sign_of_life: Callable[[], ServerEvent],
    seconds: float,
) -> AsyncGenerator[ServerEvent, None]:
    """The events, and beats in between, until the events or the session end."""
    yield sign_of_life()
    upcoming = asyncio.ensure_future(anext(events, None))
    timer = asyncio.ensure_future(asyncio.sleep(seconds))
    try:
        while True:
            await asyncio.wait({upcoming, timer}, return_when=asyncio.FIRST_COMPLETED)
            if timer.done():
                timer = asyncio.ensure_future(asyncio.sleep(seconds))
                if not await signed_in():
                    yield ServerEvent(event="signed-out", data="{}")
                    return
                yield sign_of_life()
            if upcoming.done():
                event = upcoming.result()
                if event is None:
                    return
                yield event
                upcoming = asyncio.ensure_future(anext(events, None))
    finally:
        await _ended(upcoming, timer)
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _ended(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task
