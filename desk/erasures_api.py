"""Erasing a person over HTTP: first see what would go, then order it, then see how far it is. For administrators."""

from typing import Annotated

from pydantic import Field

from ..config.errors import Conflict
from ..router.erasure.erasure import Erasure
from ..router.erasure.erasure_record import ErasurePreview, ErasureRecord
from ..web.operations import Call, Handler, Method, Operation
from .acting_agent import actor_of
from .request_fields import Reason, RecordPath, RequestModel, Words


class EraseBody(RequestModel):
    """Who is meant, said once more, and why."""

    confirm: Annotated[Words, Field(description="One of the words that the preview names under `confirm`.")]
    reason: Reason = ""


class ErasuresApi:
    """The operations on erasures."""

    def __init__(self, erasure: Erasure) -> None:
        self._erasure = erasure

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/customers/{id}/erase` and `/v1/erasures`."""
        path = "/v1/customers/{id}/erase"
        return [
            _operation("GET", path, self.preview, "See what would go if a person were erased"),
            _operation(
                "POST",
                path,
                self.order,
                "Erase a person, with all records that are theirs",
                "It cannot be undone. Ask for the erasure by its id until its state is `done`.",
            ),
            _operation("GET", "/v1/erasures/{id}", self.get, "Read how far an erasure is"),
        ]

    async def preview(self, _: Call, path: RecordPath) -> ErasurePreview:
        """Nothing is written."""
        return await self._erasure.preview(path.id)

    async def order(self, call: Call, path: RecordPath, body: EraseBody) -> ErasureRecord:
        """Nobody finds them from now on; the rest follows."""
        actor = actor_of(call.principal)
        return await self._erasure.order(path.id, confirm=body.confirm, actor=actor, reason=body.reason)

    async def get(self, _: Call, path: RecordPath) -> ErasureRecord:
        """One erasure; who it was is not known any more."""
        return await self._erasure.erasure(path.id)


def _operation(method: Method, path: str, handler: Handler, summary: str, description: str = "") -> Operation:
    orders = method == "POST"
    return Operation(
        method=method,
        path=path,
        handler=handler,
        scope="admin",
        tag="customers",
        summary=summary,
        description=description,
        status=202 if orders else 200,
        idempotent=orders,
        raises=(Conflict,) if path.endswith("/erase") else (),
    )
