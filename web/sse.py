"""Server-sent events (HTML standard, section 9.2).

Each event carries its position as `id`, so a client that comes back with Last-Event-ID misses nothing. After 15 s of
silence a comment keeps proxies from closing the line. A client that does not take what it is sent within `PATIENCE` is
cut off: it costs one socket buffer, never memory. The stream ends when its source ends or fails, when the client goes,
or when the application shuts down; clients come back by themselves after `RETRY_MS`.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import hdrs, web

from ..config.errors import TrunklineError

log = structlog.get_logger()

HEARTBEAT = 15.0
PATIENCE = 10.0
RETRY_MS = 3000

CLOSING = web.AppKey("closing", asyncio.Event)
"""Set when the application shuts down; streams then end."""

_HEADERS = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, kw_only=True)
class ServerEvent:
    """One event; `id` and `event` must not hold line ends or NUL."""

    data: str
    id: str = ""
    event: str = ""

    def encode(self) -> bytes:
        """The event as it goes over the line."""
        head = [f"{name}: {value}" for name, value in (("id", self.id), ("event", self.event)) if value]
        lines = self.data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return ("\n".join([*head, *(f"data: {line}" for line in lines)]) + "\n\n").encode()


async def serve_events(
    request: web.Request,
    events: AsyncIterator[ServerEvent],
    *,
    heartbeat: float = HEARTBEAT,
    patience: float = PATIENCE,
) -> web.StreamResponse:
    """Send the events until there are no more of them or of the client."""
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    try:
        await _write(response, f"retry: {RETRY_MS}\n\n".encode(), patience)
        await _relay(request, response, events, heartbeat, patience)
    except TimeoutError:
        log.info("a reader of events is too slow and was cut off", action="reader_cut_off")
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        pass  # the client has gone, which is how such a stream usually ends
    except TrunklineError as error:
        log.warning("a stream of events broke off", action="stream_broken", code=error.code, cause=error.detail)
    return response


async def _write(response: web.StreamResponse, chunk: bytes, patience: float) -> None:
    async with asyncio.timeout(patience):
        await response.write(chunk)


async def _relay(
    request: web.Request,
    response: web.StreamResponse,
    events: AsyncIterator[ServerEvent],
    heartbeat: float,
    patience: float,
) -> None:
    closing = request.config_dict.get(CLOSING) or asyncio.Event()
    closed = asyncio.create_task(closing.wait())
    upcoming = asyncio.create_task(_next(events))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming, closed}, timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if closed in done:
                return
            if upcoming not in done:
                await _write(response, b":\n\n", patience)
                continue
            event = upcoming.result()
            if event is None:
                return
            await _write(response, event.encode(), patience)
            upcoming = asyncio.create_task(_next(events))
    finally:
        await _ended(upcoming, closed)
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _next(events: AsyncIterator[ServerEvent]) -> ServerEvent | None:
    return await anext(events, None)


async def _ended(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task
