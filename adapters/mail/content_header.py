"""Content-Type and Content-Disposition: a value and its parameters, however damaged.

`parse_content` never raises and takes linear time. It reads RFC 2231 continuations and character sets, RFC 2047 words
in parameters (forbidden, and what everybody sends), missing semicolons at a line break, unquoted file names with blanks
and brackets, quotes that never end, and back-slashes of Windows paths. A value without a type gives None.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from ...normalizer.charsets import decode_bytes
from ...normalizer.encoded_words import decode_escapes, decode_words

MAXIMUM_PARAMETERS = 100

# A quoted value or a comment is passed over whole; what is left to match are the places where a new parameter begins.
_BORDER = re.compile(
    r"""=[ \t\r\n]*"(?:[^"\\]|\\.)*"?"""
    r"""|(?:(?<=\s)|^)\([^()]*\)"""
    r"""|(?P<border>;|[\r\n]+[ \t]+(?=[\w!#$&+.^%*-]{1,60}[ \t]*=))""",
    re.DOTALL,
)
_COMMENT = re.compile(r"(?:(?<=\s)|^)\([^()]*\)")
_ESCAPED = re.compile(r"""\\(["'\\])""")
_SECTION = re.compile(r"(?P<name>[^*]+?)\s*(?:\*\s*(?P<index>\d{1,9})\s*)?(?P<extended>\*)?\Z")  # RFC 2231 section 7
_LINE_BREAK = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Content:
    """A media type or a disposition."""

    value: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def main(self) -> str:
        """`multipart` of `multipart/mixed`."""
        return self.value.partition("/")[0]

    @property
    def sub(self) -> str:
        """`mixed` of `multipart/mixed`; empty when there is none."""
        return self.value.partition("/")[2]


def parse_content(header: str) -> Content | None:
    """The value in lower case with its decoded parameters, or None when there is no value."""
    pieces = _pieces(header)
    value = "/".join(part.strip() for part in _without_comments(next(pieces)).split("/")).lower().rstrip("/")
    if not value or value.startswith("/"):
        return None
    return Content(decode_escapes(value), _joined(list(_parameters(pieces))))


def _pieces(header: str) -> Iterator[str]:
    begin = count = 0
    for match in _BORDER.finditer(header):
        if match["border"] is not None:
            yield header[begin : match.start()]
            begin = match.end()
            count += 1
            if count >= MAXIMUM_PARAMETERS:
                return
    yield header[begin:]


def _without_comments(text: str) -> str:
    text = _LINE_BREAK.sub(" ", text)
    for _ in range(3):  # comments nest; nobody nests them deeper
        if "(" not in text:
            break
        text = _COMMENT.sub("", text)
    return text.strip()


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    index: int
    extended: bool
    content: str


def _parameters(pieces: Iterator[str]) -> Iterator[_Section]:
    for piece in pieces:
        name, equals, value = piece.partition("=")
        match = _SECTION.match(name.strip().lower())
        if match is None or not equals:
            continue
        content = _value(value, match["name"])
        if content:
            whole = match["index"] is None
            # The whole extended form wins over the plain one: RFC 6266 section 4.3.
            index = -2 if whole and match["extended"] else -1 if whole else int(match["index"])
            yield _Section(decode_escapes(match["name"]), index, match["extended"] is not None, content)


def _value(raw: str, name: str) -> str:
    stripped = raw.lstrip()
    if stripped.startswith('"'):
        match = re.match(r'"((?:[^"\\]|\\.)*)', stripped, re.DOTALL)
        return _ESCAPED.sub(r"\1", _LINE_BREAK.sub("", match[1] if match else ""))
    if name in {"name", "filename"}:
        return _LINE_BREAK.sub("", stripped).strip()
    return _without_comments(stripped).removesuffix('"')


def _joined(sections: list[_Section]) -> dict[str, str]:
    by_name: dict[str, list[_Section]] = {}
    for section in sections:
        by_name.setdefault(section.name, []).append(section)
    return {name: _text(name, sorted(found, key=lambda section: section.index)) for name, found in by_name.items()}


def _text(name: str, sections: list[_Section]) -> str:
    first = sections[0]
    if first.index == -1:
        return first.content if name == "boundary" else decode_words(first.content)
    charset, data = "", b""
    for position, section in enumerate([first] if first.index == -2 else sections):
        content = section.content
        if section.extended and position == 0:
            charset, content = _charset(content)
        elif section.extended and charset:
            content = content.removeprefix(charset + "'")  # an early draft repeated it, and some still do
        plain = content.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(plain) if section.extended else plain
    if not any(section.extended for section in sections):
        return decode_words(data.decode("ascii", "surrogateescape"))
    return decode_bytes(data, charset)


def _charset(content: str) -> tuple[str, str]:
    parts = content.split("'", 2)
    return (parts[0], parts[2]) if len(parts) == 3 else ("", content)
