"""`POST /chat/{site}/poll`: the same conversation where no WebSocket gets through.

A poll says who it is and which line it has last, brings frames, and gets frames back: at once when there are some, else
as soon as there are, or after `wait` seconds. It is carried out by the same session as a socket. An answer begins with
`welcome` when the client is new, says hello, or brings nothing and waits for nothing; every other one ends with how far
the desk has read and whether somebody is there, which may have changed between two polls.
"""

import asyncio
import json
from contextlib import suppress

from aiohttp import hdrs, web

from ...queue.log_tail import Watch
from ...web.body import read_body
from .door import Door
from .frames import Hello, Poll, read_poll
from .session import Frames, Session
from .sites import POLL

LARGEST = 512 * 1024


class PollFace:
    """Serves the polls of all sites."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def serve(self, request: web.Request) -> web.Response:
        """The aiohttp handler. Raises MalformedFrame, Unproven, Overloaded, and temporary errors."""
        self._door.site(request)  # who may not ask is told before anything is read
        poll = read_poll(await read_body(request, LARGEST))
        with self._door.connection(request) as (site, peer):
            async with self._door.session(POLL, site, peer, poll) as (session, watch):
                frames = await self._answered(session, watch, poll)
        body = json.dumps({"frames": frames}, ensure_ascii=False, separators=(",", ":"))
        return web.json_response(text=body, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def _answered(self, session: Session, watch: Watch, poll: Poll) -> Frames:
        begun = await session.welcome()
        said = [frame for frame in poll.frames if not isinstance(frame, Hello)]
        greeted = not poll.token or len(said) < len(poll.frames) or not (said or poll.wait)
        frames: Frames = [begun] if greeted else []
        for frame in said:
            frames += await session.take(frame)
        while session.behind:
            frames += await session.news()
        with suppress(TimeoutError):
            async with asyncio.timeout(poll.wait):
                while not frames and not self._door.connected.closing.is_set():
                    await self._woken(watch)
                    frames += await session.news()
        return frames if greeted else frames + session.standing()

    async def _woken(self, watch: Watch) -> None:
        """Returns when there may be news, or when the process ends."""
        waits = [asyncio.create_task(watch.changed()), asyncio.create_task(self._door.connected.closing.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
