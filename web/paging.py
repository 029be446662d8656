"""Lists in pages: `?cursor=&limit=` in, `{items, next}` out.

A cursor holds the place after which the next page begins: the sort values of the last item, as text or whole numbers.
It is opaque to callers and no secret. One that cannot be read names no page: 404, so a client that kept it too long
begins again.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json

from ..config.errors import NotFound

Item = TypeVar("Item")

Position = tuple[str | int, ...]


class PageQuery(BaseModel):
    """The parameters of every list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cursor: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,512}$", description="Where to go on: `next` of the page before.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=200, description="How many items at most.")] = 50

    @property
    def position(self) -> Position | None:
        """The place to go on from; None at the beginning. Raises NotFound."""
        return None if self.cursor is None else position_of(self.cursor)


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: Annotated[list[Item], Field(description="The items, in the order of the list.")]
    next: Annotated[str | None, Field(description="The cursor of the next page; null on the last.")] = None


def cursor_at(position: Position) -> str:
    """The cursor for a place in a list."""
    return urlsafe_b64encode(to_json(list(position))).rstrip(b"=").decode()


def position_of(cursor: str) -> Position:
    """The place that a cursor holds. Raises NotFound."""
    try:
        values = from_json(urlsafe_b64decode(cursor.encode("ascii", "replace") + b"==="), allow_inf_nan=False)
    except (ValueError, binascii.Error) as error:
        raise NotFound("no page begins at this cursor") from error
    if not isinstance(values, list) or not values or not all(_sortable(value) for value in values):
        raise NotFound("no page begins at this cursor")
    return tuple(values)


def _sortable(value: object) -> bool:
    return isinstance(value, str) or (type(value) is int and abs(value) < 2**53)
