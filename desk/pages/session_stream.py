"""A stream of events for a page, as long as its reader is signed in.

A `beat` goes out at once and then every `BEAT_SECONDS`, because a browser cannot see the comments that keep a line
open: a page that misses two of them says that what it shows is old. With each beat the session is asked for, under
whatever id it has by then. The last event is `signed-out` when it has ended, `changed` when another agent was chosen in
another window, and `renewed` when the reader may now see or do something else than when the stream began (their groups
at an identity provider, the scopes of their role); the page then comes back and begins anew.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from ...web.sse import ServerEvent
from ..stores.sessions import PageSession, Sessions

BEAT_SECONDS = 15.0


def beat(now: int, version: str) -> ServerEvent:
    """The sign of life."""
    return ServerEvent(event="beat", data=json.dumps({"now": now, "version": version}))


class SessionWatch:
    """Looks whether the session of a stream still holds."""

    def __init__(self, sessions: Sessions, session: PageSession) -> None:
        self._sessions = sessions
        self._session = session

    async def ended(self) -> str:
        """The event with which the stream ends; empty while it goes on. Raises EngineUnavailable."""
        found = await self._sessions.follow(self._session)
        if found is None:
            return "signed-out"
        if found.secret != self._session.secret:
            return "changed"
        if found.principal != self._session.principal:
            return "renewed"
        self._session = found
        return ""


async def while_signed_in(
    events: AsyncIterator[ServerEvent],
    ended: Callable[[], Awaitable[str]],
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
                if last := await ended():
                    yield ServerEvent(event=last, data="{}")
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
