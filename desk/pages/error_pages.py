"""Errors of the pages: the same problems as in the API, said to a person.

What is known of an error is what its problem document says, so nothing internal comes to stand on a page.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ...config.errors import TrunklineError
from ...web.problem import problem, problem_of, unknown_problem

_HEADINGS: Mapping[int, str] = {
    401: "You are signed out",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This page does not take that",
    409: "Somebody was first",
    410: "This is no longer kept",
    413: "This is too large",
    429: "Too many requests",
    503: "We have trouble just now",
}
_ADVICE: Mapping[int, str] = {
    401: "Sign in again; what you were looking at is still there.",
    403: "Go back, or sign in with a token that may do this.",
    404: "The address may be mistyped, or what was here is gone. Go back to the desk.",
    409: "Go back and reload: the page then shows what is true now.",
    410: "Go back and reload the page.",
    429: "Wait a little and try again.",
    503: "Nothing that was received is lost. This page tries again by itself.",
}


def problem_for(error: Exception) -> web.Response:
    """The problem document for whatever a handler raised."""
    if isinstance(error, TrunklineError):
        return problem_of(error)
    if isinstance(error, web.HTTPException):
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status, "malformed")
        return problem(error.status, code, error.reason)
    return unknown_problem(error)


def error_facts(response: web.Response) -> dict[str, Any]:
    """What the error page shows of a problem document."""
    body: dict[str, Any] = json.loads(response.text or "{}")
    return {
        "code": response.status,
        "heading": _HEADINGS.get(response.status, "This did not work"),
        "detail": _sentence(str(body.get("detail", ""))),
        "advice": _ADVICE.get(response.status, "Go back and try again."),
        "case": str(body.get("instance", "")).removeprefix("urn:uuid:"),
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
