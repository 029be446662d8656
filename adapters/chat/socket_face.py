"""`GET /chat/{site}/socket`: a visitor's conversation over a WebSocket (RFC 6455).

Frames are carried out one after another, in the order in which they came, and lines are sent in the order of the log. A
client that does not take what it is sent is cut off: it costs one socket buffer, never memory. When the engine is away
the connection stays and asks the client to keep what it has; only a hello is turned away then. At the end of the
process every connection is closed after what is under way is answered.
"""

import asyncio
from contextlib import suppress

import structlog
from aiohttp import web

from ...config.errors import Temporary, TrunklineError
from ...queue.log_tail import Watch
from .close_codes import MalformedFrame, Silent, close_code
from .door import Door
from .frames import Hello, read_frame
from .session import Session
from .sites import SOCKET
from .socket_line import ClientGone, SocketLine

log = structlog.get_logger()

HELLO_SECONDS = 10.0
PATIENCE = 10.0
AGAIN_SECONDS = 1.0


class SocketFace:
    """Serves the sockets of all sites."""

    def __init__(self, door: Door, *, patience: float = PATIENCE, hello_seconds: float = HELLO_SECONDS) -> None:
        self._door = door
        self._patience = patience
        self._hello_seconds = hello_seconds

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler."""
        line = SocketLine(request, self._patience)
        response = await line.open()
        try:
            await self._served(request, line)
        except ClientGone:
            await line.ended()
        except TrunklineError as error:
            await _ended(line, error)
        except Exception as error:
            log.exception("a chat connection failed", action="chat_failed")
            await line.close(*close_code(error))
        return response

    async def _served(self, request: web.Request, line: SocketLine) -> None:
        connected = self._door.connected
        if connected.closing.is_set():
            await line.end()
            raise ClientGone
        with self._door.connection(request) as (site, peer), connected.standing(line.end):
            hello = await self._hello(line)
            async with self._door.session(SOCKET, site, peer, hello) as (session, watch):
                await line.send(await session.welcome())
                await self._conversation(session, watch, line)

    async def _hello(self, line: SocketLine) -> Hello:
        try:
            frame = read_frame(await line.receive(self._hello_seconds))
        except TimeoutError:
            raise Silent("nobody said hello in time") from None
        if not isinstance(frame, Hello):
            raise MalformedFrame("type: hello comes first")
        return frame

    async def _conversation(self, session: Session, watch: Watch, line: SocketLine) -> None:
        notifying = asyncio.create_task(_notify(session, watch, line))
        try:
            while True:
                text = await line.receive()
                async with line.busy:
                    for answer in await session.take(read_frame(text)):
                        await line.send(answer)
        finally:
            notifying.cancel()
            with suppress(asyncio.CancelledError):
                await notifying


async def _notify(session: Session, watch: Watch, line: SocketLine) -> None:
    """Send what comes, as it comes; while the log cannot be read, try again."""
    try:
        while True:
            try:
                frames = await session.news()
            except Temporary:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            for frame in frames:
                await line.send(frame)
            if not session.behind:
                await watch.changed()
    except ClientGone:
        pass
    except TrunklineError as error:
        await _ended(line, error)
    except Exception as error:
        log.exception("a chat connection failed", action="chat_failed")
        await line.close(*close_code(error))


async def _ended(line: SocketLine, error: TrunklineError) -> None:
    log.info("a chat connection is ended", action="chat_ended", cause=error.detail)
    await line.close(*close_code(error))
