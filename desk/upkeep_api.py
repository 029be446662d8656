"""What waits for an operator, over HTTP: dead letters, suspended messages, blocked senders. For administrators.

A dead letter (dead_letters.py) is an entry of a durable queue that was given up: a raw message that could not be
read or filed, an outgoing message, a held reply, an event of routing; or a line of the feed that a follower could not
take. It is kept whole until it is dropped.
"""

from contextlib import suppress
from functools import partial
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, Field, field_validator

from ..config.errors import NotFound
from ..queue.clock import Clock
from ..queue.dead_letters import NAME
from ..router.blocked_senders import BlockedSender, BlockedSenders, Holds
from ..router.suspended import Suspended, SuspendedMessages
from ..web.downloads import OCTETS, download
from ..web.operations import Call, Handler, Operation
from ..web.paging import Page, PageQuery, cursor_at
from .acting_agent import actor_of
from .dead_letters import DeadLetterView, GivenUp, position_of
from .list_positions import TimedList, TimedPosition
from .request_fields import EmailAddress, Reason, RecordId, RequestModel


class DeadLetterPath(RequestModel):
    """Names a dead letter."""

    id: Annotated[str, Field(pattern=rf"^{NAME}-[0-9]{{1,15}}$")]


class SuspendedPath(RequestModel):
    """Names a suspended message."""

    id: RecordId


class SuspendedQuery(PageQuery):
    """Which suspended messages are asked for."""

    words: Annotated[
        str, Field(max_length=200, description="Only those with this in cause, sender, subject or text; newest 1000.")
    ] = ""


class ReleaseBody(RequestModel):
    """Suspended messages that are filed together."""

    ids: Annotated[list[RecordId], Field(min_length=1, max_length=500, description="Their ids.")]


class BlockBody(RequestModel):
    """Whom to block, what is held of them, and why; the domain of a public provider is refused as a whole."""

    sender: EmailAddress
    whole_domain: Annotated[bool, Field(description="Block all of the address's domain.")] = False
    holds: Annotated[Holds, Field(description="All that says it is from there, or only what nobody has proven.")] = (
        "all"
    )
    reason: Reason = ""

    @field_validator("sender", mode="before")
    @classmethod
    def _no_domain_alone(cls, value: object) -> object:
        if isinstance(value, str) and value.startswith("@"):
            raise ValueError("this is a domain; name an address of it, with whole_domain: true")
        return value

    @property
    def whom(self) -> str:
        """The sender as a block names it."""
        return f"@{self.sender.rpartition('@')[2]}" if self.whole_domain else self.sender


class SenderPath(RequestModel):
    """Names a blocked sender."""

    sender: Annotated[str, Field(max_length=320, description="As listed: an address, or @ and a domain.")]


class Blocks(BaseModel):
    """All blocked senders, the newest first."""

    items: list[BlockedSender]


class Released(BaseModel):
    """What was filed; the others were not there any more."""

    ids: list[str]


class Taken(BaseModel):
    """It goes its way again."""

    id: str


