"""Lists of `tag=value;`, the form of signatures, keys and policies (RFC 6376 section 3.2)."""

import re
from base64 import b64decode
from collections.abc import Mapping

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BLANKS = re.compile(r"[ \t\r\n]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class TagListError(ValueError):
    """The list cannot be read, or a value in it is none."""


def read_tags(text: str) -> Mapping[str, str]:
    """The values by tag; tags and values tell capitals apart. Raises TagListError."""
    tags: dict[str, str] = {}
    pieces = [piece.strip(" \t\r\n") for piece in text.split(";")]
    if pieces[-1] == "":
        pieces.pop()
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.rstrip(" \t\r\n")
        if not equals or not _TAG.fullmatch(name) or not value.isascii():
            raise TagListError(f"{piece[:40]!r} is no tag with a value")
        if name in tags:
            raise TagListError(f"{name}= stands there twice")
        tags[name] = value.lstrip(" \t\r\n")
    return tags


def without_blanks(value: str) -> str:
    """A value that may be folded anywhere."""
    return _BLANKS.sub("", value)


def decoded(tags: Mapping[str, str], tag: str) -> bytes:
    """The bytes of a value in base64; raises TagListError."""
    value = without_blanks(tags.get(tag, ""))
    if not _BASE64.fullmatch(value) or len(value) % 4:
        raise TagListError(f"{tag}= holds no bytes")
    return b64decode(value)


def number(tags: Mapping[str, str], tag: str) -> int | None:
    """The value as a number, None when the tag is not there; raises TagListError."""
    value = tags.get(tag)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 12:
        raise TagListError(f"{tag}= is no number")
    return int(value)
