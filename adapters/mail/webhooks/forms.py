"""The fields of a posted form, as bytes: `multipart/form-data` (RFC 7578) and `application/x-www-form-urlencoded`.

A mail in a field is not text, so nothing is decoded. Of fields with one name the first counts. Linear in its input.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from ....config.errors import Unreadable

MOST_FIELDS = 1000

_BOUNDARY = re.compile(r';[ \t]*boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NAME = re.compile(rb'(?im)^content-disposition:[ \t]*form-data\b[^\r\n]{0,200}?;[ \t]*name="([^"\r\n]{0,200})"')
_FILE = re.compile(rb'(?im)^content-disposition:[^\r\n]{0,500}?;[ \t]*filename="([^"\r\n]{0,500})"')
_TYPE = re.compile(rb"(?im)^content-type:[ \t]*([^\r\n]{1,200})")


@dataclass(frozen=True)
class Field:
    """What stands in a field; of a file also what it is called."""

    content: bytes
    file_name: str = ""
    media_type: str = ""


def read_form(content_type: str, body: bytes) -> Mapping[str, Field]:
    """The fields by name. Raises Unreadable."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(body)
    boundary = _BOUNDARY.search(content_type)
    if kind != "multipart/form-data" or boundary is None:
        raise Unreadable("the body is no form")
    found: dict[str, Field] = {}
    for name, value in _parts((boundary[1] or boundary[2]).encode("latin-1", "replace"), body):
        found.setdefault(name, value)
    return found


def bytes_of(fields: Mapping[str, Field], name: str) -> bytes:
    """A field as it came; empty when it is not there."""
    return fields[name].content if name in fields else b""


def text_of(fields: Mapping[str, Field], name: str) -> str:
    """A field that is in UTF-8."""
    return bytes_of(fields, name).decode("utf-8", "replace")


def _urlencoded(body: bytes) -> Mapping[str, Field]:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise Unreadable("the body is no form") from error
    return {name: Field(value.encode("latin-1")) for name, value in reversed(pairs)}


def _parts(boundary: bytes, body: bytes) -> Iterator[tuple[str, Field]]:
    """Name and bytes of every part. Raises Unreadable where there are too many, or the last one has no end."""
    delimiter = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(delimiter, MOST_FIELDS + 2)
    if len(pieces) > MOST_FIELDS + 2 or not pieces[-1].startswith(b"--"):
        raise Unreadable("the form has no end, or too many fields")
    for piece in pieces[1:-1]:
        head, _, value = piece.partition(b"\r\n\r\n")
        if name := _NAME.search(head):
            file, kind = _FILE.search(head), _TYPE.search(head)
            yield (
                name[1].decode("utf-8", "replace"),
                Field(
                    value,
                    file[1].decode("utf-8", "replace") if file else "",
                    kind[1].decode("ascii", "replace") if kind else "",
                ),
            )
