"""Where the pages of lists go on.

Tickets go on behind a ticket number. Lists that are kept by time (dead letters, suspended messages) go on behind a pair
(time, member), because several entries can have the same millisecond; within one they come in the order of the engine's
sorted sets, the greatest member first.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..config.errors import NotFound
from ..web.paging import PageQuery

Item = TypeVar("Item")

_TICKET = re.compile(r"[0-9]{12}\Z")
_DUE = re.compile(r"[0-9]{16}\|[0-9a-f-]{36}\Z")

Newest = Callable[[int, int | None], Awaitable[Sequence[Item]]]
"""Gives the newest entries: at most so many, older than this time if one is given."""


def ticket_position(query: PageQuery) -> str | None:
    """The place in a list of tickets that the cursor names. Raises NotFound."""
    position = query.position
    if position is None:
        return None
    if len(position) != 1 or not _TICKET.match(str(position[0])):
        raise NotFound("no page begins at this cursor")
    return str(position[0])


def due_position(query: PageQuery) -> tuple[str, str] | None:
    """The place in a list by due that the cursor names. Raises NotFound."""
    position = query.position
    if position is None:
        return None
    if len(position) != 2 or not _DUE.match(f"{position[0]}|{position[1]}"):
        raise NotFound("no page begins at this cursor")
    return str(position[0]), str(position[1])


def name_position(query: PageQuery) -> str:
    """The place in a list by name that the cursor names; empty at the beginning. Raises NotFound."""
    position = query.position
    if position is None:
        return ""
    if len(position) != 1 or not isinstance(position[0], str):
        raise NotFound("no page begins at this cursor")
    return position[0]


@dataclass(frozen=True)
class TimedPosition:
    """Behind which entry a list by time goes on."""

    at: int
    member: str

    @classmethod
    def of(cls, query: PageQuery) -> "TimedPosition | None":
        """The place that the cursor names. Raises NotFound."""
        position = query.position
        if position is None:
            return None
        if len(position) != 2 or not isinstance(position[0], int) or not isinstance(position[1], str):
            raise NotFound("no page begins at this cursor")
        return cls(position[0], position[1])


@dataclass(frozen=True)
class TimedList(Generic[Item]):
    """A list that is kept by time."""

    newest: Newest[Item]
    place: Callable[[Item], TimedPosition]

    async def behind(self, position: TimedPosition | None, limit: int) -> list[Item]:
        """Up to `limit` entries behind the position, the newest first."""
        if position is None:
            return list(await self.newest(limit, None))
        asked = limit + 1
        while True:
            found = await self.newest(asked, position.at + 1)
            behind = [item for item in found if _is_behind(self.place(item), position)]
            if len(behind) >= limit or len(found) < asked:
                return behind[:limit]
            asked *= 2  # more entries than that share the millisecond


def _is_behind(place: TimedPosition, position: TimedPosition) -> bool:
    return (place.at, place.member) < (position.at, position.member)
