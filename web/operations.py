"""Operations of an HTTP API, each declared once: what is declared is what is checked and what is published.

A handler takes a `Call` and, by name, models: `path`, `query`, `headers`, `body`. It returns a model, an `Answer` with
a model and headers, a ready response (`produces` then names its media type) or None (204). The order of checks is
fixed: token 401, scope 403, path 404, media type 415, size 413, JSON 400, then everything that is wrong with query,
headers and body at once, 422, then the guard, which knows who may do this to what is named, and only then the handler.
What it answers is told as far as the caller may know it (`Telling`).
A path that cannot name anything is 404, like one that names nothing.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from aiohttp import hdrs, web
from pydantic import BaseModel

from ..config.errors import NotFound, TrunklineError
from .binding import Parameters, read_json
from .body import demand_media_type, read_body
from .idempotency import IdempotencyStore, fingerprint_of, key_of, once
from .preconditions import expected_revision
from .problem import FieldError, invalid
from .tokens import Principal, Tokens, authenticate, demand

Content = TypeVar("Content")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler = Callable[..., Awaitable[Any]]

Guard = Callable[[Principal, str, Mapping[str, str]], Awaitable[None]]
"""Told who asks, the method and path as declared, and the names in the path. Raises Forbidden, NotFound."""

Telling = Callable[[Principal, BaseModel], Awaitable[BaseModel]]
"""Makes of an answer what this caller may be told of it."""

ANYBODY = Principal(name="anybody", scopes=frozenset())
BODY_LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Answer(Generic[Content]):
    """A model to answer with, when there is more to say than the model: status, ETag, Location."""

    body: Content
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request to an operation, its token already checked."""

    request: web.Request
    principal: Principal
    idempotency_key: str | None

    def expected_revision(self) -> int | None:
        """The revision in If-Match, None for `*`; ask after finding the record, so that 404 comes before 428."""
        return expected_revision(self.request)

    def seen_revision(self) -> int | None:
        """The same where If-Match may be left out, which is None."""
        return expected_revision(self.request) if hdrs.IF_MATCH in self.request.headers else None


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What the API offers at one method and path."""

    method: Method
    path: str
    handler: Handler
    summary: str
    tag: str
    scope: str | None
    """The scope a token must have; None leaves the operation open to anybody."""
    status: int = 200
    raises: tuple[type[TrunklineError], ...] = ()
    """Refusals beyond those that the declaration implies."""
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    """Further statuses that an `Answer` may choose."""
    idempotent: bool = False
    """Takes Idempotency-Key."""
    conditional: bool = False
    """Takes If-Match."""
    may_be_conditional: bool = False
    """Takes If-Match, and does without."""
    produces: str | None = None
    """The media type, when the handler returns a ready response."""
    takes: str | None = None
    """The media type, when the handler reads a body of bytes itself."""
    body_limit: int = BODY_LIMIT
    example: Mapping[str, Any] | None = None
    description: str = ""
    published: bool = True
    """Whether it stands in the document; streams without an end do not."""


def _models(handler: Handler) -> dict[str, Any]:
    target = getattr(handler, "__func__", handler)
    return get_type_hints(target)


def _plain(hint: Any) -> tuple[type[BaseModel] | None, bool]:
    """A model out of `Model`, `Model | None`, `Answer[Model]`; and whether None is allowed."""
    if get_origin(hint) in (Union, UnionType):
        choices = [choice for choice in get_args(hint) if choice is not type(None)]
        return _plain(choices[0])[0], len(choices) < len(get_args(hint))
    if get_origin(hint) is Answer:
        return _plain(get_args(hint)[0])
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return hint, False
    return None, True


class Endpoint:
    """An operation, its models found and prepared."""

    def __init__(
        self,
        operation: Operation,
        tokens: Tokens,
        store: IdempotencyStore | None,
        guard: Guard | None = None,
        telling: Telling | None = None,
    ) -> None:
        hints = _models(operation.handler)
        if operation.idempotent and store is None:
            raise TypeError(f"{operation.method} {operation.path} takes Idempotency-Key, but there is no store")
        self.operation = operation
        self.path = self._parameters(hints, "path")
        self.query = self._parameters(hints, "query") or Parameters(_NoParameters, "query")
        self.headers = self._parameters(hints, "headers")
        self.body, self.body_optional = _plain(hints.get("body"))
        self.result, _ = _plain(hints.get("return"))
        self._tokens = tokens
        self._store = store
        self._guard = guard
        self._telling = telling

    @staticmethod
    def _parameters(hints: dict[str, Any], name: Literal["path", "query", "headers"]) -> Parameters[Any] | None:
        model, _ = _plain(hints.get(name))
        return None if model is None else Parameters(model, "header" if name == "headers" else name)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler: check, call, answer."""
        operation = self.operation
        principal = ANYBODY
        if operation.scope is not None:
            principal = await authenticate(request, self._tokens)
            demand(principal, operation.scope, reading=operation.method == "GET")
        raw, arguments = await self._bound(request)
        if self._guard is not None:
            await self._guard(principal, f"{operation.method} {operation.path}", request.match_info)
        key = key_of(request) if operation.idempotent else None
        call = Call(request, principal, key)
        if key is None or self._store is None:
            return await self._carried_out(call, arguments)
        scoped = f"{principal.name}\0{operation.method}\0{operation.path}\0{key}"
        return await once(self._store, scoped, fingerprint_of(request, raw), lambda: self._response(call, arguments))

    async def _bound(self, request: web.Request) -> tuple[bytes, dict[str, Any]]:
        errors: list[FieldError] = []
        arguments: dict[str, Any] = {}
        if self.path is not None:
            arguments["path"] = self._path(request)
        query = self.query.read(list(request.query.items()), errors)
        if self.query.model is not _NoParameters:
            arguments["query"] = query
        if self.headers is not None:
            arguments["headers"] = self.headers.read(self._header_values(request, self.headers), errors)
        raw = b""
        if self.body is not None:
            raw = await self._raw(request)
            arguments["body"] = read_json(self.body, raw, errors) if raw or not self.body_optional else None
        if errors:
            raise invalid(errors)
        return raw, arguments

    def _path(self, request: web.Request) -> BaseModel:
        assert self.path is not None
        errors: list[FieldError] = []
        found: BaseModel | None = self.path.read(list(request.match_info.items()), errors)
        if found is None:
            raise NotFound("there is nothing at this address")
        return found

    @staticmethod
    def _header_values(request: web.Request, headers: Parameters[Any]) -> list[tuple[str, str]]:
        return [(name, value) for name in headers.kinds for value in request.headers.getall(name, ())]

    async def _raw(self, request: web.Request) -> bytes:
        if self.body_optional and not request.body_exists:
            return b""
        demand_media_type(request, "application/json")
        return await read_body(request, self.operation.body_limit)

    async def _carried_out(self, call: Call, arguments: dict[str, Any]) -> web.StreamResponse:
        result = await self.operation.handler(call, **arguments)
        if isinstance(result, web.StreamResponse):
            return result
        answer = result if isinstance(result, Answer) else Answer(result)
        if self._telling is not None and answer.body is not None:
            answer = replace(answer, body=await self._telling(call.principal, answer.body))
        return self._answered(answer)

    async def _response(self, call: Call, arguments: dict[str, Any]) -> web.Response:
        response = await self._carried_out(call, arguments)
        assert isinstance(response, web.Response), "a stream cannot be kept for a repeat"
        return response

    def _answered(self, answer: Answer[Any]) -> web.Response:
        if answer.body is None:
            return web.Response(status=answer.status or 204, headers=answer.headers)
        content = answer.body.model_dump_json(by_alias=True).encode()
        status = answer.status or self.operation.status
        return web.Response(status=status, body=content, content_type="application/json", headers=answer.headers)


async def expect(request: web.Request) -> None:
    """Answer `Expect: 100-continue`; ignore other expectations, as RFC 9110 section 10.1.1 lets us."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")


class _NoParameters(BaseModel):
    """An operation without parameters: any that is sent is named and refused."""
