"""Errors as they leave over HTTP: RFC 9457 problem details.

Every body has `type`, `title`, `status`, `detail` and a stable `code` to branch on. `errors` names each field that was
wrong and where it stands. Only `public` of an error crosses the edge: an exception from outside the tree becomes a 503
that carries nothing but a case reference (`instance`), and the same reference goes to the log with the traceback.
Temporary errors carry Retry-After; 401 carries the challenge that RFC 9110 section 15.5.2 asks for.
"""

import uuid
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field

from ..config.errors import Invalid, Refused, Temporary, TrunklineError, Unauthenticated

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

Place = Literal["path", "query", "header", "body"]


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    place: Annotated[Place, Field(alias="in", description="Where the field stands.")]
    field: Annotated[str, Field(description="Its name; dots lead into objects, numbers into lists.")]
    detail: Annotated[str, Field(description="What is wrong with it.")]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(description="A URN that ends in the code.")]
    title: Annotated[str, Field(description="The status in words.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    detail: Annotated[str, Field(description="What is wrong, for a person.")]
    code: Annotated[str, Field(description="What is wrong, for a program; it does not change.")]
    instance: Annotated[str | None, Field(description="A case reference to quote, when the fault is ours.")] = None
    errors: Annotated[tuple[FieldError, ...] | None, Field(description="Each field that is wrong.")] = None
    agent: Annotated[str | None, Field(description="The agent who has it or was offered it, on 409.")] = None
    between: Annotated[
        tuple[Mapping[str, Any], ...] | None,
        Field(description="What others did meanwhile, on 409: kind (answered, sending, took, wrote), by, at, text."),
    ] = None
    reply_by: Annotated[int | None, Field(description="When the window for free answers shut, on window_shut.")] = None
    templates: Annotated[
        tuple[str, ...] | None, Field(description="Templates that can be sent all the same, on window_shut.")
    ] = None
    revision: Annotated[int | None, Field(description="The revision that the record is at, on 412.")] = None
    earliest: Annotated[int | None, Field(description="The position from which on lines are kept, on 410.")] = None


def invalid(errors: Iterable[FieldError]) -> Invalid:
    """The refusal that names every field that is wrong."""
    found = tuple(errors)
    return Invalid("; ".join(f"{error.field}: {error.detail}" for error in found), errors=found)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: tuple[FieldError, ...] | None = None,
    instance: str | None = None,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> web.Response:
    """The response for one problem."""
    body = Problem(
        type=f"urn:trunkline:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        instance=instance,
        errors=errors,
        **members,
    )
    content = body.model_dump_json(exclude_none=True).encode()
    return web.Response(status=status, body=content, content_type=MEDIA_TYPE, headers=headers)


_MEMBERS = ("agent", "revision", "earliest", "reply_by", "templates")


def problem_of(error: TrunklineError) -> web.Response:
    """The response for an error of the tree."""
    headers = {}
    retry_after = error.retry_after if isinstance(error, Temporary) else error.facts.get("retry_after")
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = str(error.facts.get("challenge", "Bearer"))
    errors = error.facts.get("errors") if isinstance(error, Refused) else None
    if errors is None and "field" in error.facts:
        errors = (FieldError(place="body", field=str(error.facts["field"]), detail=error.public),)
    instance = None if isinstance(error, Refused) else _reported(error)
    members: dict[str, Any] = {name: error.facts[name] for name in _MEMBERS if name in error.facts}
    if "between" in error.facts:
        members["between"] = tuple(each.model_dump(mode="json") for each in error.facts["between"])
    return problem(error.status, error.code, error.public, errors=errors, instance=instance, headers=headers, **members)


def unknown_problem(error: BaseException) -> web.Response:
    """The response for an exception from outside the tree: it counts as temporary, and nothing of it is shown."""
    instance = _reported(error)
    fallback = Temporary()
    return problem(503, TrunklineError.code, fallback.public, instance=instance, headers={"Retry-After": "5"})


def _reported(error: BaseException) -> str:
    instance = f"urn:uuid:{uuid.uuid4()}"
    if isinstance(error, Temporary):
        log.warning(
            "request refused for now", action="request_refused", code=error.code, case=instance, cause=error.detail
        )
    else:
        log.error("request failed", action="request_failed", case=instance, exc_info=error)
    return instance


_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}


def _problem_of_http(error: web.HTTPException) -> web.Response:
    """aiohttp's own refusals: no such path, wrong method, body over the application's limit."""
    code = _CODES.get(error.status, "malformed")
    kept = {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
    return problem(error.status, code, _DETAILS.get(error.status, error.reason), headers=kept)


_DETAILS = {
    404: "there is nothing at this address",
    405: "this address does not take this method",
    413: "the body is over the size that is taken",
}


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into problem details, and say no more of us than a name."""
    response = await _answered(request, handler)
    if not response.prepared:
        response.headers.setdefault(hdrs.SERVER, "Trunkline")
    return response


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except TrunklineError as error:
        return problem_of(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _problem_of_http(error)
    except Exception as error:
        if request.transport is None or request.transport.is_closing() or request.writer.output_size > 0:
            raise  # nobody is listening any more, or half an answer has left: only closing is honest
        return unknown_problem(error)
