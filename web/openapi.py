"""An HTTP API: operations in, routes and their OpenAPI 3.1 document out, both from the same declaration.

    api = Api(title="Trunkline", version="1", tokens=tokens, store=store)
    api.add(Operation(method="GET", path="/v1/tickets", handler=tickets.list, scope="tickets:read", …))
    api.mount(application)

The document stands at `/v1/openapi.json`, open to anybody, and is made when it is first asked for, because making it
takes a fifth of a start. Every status that an operation can answer is in it: what the declaration implies (token,
parameters, body, preconditions), what `raises` names, and 503, because our own trouble can meet any of them. Paths that
are served elsewhere are added with `describe`.
"""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ..config.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Overloaded,
    PreconditionFailed,
    PreconditionRequired,
    Refused,
    Temporary,
    TooLarge,
    TrunklineError,
    Unauthenticated,
    UnsupportedMediaType,
)
from .binding import REFERENCE, parameter_schemas
from .bodies import RequestTimeout
from .idempotency import HEADER, KEY_PATTERN, IdempotencyStore
from .operations import Endpoint, Guard, Operation, Telling, expect
from .paging import PageQuery
from .preconditions import IF_MATCH_PATTERN
from .problem import MEDIA_TYPE, Problem
from .tokens import Tokens

DOCUMENT_PATH = "/v1/openapi.json"

Json = dict[str, Any]


class Api:
    """Collects operations; mounts them and publishes their document."""

    def __init__(
        self,
        *,
        title: str,
        version: str,
        tokens: Tokens,
        store: IdempotencyStore | None = None,
        guard: Guard | None = None,
        telling: Telling | None = None,
        description: str = "",
    ) -> None:
        self._info = {"title": title, "version": version, "description": description}
        self._tokens = tokens
        self._store = store
        self._guard = guard
        self._telling = telling
        self._endpoints: list[Endpoint] = []
        self._described: dict[str, Json] = {}
        self._published = b""

    @property
    def operations(self) -> list[Operation]:
        """What is declared."""
        return [endpoint.operation for endpoint in self._endpoints]

    def add(self, *operations: Operation) -> None:
        """Declare operations."""
        shared = (self._tokens, self._store, self._guard, self._telling)
        self._endpoints.extend(Endpoint(operation, *shared) for operation in operations)

    def describe(self, path: str, item: Mapping[str, Any]) -> None:
        """Publish a path item that is served by somebody else."""
        self._described[path] = dict(item)

    def mount(self, application: web.Application) -> None:
        """Add the routes, and that of the document."""

        async def document(_: web.Request) -> web.Response:
            self._published = self._published or await asyncio.to_thread(self._content)
            return web.Response(body=self._published, content_type="application/json")

        for endpoint in self._endpoints:
            operation = endpoint.operation
            application.router.add_route(operation.method, operation.path, endpoint.serve, expect_handler=expect)
        application.router.add_get(DOCUMENT_PATH, document)

    def _content(self) -> bytes:
        return json.dumps(self.document(), ensure_ascii=False).encode()

    def document(self) -> Json:
        """The OpenAPI 3.1 document."""
        published = [endpoint for endpoint in self._endpoints if endpoint.operation.published]
        schemas, references = _schemas(published)
        paths: dict[str, Json] = {}
        for endpoint in published:
            item = paths.setdefault(endpoint.operation.path, {})
            item[endpoint.operation.method.lower()] = _operation(endpoint, references)
        return {
            "openapi": "3.1.0",
            "info": {name: value for name, value in self._info.items() if value},
            "servers": [{"url": "/"}],
            "paths": {**paths, **self._described},
            "components": {
                "schemas": schemas,
                "parameters": {"IdempotencyKey": _parameter(HEADER, "header", False, _KEY)},
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            },
        }


def _schemas(endpoints: list[Endpoint]) -> tuple[Json, dict[Any, Json]]:
    """The components, and for each (model, mode) the schema to put in its place."""
    wanted: dict[Any, None] = {(Problem, "serialization"): None}
    for endpoint in endpoints:
        if endpoint.body is not None:
            wanted[(endpoint.body, "validation")] = None
        for model in _results(endpoint).values():
            if model is not None:
                wanted[(model, "serialization")] = None
        for parameters in (endpoint.path, endpoint.query, endpoint.headers):
            if parameters is not None:
                wanted[(parameters.model, "validation")] = None
    references, definitions = models_json_schema(list(wanted), ref_template=REFERENCE)
    schemas: Json = dict(definitions.get("$defs", {}))
    for endpoint in endpoints:
        for parameters in (endpoint.path, endpoint.query, endpoint.headers):
            if parameters is not None:
                name = references[(parameters.model, "validation")]["$ref"].rpartition("/")[2]
                schemas.pop(name, None)
    return schemas, dict(references)


