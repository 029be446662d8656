"""The live board at `/board`, for whoever is signed in and may read tickets, of the queues that they see.

/board           the page; `?wall` for a display on a wall: larger, dark, without anything to click
/board/events    what changes, as server-sent events: parts of the page, rendered (live.py)
/board/parts/…   one part, for those who would rather ask
"""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from markupsafe import Markup

from ...config.errors import NotFound
from ...web.places import Places
from ...web.sse import ServerEvent, serve_events
from ..pages.shell import Shell, authority_of
from ..views.times import number, span
from .board_service import BoardService, Seen
from .live import LiveBoard, News
from .parts import Part, rendered
from .verdict import imbalance

MOST_STREAMS = 200


class BoardPages:
    """Serves the board."""

    def __init__(self, shell: Shell, board: BoardService) -> None:
        self._shell = shell
        self._board = board
        self._live: dict[frozenset[str] | None, LiveBoard] = {}
        self._streams = Places(MOST_STREAMS)

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        routes = application.router
        routes.add_get("/board", self._shell.page(self.show))
        routes.add_get("/board/parts/{name}", self._shell.page(self.part))
        routes.add_get("/board/events", self._shell.page(self.events))

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        seen = await self._board.see(self._queues(request))
        at = datetime.fromtimestamp(seen.board.at / 1000, UTC)
        return self._shell.render(
            request,
            "board.html",
            nav="board",
            wall="wall" in request.query,
            at=f"{at:%H:%M:%S}",
            parts={name: Markup(part.html) for name, part in self._rendered(seen).items()},  # noqa: S704 (from a template)
        )

    async def part(self, request: web.Request) -> web.Response:
        """One part of it. Raises NotFound."""
        part = self._rendered(await self._board.see(self._queues(request))).get(request.match_info["name"])
        if part is None:
            raise NotFound("the board has no such part")
        return web.Response(text=part.html, content_type="text/html", charset="utf-8")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What changes. Raises Overloaded."""
        with self._streams.held():
            return await serve_events(request, self._shell.while_signed_in(request, self._news(request)))

    async def _news(self, request: web.Request) -> AsyncGenerator[ServerEvent, None]:
        """Until the reader sees other queues than before; the page then comes back and begins anew."""
        queues = self._queues(request)
        watching = self._board_of(queues).watch()
        try:
            async for news in watching:
                if self._queues(request) != queues:
                    return
                yield ServerEvent(event="board", data=json.dumps(_as_event_data(news), ensure_ascii=False))
        finally:
            await watching.aclose()

    def _queues(self, request: web.Request) -> frozenset[str] | None:
        return authority_of(request, self._shell.parts.access).queues

    def _board_of(self, queues: frozenset[str] | None) -> LiveBoard:
        """One for all who see the same queues."""
        if queues not in self._live:
            self._live[queues] = LiveBoard(partial(self._board.see, queues), self._rendered)
        return self._live[queues]

    def _rendered(self, seen: Seen) -> Mapping[str, Part]:
        return rendered(seen, self._text)

    def _text(self, template: str, **values: Any) -> str:
        board = values["board"]
        return self._shell.fragment(
            template,
            **values,
            now=board.at,
            imbalance=imbalance(board.balance),
            value_in_words=_value_in_words,
            range_in_words=_ranges_of(values),
            hours=_hours,
        )


def _as_event_data(news: News) -> dict[str, Any]:
    return {"at": news.at, "trouble": news.trouble, "parts": {name: part.html for name, part in news.parts.items()}}


def _hours(minutes: int) -> str:
    return "the last hour" if minutes == 60 else f"{minutes // 60} h"


def _value_in_words(name: str, value: int) -> str:
    """A value of one of the four numbers in words."""
    return span(value * 1000) if name == "oldest" else number(value)


def _ranges_of(values: Mapping[str, Any]) -> Any:
    """Says in words between which values a sparkline runs."""

    def range_in_words(name: str) -> str:
        line = values["lines"][name]
        if line.last is None:
            return "nothing is known yet"
        return f"between {_value_in_words(name, line.lowest)} and {_value_in_words(name, line.highest)}"

    return range_in_words
