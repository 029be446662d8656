"""Keeps personal text out of the log.

What a log line needs are ids, counts and causes; who wrote and what, it does not need. Fields that carry people's words
or names are replaced by their length, credentials by a mark, and in every other text mail addresses, phone numbers and
credentials are blotted out. An exception's own words are left out where they tend to repeat the data at fault
(ValueError, LookupError, everything made of them): its type and the lines of our code it came through remain.

A peer's network address stays: without it nobody can find out who floods a gateway.
"""

import re
from collections.abc import Mapping, MutableMapping
from traceback import extract_tb
from types import TracebackType
from typing import Any

from ..config.errors import TrunklineError

PERSONAL = frozenset(
    {"text", "subject", "body", "html", "quoted", "signature", "content", "excerpt", "note", "message", "payload"}
    | {"name", "to", "to_name", "from", "sender", "recipient", "recipients", "email", "phone", "address_of", "author"}
    | {"mail_from", "rcpt_to", "identity", "identities", "names", "fields", "notes", "company"}
)
CREDENTIALS = frozenset({"authorization", "token", "secret", "password", "cookie", "key", "signature_header"})

FRAMES = 12
LONGEST = 2000

_BLOTS = (
    (re.compile(r"\b(?:tlk_|whsec_)[A-Za-z0-9+/_=-]{6,}"), "[credential]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 [credential]"),
    (re.compile(r"(?<=://)[^/@\s]+@"), "[credential]@"),
    (re.compile(r"[^\s<>(),:;\[\]]+@[^\s<>\"'(),:;\[\]]*[^\s<>\"'(),:;\[\].!?]"), "[address]"),
    (re.compile(r"(?<![\w.:-])\+\d[\d ()./-]{6,}\d"), "[number]"),
)


def redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor."""
    return {name: _value(name, value) for name, value in line.items()}


def _value(name: str, value: Any) -> Any:
    if name in PERSONAL and name != "event":
        return _length(value)
    if name in CREDENTIALS:
        return "[credential]"
    return clean(value)


def clean(value: Any) -> Any:
    """A value with what is personal blotted out of every text in it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _value(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(inner) for inner in value]
    if isinstance(value, BaseException):
        return words_of(value)
    return _length(value) if isinstance(value, bytes) else blot(str(value))


def blot(text: str) -> str:
    """A text without addresses, numbers and credentials."""
    for pattern, mark in _BLOTS:
        text = pattern.sub(mark, text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def words_of(error: BaseException) -> str:
    """An exception in a few words that carry no data."""
    if isinstance(error, TrunklineError):
        return blot(f"{type(error).__name__}: {error.detail}")
    if isinstance(error, ValueError | LookupError):
        return type(error).__name__
    return blot(f"{type(error).__name__}: {error}")


def trace_exceptions(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor for `exc_info`: type, words and frames of the exception and of what caused it."""
    given = line.pop("exc_info", None)
    error = _error(given)
    if error is not None:
        line["exception"] = [_trace(each) for each in _chain(error)]
    return line


def _error(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple) and len(given) == 3 and isinstance(given[1], BaseException):
        return given[1]
    if given:
        import sys

        return sys.exc_info()[1]
    return None


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found and len(found) < 5:
        found.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return found


def _trace(error: BaseException) -> dict[str, Any]:
    return {"error": words_of(error), "frames": _frames(error.__traceback__)}


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = extract_tb(traceback)[-FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    return "/".join(filename.split("/")[-2:])


def _length(value: Any) -> str:
    size = len(value) if hasattr(value, "__len__") else 1
    return f"[{size}]"
