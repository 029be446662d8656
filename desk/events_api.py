"""The feed over HTTP: read it in pages, or follow it as server-sent events.

Both give CloudEvents 1.0 and go on behind a position: `after`, or the Last-Event-ID with which an event source comes
back by itself. Without one they begin at the beginning. A position that is no longer kept is 410, and says where the
feed begins now. Who sees only some queues hears of the tickets there. Each open stream holds a connection to the
engine, so there are at most `MOST_STREAMS` in a process.
"""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, Field

from ..config.errors import Gone, Overloaded
from ..queue.feed import Feed, FeedLine
from ..router.reader import Reader
from ..web.operations import Call, Operation
from ..web.places import Places
from ..web.sse import ServerEvent, serve_events
from ..web.tokens import Tokens, authenticate, demand
from .access.access import Access
from .access.authority import Authority
from .access.named_tickets import told_lines
from .request_fields import RequestModel

MOST_STREAMS = 100

Position = Annotated[str, Field(pattern=r"^[0-9]{1,15}$", description="The `cursor` of the last event that was seen.")]


def is_seen(line: FeedLine, authority: Authority) -> bool:
    """Whether somebody sees the line: of a ticket, by whom the ticket was seen then; of access, who sees all."""
    if authority.sight is None:
        return True
    if line.kind.startswith("access."):
        return False
    ticket = line.data.get("ticket")
    return ticket is None or authority.sight.admits_fields(ticket)


class CloudEvent(BaseModel):
    """One change, as a CloudEvent 1.0 in JSON."""

    specversion: str
    id: Annotated[str, Field(description="Stable; serves as the idempotency key.")]
    source: str
    type: Annotated[str, Field(description="What happened: ticket.created, message.received, …")]
    subject: Annotated[str, Field(description="The id of the ticket or agent that changed.")]
    time: Annotated[str, Field(description="RFC 3339.")]
    datacontenttype: str
    dataschema: str
    partitionkey: Annotated[str, Field(description="Events with the same key come in order.")]
    sequence: Annotated[int, Field(description="The revision of the subject; rises by one with each event.")]
    cursor: Annotated[str, Field(description="The position in the feed, for `after`.")]
    data: dict[str, Any]


class EventsPage(BaseModel):
    """A page of the feed."""

    items: list[CloudEvent]
    next: Annotated[
        str | None,
        Field(
            description="The `after` of the next page; null when there is nothing new, then ask with the same again."
        ),
    ]


class EventsQuery(RequestModel):
    """Which part of the feed."""

    after: Position = "0"
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class StreamQuery(RequestModel):
    """Where the stream begins."""

    after: Position | None = None


class StreamHeaders(RequestModel):
    """Where the stream goes on; browsers send it by themselves."""

    last_event_id: Annotated[str | None, Field(alias="Last-Event-ID", pattern=r"^[0-9]{0,15}$")] = None


class EventsApi:
    """The operations on the feed."""

    def __init__(self, feed: Feed, workspace: str, tokens: Tokens, access: Access, reader: Reader) -> None:
        self._feed = feed
        self._workspace = workspace
        self._tokens = tokens
        self._access = access
        self._reader = reader
        self._streams = Places(MOST_STREAMS)

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/events`."""
        return [
            Operation(
                method="GET",
                path="/v1/events",
                handler=self.list,
                scope="feed:read",
                tag="events",
                summary="Read the feed",
                description="Every change in order. `GET /v1/events/stream` gives the same as server-sent events, from "
                "`after` or Last-Event-ID on, with a comment every 15 seconds of silence.",
                raises=(Gone,),
            ),
            Operation(
                method="GET",
                path="/v1/events/stream",
                handler=self.stream,
                scope="feed:read",
                tag="events",
                summary="Follow the feed",
                produces="text/event-stream",
                raises=(Gone, Overloaded),
                published=False,
            ),
        ]

    async def list(self, call: Call, query: EventsQuery) -> EventsPage:
        """A page of events, of what is seen; one with nothing that is can still name the next."""
        lines, authority = await self._feed.read(int(query.after), query.limit), self._access.of(call.principal)
        events = await self._told(lines, authority)
        return EventsPage(
            items=[*map(CloudEvent.model_validate, events)], next=str(lines[-1].position) if lines else None
        )

    async def stream(self, call: Call, query: StreamQuery, headers: StreamHeaders) -> web.StreamResponse:
        """Events as they come."""
        after = int(headers.last_event_id or query.after or 0)
        await self._feed.read(after, 1)  # a position that is gone is refused before the stream begins
        with self._streams.held():
            return await serve_events(call.request, self._events(call, after))

    async def _events(self, call: Call, after: int) -> AsyncIterator[ServerEvent]:
        """Until the token is no longer known, or may no longer read the feed; by what it sees at each moment."""
        async for lines in self._feed.follow(after):
            principal = await authenticate(call.request, self._tokens)
            demand(principal, "feed:read", reading=True)
            authority = self._access.of(principal)
            for event in await self._told(lines, authority):
                content = json.dumps(event, ensure_ascii=False)
                yield ServerEvent(id=event["cursor"], event=event["type"], data=content)

    async def _told(self, lines: Sequence[FeedLine], authority: Authority) -> Sequence[dict[str, Any]]:
        """What is seen of these lines, without the names of other tickets that are not."""
        seen = [line for line in lines if is_seen(line, authority)]
        told = await told_lines([line.data for line in seen], authority.sight, self._reader)
        return [{**line.cloud_event(self._workspace), "data": data} for line, data in zip(seen, told, strict=True)]