def _results(endpoint: Endpoint) -> dict[int, type[BaseModel] | None]:
    operation = endpoint.operation
    empty = endpoint.result is None and operation.produces is None
    return {204 if empty else operation.status: endpoint.result, **operation.also}


def _operation(endpoint: Endpoint, references: Mapping[Any, Json]) -> Json:
    operation = endpoint.operation
    described: Json = {
        "operationId": _operation_id(operation),
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": _responses(endpoint, references),
        "security": [] if operation.scope is None else [{"bearer": [operation.scope]}],
    }
    words = [operation.description, _TAKES_KEY if operation.idempotent else ""]
    if any(words):
        described["description"] = " ".join(filter(None, words))
    if parameters := _parameters(endpoint):
        described["parameters"] = parameters
    if endpoint.body is not None:
        content: Json = {"schema": references[(endpoint.body, "validation")]}
        if operation.example is not None:
            content["example"] = dict(operation.example)
        described["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": {"application/json": content},
        }
    if operation.takes is not None:
        described["requestBody"] = {"required": True, "content": {operation.takes: {}}}
    return described


def _operation_id(operation: Operation) -> str:
    steps = [step.strip("{}") for step in operation.path.split("/") if step and step != "v1"]
    return "_".join((operation.method.lower(), *steps))


def _parameters(endpoint: Endpoint) -> list[Json]:
    found: list[Json] = []
    for parameters in (endpoint.path, endpoint.query, endpoint.headers):
        if parameters is not None:
            required = set(parameters.model.model_json_schema().get("required", ()))
            for name, schema in parameter_schemas(parameters.model).items():
                found.append(_parameter(name, parameters.place, name in required or parameters.place == "path", schema))
    if endpoint.operation.conditional:
        found.append(_parameter("If-Match", "header", True, _TAG))
    if endpoint.operation.may_be_conditional:
        found.append(_parameter("If-Match", "header", False, _TAG))
    return found


_KEY = {
    "type": "string",
    "pattern": KEY_PATTERN,
    "description": "A value of your own for one write: sent again with it, the same request is carried out once.",
}
_TAG = {
    "type": "string",
    "pattern": IF_MATCH_PATTERN,
    "description": 'The revision that you have seen, in quotes, like `"17"` (bare or weak is taken too); `*` for any.',
}
# The key stands among the components and in words, not among each operation's parameters: a value may be used for one
# request only, which a schema cannot say, so whoever makes requests from the document would use one value for many.
_TAKES_KEY = "Takes `Idempotency-Key` (see `components/parameters/IdempotencyKey`)."


def _parameter(name: str, place: str, required: bool, schema: Json) -> Json:
    words = {"description": schema["description"]} if "description" in schema else {}
    kept = {key: value for key, value in schema.items() if key != "description"}
    return {"name": name, "in": place, "required": required, "schema": kept, **words}


def _implied(endpoint: Endpoint) -> list[type[TrunklineError]]:
    """The refusals that follow from the declaration."""
    operation = endpoint.operation
    found: list[type[TrunklineError]] = [Refused, Invalid, Temporary]
    if operation.scope is not None:
        found += [Unauthenticated, Forbidden]
    if endpoint.path is not None or issubclass(endpoint.query.model, PageQuery):
        found.append(NotFound)
    if endpoint.body is not None or operation.takes is not None:
        found += [Overloaded, RequestTimeout, TooLarge, UnsupportedMediaType]
    if operation.idempotent:
        found.append(Conflict)
    if operation.conditional:
        found += [PreconditionFailed, PreconditionRequired]
    if operation.may_be_conditional:
        found.append(PreconditionFailed)
    return found


def _responses(endpoint: Endpoint, references: Mapping[Any, Json]) -> Json:
    described: dict[int, Json] = {}
    for status, model in _results(endpoint).items():
        described[status] = {"description": HTTPStatus(status).phrase}
        if model is not None:
            described[status]["content"] = {"application/json": {"schema": references[(model, "serialization")]}}
        elif endpoint.operation.produces is not None:
            described[status]["content"] = {endpoint.operation.produces: {}}
    problem = {MEDIA_TYPE: {"schema": references[(Problem, "serialization")]}}
    for error in (*_implied(endpoint), *endpoint.operation.raises):
        described.setdefault(error.status, {"description": HTTPStatus(error.status).phrase, "content": problem})
    return {str(status): described[status] for status in sorted(described)}