class UpkeepApi:
    """The operations on dead letters and suspended messages."""

    def __init__(self, given_up: GivenUp, messages: SuspendedMessages, blocked: BlockedSenders, clock: Clock) -> None:
        self._given_up = given_up
        self._messages = messages
        self._blocked = blocked
        self._clock = clock

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/dead`, `/v1/suspended` and `/v1/blocked`."""
        dead, held, blocked = "/v1/dead", "/v1/suspended", "/v1/blocked"
        raw = Operation(
            method="GET",
            path="/v1/dead/{id}/raw",
            handler=self.raw,
            scope="admin",
            tag="upkeep",
            summary="Download the bytes of a dead letter",
            produces=OCTETS,
        )
        return [
            _operation("GET", dead, self.list_dead, "List what was given up, the newest first"),
            _operation("GET", f"{dead}/{{id}}", self.get_dead, "Read a dead letter"),
            raw,
            _operation("POST", f"{dead}/{{id}}/retry", self.retry, "Try a dead letter again"),
            _operation("DELETE", f"{dead}/{{id}}", self.drop_dead, "Drop a dead letter for good"),
            _operation("GET", held, self.list_suspended, "List what was set aside, the newest first"),
            _operation("POST", f"{held}/{{id}}/release", self.release, "File a suspended message after all"),
            _operation("DELETE", f"{held}/{{id}}", self.drop_suspended, "Throw a suspended message away"),
            _operation("POST", "/v1/suspended-releases", self.release_many, "File several suspended messages"),
            _operation("GET", blocked, self.list_blocked, "List the senders whose messages are suspended"),
            _operation("POST", blocked, self.block, "Suspend what an address or a domain sends from now on"),
            _operation("DELETE", f"{blocked}/{{sender}}", self.unblock, "File what a sender writes again"),
        ]

    async def list_dead(self, _: Call, query: PageQuery) -> Page[DeadLetterView]:
        """A page of dead letters of all queues and followers."""
        found = await self._given_up.behind(TimedPosition.of(query), query.limit + 1)
        page, more = found[: query.limit], len(found) > query.limit
        items = [self._given_up.view(letter) for letter in page]
        return Page(items=items, next=_cursor(position_of(page[-1])) if more else None)

    async def get_dead(self, _: Call, path: DeadLetterPath) -> DeadLetterView:
        """One dead letter."""
        return self._given_up.view(await self._given_up.letter(path.id))

    async def raw(self, _: Call, path: DeadLetterPath) -> web.Response:
        """The message as it came; for others, their payload."""
        letter = await self._given_up.letter(path.id)
        return download(await self._given_up.content(letter), f"{letter.id}.bin")

    async def retry(self, _: Call, path: DeadLetterPath) -> Taken:
        """Back into its lane, with all attempts ahead of it; a line of the feed once, before the next ones."""
        await self._given_up.decide(path.id, "retry")
        return Taken(id=path.id)

    async def drop_dead(self, _: Call, path: DeadLetterPath) -> None:
        """Nothing of it is kept."""
        await self._given_up.decide(path.id, "drop")

    async def list_suspended(self, _: Call, query: SuspendedQuery) -> Page[Suspended]:
        """A page of suspended messages."""
        suspended = TimedList(partial(self._newest_suspended, query.words), _suspended_place)
        found = await suspended.behind(TimedPosition.of(query), query.limit + 1)
        page, more = found[: query.limit], len(found) > query.limit
        return Page(items=page, next=_cursor(_suspended_place(page[-1])) if more else None)

    async def release(self, _: Call, path: SuspendedPath) -> Taken:
        """Filed like any other."""
        await self._messages.release(path.id)
        return Taken(id=path.id)

    async def drop_suspended(self, _: Call, path: SuspendedPath) -> None:
        """Nothing of it is kept."""
        await self._messages.drop(path.id, self._clock.now())

    async def release_many(self, _: Call, body: ReleaseBody) -> Released:
        """Each filed like any other."""
        filed = []
        for id_ in dict.fromkeys(body.ids):
            with suppress(NotFound):
                await self._messages.release(id_)
                filed.append(id_)
        return Released(ids=filed)

    async def list_blocked(self, _: Call) -> Blocks:
        """All of them."""
        return Blocks(items=list(await self._blocked.all()))

    async def block(self, call: Call, body: BlockBody) -> BlockedSender:
        """Blocking again keeps the first."""
        actor = actor_of(call.principal)
        return await self._blocked.block(body.whom, holds=body.holds, actor=actor, reason=body.reason)

    async def unblock(self, _: Call, path: SenderPath) -> None:
        """What was suspended meanwhile stays so."""
        await self._blocked.unblock(path.sender)

    async def _newest_suspended(self, words: str, limit: int, before: int | None) -> list[Suspended]:
        if words:
            return list(await self._messages.matching(words, limit=limit, before=before))
        return list(await self._messages.list(limit=limit, before=before))


def _operation(method: Literal["GET", "POST", "DELETE"], path: str, handler: Handler, summary: str) -> Operation:
    taken = method == "POST"
    return Operation(
        method=method,
        path=path,
        handler=handler,
        scope="admin",
        tag="upkeep",
        summary=summary,
        status=202 if taken else 200,
        idempotent=method != "GET",
    )


def _suspended_place(message: Suspended) -> TimedPosition:
    return TimedPosition(message.at, message.id)


def _cursor(place: TimedPosition) -> str:
    return cursor_at((place.at, place.member))
