"""The board for everybody who looks at it in this process: seen once a second, however many look, and not at all while
nobody does.

`watch` gives what has changed since the last time it gave something, as rendered parts of the page, and at least every
`SIGN_SECONDS` something, so that a page can tell an old board from a quiet one. When the engine cannot be asked, it
says so and goes on.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from ...config.errors import Temporary
from ...queue.service import Background
from .board_service import Seen
from .parts import Part

log = structlog.get_logger()

EVERY_SECONDS = 1.0
SIGN_SECONDS = 5.0

Look = Callable[[], Awaitable[Seen]]
Render = Callable[[Seen], Mapping[str, Part]]


@dataclass(frozen=True)
class News:
    """What a page is told: when the board was last seen, the parts that are new, and why it cannot be seen."""

    at: int
    parts: Mapping[str, Part] = field(default_factory=dict)
    trouble: str = ""


class LiveBoard:
    """Sees the board for all who watch."""

    def __init__(self, look: Look, render: Render, *, every: float = EVERY_SECONDS, sign: float = SIGN_SECONDS) -> None:
        self._look = look
        self._render = render
        self._every = every
        self._sign = sign
        self._now = News(0)
        self._turn = asyncio.Event()
        self._watching = 0
        self._seeing = Background("board", self._turns)

    async def watch(self) -> AsyncGenerator[News, None]:
        """The news for one page: first everything, then what changes."""
        have, notified_at, trouble = dict[str, str](), 0.0, ""
        turn = self._turn
        self._watching += 1
        try:
            await self._seeing.start()
            while True:
                await turn.wait()
                turn, now, clock = self._turn, self._now, asyncio.get_running_loop().time()
                fresh = {name: part for name, part in now.parts.items() if have.get(name) != part.mark}
                if fresh or now.trouble != trouble or clock - notified_at >= self._sign:
                    yield News(now.at, fresh, now.trouble)
                    have |= {name: part.mark for name, part in fresh.items()}
                    notified_at, trouble = clock, now.trouble
        finally:
            self._watching -= 1
            if not self._watching:
                await self._seeing.stop()

    async def _turns(self) -> None:
        while True:
            await self._see()
            turn, self._turn = self._turn, asyncio.Event()
            turn.set()
            await asyncio.sleep(self._every)

    async def _see(self) -> None:
        try:
            seen = await self._look()
            self._now = News(seen.board.at, self._render(seen))
        except Temporary as error:
            self._now = News(self._now.at, self._now.parts, error.detail)
        except Exception:
            log.exception("the board cannot be made", action="board_failed")
            self._now = News(self._now.at, self._now.parts, "the board cannot be made; the log says why")
