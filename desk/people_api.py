"""A person as a whole over HTTP: the timeline of all their tickets, and all that is kept of them in one document.

The timeline is for whoever may read tickets. The export is for administrators; it leaves in parts, so however long it
is, little of it is in memory, and a reader who takes nothing for `PATIENCE` seconds is cut off.
"""

import asyncio
from typing import Annotated

from aiohttp import web
from pydantic import Field

from ..config.errors import NotFound
from ..router.person_export import PersonExports
from ..router.person_timeline import PersonTimeline, Place, Said
from ..router.reader import Reader
from ..web.downloads import PATIENCE, download_headers
from ..web.operations import Call, Operation
from ..web.paging import Page, PageQuery, cursor_at
from .access.access import Access
from .access.veil import veiled
from .request_fields import ConfiguredName, RecordPath


class TimelineQuery(PageQuery):
    """Which part of a timeline."""

    channel: Annotated[ConfiguredName | None, Field(description="Only what came and went by this channel.")] = None


class PeopleApi:
    """The operations on whole people."""

    def __init__(self, timeline: PersonTimeline, exports: PersonExports, reader: Reader, access: Access) -> None:
        self._timeline = timeline
        self._exports = exports
        self._reader = reader
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/customers/{id}/timeline` and `/export`."""
        path, tag = "/v1/customers/{id}", "customers"
        return [
            Operation(
                method="GET",
                path=f"{path}/timeline",
                handler=self.timeline,
                scope="tickets:read",
                tag=tag,
                summary="List what was said in all tickets of a person, the latest first",
                description="A page of one channel can be short, or empty, and still name the next. What was said in "
                "queues that are not seen is `hidden`.",
            ),
            Operation(
                method="GET",
                path=f"{path}/export",
                handler=self.export,
                scope="admin",
                tag=tag,
                summary="Download everything that is kept of a person",
                description="JSON; `trunkline schema person` prints its schema.",
                produces="application/json",
            ),
        ]

    async def timeline(self, call: Call, path: RecordPath, query: TimelineQuery) -> Page[Said]:
        """A page of it, over all records of the person."""
        page = await self._timeline.page(path.id, channel=query.channel, before=_place(query), limit=query.limit)
        items = await veiled(page.items, self._access.of(call.principal).sight, self._reader)
        return Page(items=items, next=cursor_at(page.next) if page.next else None)

    async def export(self, call: Call, path: RecordPath) -> web.StreamResponse:
        """The document, part by part."""
        parts = self._exports.export(path.id)
        first = await anext(parts)
        headers = {"Content-Type": "application/json", **download_headers(f"{path.id}.json")}
        response = web.StreamResponse(headers=headers)
        await response.prepare(call.request)
        try:
            await _send(response, first)
            async for part in parts:
                await _send(response, part)
            await response.write_eof()
        except TimeoutError:
            if call.request.transport is not None:
                call.request.transport.abort()
        return response


async def _send(response: web.StreamResponse, part: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await response.write(part)


def _place(query: PageQuery) -> Place | None:
    """Where the page begins. Raises NotFound."""
    position = query.position
    if position is None:
        return None
    if len(position) != 2 or not isinstance(position[0], int) or not isinstance(position[1], int):
        raise NotFound("no page begins at this cursor")
    return position[0], position[1]
