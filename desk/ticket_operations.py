"""What operations on tickets have in common: path, tag, scope, and that what writes can be refused and repeated."""

from typing import Any

from ..config.errors import Conflict
from ..web.operations import Handler, Method, Operation


def ticket_operation(
    method: Method, path: str, handler: Handler, summary: str, description: str = "", **more: Any
) -> Operation:
    """An operation below `/v1/tickets`; `more` are fields of it that differ from what is usual."""
    writes = method != "GET"
    usual: dict[str, Any] = {"idempotent": writes, "raises": (Conflict,) if writes else ()}
    return Operation(
        method=method,
        path=f"/v1/tickets{path}",
        handler=handler,
        scope="tickets:write" if writes else "tickets:read",
        tag="tickets",
        summary=summary,
        description=description,
        **(usual | more),
    )
