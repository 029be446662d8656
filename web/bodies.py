"""The bodies that are being read: a stranger's body takes room before anybody knows whose it is.

Each takes its announced size and a little for itself, out of a bounded room, and gives it back when its request is
answered; one peer gets a quarter of the room, or one body. When there is no room, the body that lags furthest behind a
fair pace is cut off for the new one: of the same peer, when that has its quarter, else of the peer that holds the most.
So who opens a thousand bodies and sends none of them loses them to whoever sends one. A newcomer is turned away only
while nobody lags. What is slower than `pace.py` asks is cut off in any case. Who is cut off hears 408, and may repeat.
A small body that is here with its headers takes no room: the HTTP server holds it already, and nobody waits for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import StreamReader, web
from aiohttp.typedefs import Handler

from ..config.errors import Overloaded, Temporary
from .pace import GRACE_SECONDS, Pace
from .peers import Peers, limited_as
from .places import Places

ROOM = 256 * 1024 * 1024
SHARE = 4
APIECE = 128 * 1024  # what the HTTP server may have read of a body that nobody asks for
FAIR = 64 * 1024  # bytes a second; who is faster is never cut off for another


class RequestTimeout(Temporary):
    """The body did not arrive in time."""

    fault = "caller"
    status = 408
    code = "request_timeout"
    public = "the body did not arrive in time"


@dataclass(eq=False)
class _Body:
    """One body: who sends it, what it takes, and until it is complete its time-out and pace."""

    holder: str
    began: float
    cost: int
    received: int = 0
    is_cut_off: bool = False
    patience: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))

    def lag(self, now: float) -> float:
        """Seconds that it is behind the fair pace."""
        return now - self.began - self.received / FAIR


class Bodies:
    """A room for bodies of `room` bytes, with `apiece` bytes for each beside its own."""

    def __init__(self, peers: Peers, room: int = ROOM, *, apiece: int = APIECE) -> None:
        self._peers = peers
        self._room = room
        self._apiece = apiece
        self._places = Places(room, each=room // SHARE)
        self._arriving: dict[str, set[_Body]] = defaultdict(set)

    @property
    def held(self) -> int:
        """Bytes that are taken."""
        return self._places.used

    async def read(self, request: web.Request, limit: int) -> bytes:
        """The body; a little more than `limit` bytes of one that is longer. Raises RequestTimeout, Overloaded.

        Its room is taken until the request is answered (`give_back_bodies`).
        """
        complete = request.content.is_eof()
        if complete and request.content.total_bytes <= self._apiece:
            return request.content.read_nowait()
        size = limit if request.content_length is None else min(request.content_length, limit)
        cost = min(size + (0 if complete else self._apiece), self._room)
        body = _Body(limited_as(self._peers.peer(request)), asyncio.get_running_loop().time(), cost)
        self._admit(body)
        request.setdefault(_HELD, []).append((self, body))
        if complete:
            return request.content.read_nowait()
        async with self._arrival(body):
            return await _collected(request.content, limit, body)

    def give_back(self, body: _Body) -> None:
        """Its room is free again. Idempotent."""
        self._places.give_back(body.holder, body.cost)
        body.cost = 0

    def _admit(self, body: _Body) -> None:
        while not self._places.take(body.holder, body.cost):
            slow = self._furthest_behind(body)
            if slow is None:
                raise Overloaded("too many bodies are being read at once", retry_after=1)
            self._cut_off(slow)

    def _furthest_behind(self, newcomer: _Body) -> _Body | None:
        """Who makes room for the newcomer, if somebody does."""
        if self._places.is_beyond_share(newcomer.holder, newcomer.cost):
            rivals = self._arriving.get(newcomer.holder, set())
        else:
            rivals = self._arriving[max(self._arriving, key=self._places.held_by)] if self._arriving else set()
        slow = max(rivals, key=lambda each: each.lag(newcomer.began), default=None)
        return slow if slow is not None and slow.lag(newcomer.began) > 0 else None

    def _cut_off(self, body: _Body) -> None:
        self._forget(body)
        self.give_back(body)
        body.is_cut_off = True
        body.patience.reschedule(0)

    def _forget(self, body: _Body) -> None:
        self._arriving[body.holder].discard(body)
        if not self._arriving[body.holder]:
            del self._arriving[body.holder]

    @asynccontextmanager
    async def _arrival(self, body: _Body) -> AsyncIterator[None]:
        """While it arrives it may be cut off. Raises RequestTimeout."""
        try:
            async with body.patience:
                self._arriving[body.holder].add(body)
                yield
        except TimeoutError as error:
            raise RequestTimeout from error
        finally:
            self._forget(body)


async def _collected(content: StreamReader, limit: int, body: _Body) -> bytes:
    loop, collected = asyncio.get_running_loop(), bytearray()
    pace = Pace(body.began, GRACE_SECONDS)
    body.patience.reschedule(pace.due)
    while chunk := await content.readany():
        if body.is_cut_off:  # in the very moment in which more of it came
            raise TimeoutError
        collected += chunk
        body.received = len(collected)
        if body.received > limit:
            break
        body.patience.reschedule(pace.came(len(chunk), loop.time(), GRACE_SECONDS))
    return bytes(collected)


BODIES = web.AppKey("bodies", Bodies)
"""The room of an application, for every body that has no room of its own."""

_HELD = web.RequestKey("held_bodies", list[tuple[Bodies, _Body]])


@web.middleware
async def give_back_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The room of a request's bodies is free again when it is answered."""
    try:
        return await handler(request)
    finally:
        for bodies, body in request.get(_HELD, ()):
            bodies.give_back(body)
