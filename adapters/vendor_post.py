"""A post of a vendor, the messages in it, and what verifiers and splitters ask of it.

Anybody can post anything: the helpers raise Forged or Unreadable, and nothing else.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multidict import CIMultiDictProxy, MultiMapping

from ..config.errors import Forged, TrunklineError, Unreadable
from ..normalizer.envelope import RawMessage

_LONGEST_NAME = 200
_PLAIN = re.compile(
    r"(?!.*(?:literal|could not convert|\(\)|not enough values|too many values|isoformat|time data)).+\Z"
)  # ours
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Post:
    """A request of the vendor. `target` is path and query as they were sent; `account` stands in the path."""

    account: str
    method: str
    target: str
    query: MultiMapping[str]
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(frozen=True)
class Event:
    """One message in a body: the vendor's id of it, its kind, the conversation that it is filed in order with."""

    external_id: str
    kind: str
    lane: str
    content: bytes
    says: bytes | None = None
    """What a repeat says again, where `content` differs from one post to the next."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What `parse` finds in the transport facts of the raw message."""


def single_header(post: Post, name: str, longest: int = 512) -> str:
    """The value of a header that stands there once, in visible ASCII, not longer. Raises Forged."""
    values = post.headers.getall(name, ())
    if len(values) != 1 or not 0 < len(values[0]) <= longest or not values[0].isascii() or not values[0].isprintable():
        raise Forged(f"the header {name} is missing, there twice, or not what it has to be")
    return values[0]


def demand_equal(given: str | bytes, expected: str | bytes, what: str = "signature") -> None:
    """Compare what was given with what it has to be, in constant time; `what` is its name. Raises Forged."""
    one, other = (text.encode("utf-8", "replace") if isinstance(text, str) else text for text in (given, expected))
    if not hmac.compare_digest(one, other):
        raise Forged(f"the {what} does not match")


def read_json(body: bytes) -> Any:
    """The JSON of a body in UTF-8; halves of characters in its texts, which no store takes, become U+FFFD.

    Raises Unreadable.
    """
    try:
        value = json.loads(body.decode())
        return _whole(value) if _HALF.search(body) else value
    except (ValueError, RecursionError) as error:
        raise Unreadable("the body is not JSON in UTF-8") from error


def what_is_wrong(error: Exception) -> str:
    """Why what a vendor posts cannot be read, in words, without those of the language that this is written in."""
    match error:
        case TrunklineError():
            return error.detail
        case KeyError(args=(str(name), *_)):
            return f"it has no {name}"
        case LookupError():
            return "something that it has to have is not there"
        case ValueError() if type(error) is ValueError and _PLAIN.match(str(error)):
            return str(error)
        case ValueError() | OverflowError():
            return "a value in it is none that can be"
    return "a value in it is of another kind than it has to be"


def _whole(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [_whole(each) for each in value]
        case dict():
            return {_whole(name): _whole(each) for name, each in value.items()}
    return value


def json_bytes(value: Any) -> bytes:
    """One part of a body as a message of its own: the same bytes for the same value."""
    return json.dumps(value, separators=(",", ":")).encode()


def safe_id(given: str) -> str:
    """What a vendor calls something, as a name that every store takes: UTF-8, without NUL, of sane length."""
    name = given.encode("utf-8", "replace").decode().replace("\0", "?")
    return name if len(name) <= _LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()


def another_id(given: str, said: bytes) -> str:
    """The id of another message that came under a known one."""
    return f"{safe_id(given)}#{hashlib.sha256(said).hexdigest()[:16]}"


def filed_as(raw: RawMessage, given: str) -> str:
    """The external id of the envelope of a message that its vendor calls `given`: this, unless it was known before."""
    name = safe_id(given)
    return raw.external_id if raw.external_id.startswith(f"{name}#") else name
