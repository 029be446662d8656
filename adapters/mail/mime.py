"""The parts of a mail: a small, lenient MIME reader in linear time.

`read_mail` finds headers and parts and decodes nothing. It goes on where the standard (RFC 2045, 2046, 5322) gives up:
a container without its last delimiter, a delimiter that comes again after the last one, a boundary that is not the one
announced, headers without the empty line behind them, lines among the headers or before them that are none, line ends
of any kind. Bytes of headers that are no UTF-8 are read in the set that the mail's first text names or is in. A mail
inside the mail (message/rfc822) stays a leaf; one in a signed container (module `signed_container`) is its part.

It raises `Unreadable` for more parts, depth or headers than `limits` allows, and nothing else.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise

from ...config.errors import Unreadable
from ...normalizer.charset_guess import DOUBTFUL, likeliest
from ...normalizer.charsets import codec_name, decode_bytes
from . import limits
from .content_header import Content, parse_content
from .signed_container import MEDIA_TYPES, signed_content
from .stray_lines import begins_behind, goes_on_behind, is_parameter, line_at
from .transfer import decode_transfer

PLAIN = Content("text/plain")
_MESSAGE = Content("message/rfc822")

_HEADER = re.compile(rb"([!-9;-~\x80-\xff]+)[ \t]*:")
_TEXT_CHARSET = re.compile(
    rb"(?:\A|\n)content-type:\s{0,20}text/[^\r\n]{0,300}(?:\r?\n[ \t][^\r\n]{0,300}){0,5}?"
    rb"charset\s?=\s?[\"']?([\w.:-]{2,40})",
    re.IGNORECASE,
)
_GUESSED_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\r\n]{1,200})\r?\n(?=content-)", re.IGNORECASE)
_OUTSIDE = 64 * 1024
_MEDIA_TYPE = re.compile(r"[^\s/]+/[^\s/]+\Z")


class Headers:
    """Header fields in order; names in lower case, values as text, folded."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields

    def all(self, name: str) -> list[str]:
        """Every value of the name, in order."""
        return [value for key, value in self.fields if key == name]

    def get(self, name: str) -> str:
        """The first value of the name, empty when there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mail; a container has parts, a leaf has a body."""

    headers: Headers
    content: Content
    raw: bytes = b""  # of a container, what stands before its first delimiter and behind its last
    parts: tuple["Part", ...] = ()
    is_container: bool = False
    disposition: Content | None = field(default=None)

    @property
    def body(self) -> bytes:
        """The bytes of a leaf, without their transfer encoding."""
        return decode_transfer(self.raw, self.headers.get("content-transfer-encoding"))

    def containers(self) -> Iterator["Part"]:
        """All containers, in order, this one too when it is one."""
        if self.is_container:
            yield self
        for part in self.parts:
            yield from part.containers()

    def leaves(self) -> Iterator["Part"]:
        """All leaves, in order."""
        if not self.is_container:
            yield self
        for part in self.parts:
            yield from part.leaves()


def read_mail(raw: bytes) -> Part:
    """The mail as a tree of parts."""
    raw = raw.removeprefix(BOM_UTF8)
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return _Reader(raw).part(0, len(raw), PLAIN, depth=0)


def read_headers(raw: bytes) -> Headers:
    """Only the headers, of a mail that may be cut off anywhere."""
    return _Reader(raw).headers(0, len(raw))[0]


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._parts = 0
        self._header_bytes = 0
        self._header_lines = 0

    def part(self, start: int, end: int, default: Content, depth: int) -> Part:
        self._parts += 1
        if self._parts > limits.PARTS:
            raise Unreadable(f"more than {limits.PARTS} parts")
        if depth > limits.DEPTH:
            raise Unreadable(f"parts within parts, deeper than {limits.DEPTH}")
        headers, body = self.headers(start, end)
        content = _content_type(headers, default)
        disposition = parse_content(headers.get("content-disposition"))
        if content.main == "multipart":
            pieces = self._pieces(content, body, end)
            parts = tuple(
                self.part(first, last, _MESSAGE if content.sub == "digest" else PLAIN, depth + 1)
                for first, last in pieces
            )
            if parts:
                outside = self._outside(body, pieces, end)
                return Part(headers, content, outside, parts=parts, is_container=True, disposition=disposition)
            content = PLAIN  # nothing in it delimits anything: what is there is shown as it is
        leaf = Part(headers, content, self._raw[body:end], disposition=disposition)
        if _may_be_signed(leaf) and (signed := signed_content(leaf.body)) is not None:
            inner = self._inside(signed, depth + 1)
            return Part(headers, content, parts=(inner,), is_container=True, disposition=disposition)
        return leaf

    def _inside(self, raw: bytes, depth: int) -> Part:
        """The mail in other bytes, under the same limits."""
        outer, self._raw = self._raw, raw
        try:
            return self.part(0, len(raw), PLAIN, depth)
        finally:
            self._raw = outer

    def _outside(self, start: int, pieces: list[tuple[int, int]], end: int) -> bytes:
        """What stands outside of the parts, without the delimiters."""
        before = self._raw[start : pieces[0][0]][-_OUTSIDE:].split(b"\n")[:-2]
        between = [self._raw[last:first].split(b"\n")[2:-2] for (_, last), (first, _) in pairwise(pieces)]
        behind = self._raw[pieces[-1][1] : min(end, pieces[-1][1] + _OUTSIDE)].split(b"\n")[2:]
        return b"\n".join((*before, *chain.from_iterable(between), *behind)).strip()

    def headers(self, start: int, end: int) -> tuple[Headers, int]:
        fields: list[tuple[str, list[bytes]]] = []
        position = start
        while position < end:
            line, following = line_at(self._raw, position, end)
            if not line and (fields or not self._is_before(position, end)):
                position = following
                break
            match = _HEADER.match(line)
            if line[:1] in b" \t" and fields:
                fields[-1][1].append(line)
            elif match is not None:
                fields.append((match[1].decode("latin-1").lower(), [line[match.end() :]]))
            elif not (self._goes_on(line, following, end, fields) if fields else self._is_before(position, end)):
                break
            elif fields:
                fields[-1][1].append(b" " + line)
            position = following
            self._count(position - start)
        self._header_bytes += position - start
        self._count(0)
        return Headers([(name, self._value(lines)) for name, lines in fields]), position

    def _goes_on(self, line: bytes, following: int, end: int, fields: list[tuple[str, list[bytes]]]) -> bool:
        return is_parameter(line, fields[-1][1][-1]) or goes_on_behind(self._raw, following, end, fields)

    def _value(self, lines: list[bytes]) -> str:
        data = b"\r\n".join(lines)[: limits.HEADER]
        if b"\x1b$" in data:
            return decode_bytes(data)
        if data.isascii():
            return data.decode("ascii")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start >= limits.HEADER - 3:  # only the cut parts a character
                return data[: error.start].decode("utf-8")
        return decode_bytes(data, self._charset)

    def _is_before(self, position: int, end: int) -> bool:
        """Only a mail has lines before its headers; a part begins with them, or with its text."""
        return self._parts == 1 and begins_behind(self._raw, position, end)

    @cached_property
    def _charset(self) -> str:
        """Raw bytes in headers are nearly always in the set that the mail's own text names, or is in."""
        found = _TEXT_CHARSET.search(self._raw, 0, limits.HEADER_BLOCK)
        named = codec_name(found[1].decode("latin-1")) if found else None
        if named is None or named == "ascii" or named in DOUBTFUL:
            return likeliest(self._raw[: limits.HEADER_BLOCK], named if named in DOUBTFUL else "")
        return named

    def _count(self, block: int) -> None:
        self._header_lines += 1
        if self._header_lines > limits.HEADER_LINES:
            raise Unreadable(f"headers of all parts over more than {limits.HEADER_LINES} lines")
        if block > limits.HEADER_BLOCK:
            raise Unreadable(f"headers longer than {limits.HEADER_BLOCK} bytes")
        if self._header_bytes > limits.HEADERS:
            raise Unreadable(f"headers of all parts longer than {limits.HEADERS} bytes")

    def _pieces(self, content: Content, start: int, end: int) -> list[tuple[int, int]]:
        boundary = content.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
        # One inside may be the same with `--` behind it: each of its delimiters looks like the last one of this.
        inside = b'boundary="?' + re.escape(boundary) + b'--["\r\n;]'
        nested = boundary and re.search(inside, self._raw[start : min(end, start + _OUTSIDE)])
        pieces = self._delimited(boundary, start, end, closes=not nested) if boundary else []
        if not pieces:
            guessed = _GUESSED_BOUNDARY.search(self._raw, max(0, start - 1), min(end, start + 65536))
            pieces = self._delimited(guessed[1].rstrip(b" \t"), start, end, closes=True) if guessed else []
        return pieces

    def _delimited(self, boundary: bytes, start: int, end: int, *, closes: bool) -> list[tuple[int, int]]:
        pieces: list[tuple[int, int]] = []
        begin = -1
        closing = rb"(--)?" if closes else rb"(\b\B)?"
        delimiter = re.compile(rb"\n--" + re.escape(boundary) + closing + rb"[ \t]*(?:\r?\n|(?=\r\n?|\n)|\Z)")
        # The body begins behind a line end, so that a delimiter in its first line is found from one byte before; one
        # line end can stand behind one delimiter and before the next.
        position = max(0, start - 1)
        while (match := delimiter.search(self._raw, position, end)) is not None:
            if begin >= 0:
                last = match.start() - self._raw.startswith(b"\r", match.start() - 1)
                pieces.append((begin, max(begin, last)))
            begin = match.end() if match[1] is None else -1
            if len(pieces) > limits.PARTS:
                raise Unreadable(f"more than {limits.PARTS} parts")
            position = max(match.end() - 1, match.start() + 1)
        if begin >= 0:
            pieces.append((begin, max(begin, end)))
        return pieces


def _may_be_signed(leaf: Part) -> bool:
    name = leaf.disposition.parameters.get("filename", "") if leaf.disposition is not None else ""
    named = (name or leaf.content.parameters.get("name", "")).lower().endswith(".p7m")
    return leaf.content.value in MEDIA_TYPES or (named and leaf.content.value == "application/octet-stream")


def _content_type(headers: Headers, default: Content) -> Content:
    content = parse_content(headers.get("content-type"))
    if content is None:
        return default
    if _MEDIA_TYPE.match(content.value) is None:
        # RFC 2045 section 5.2: what is not a valid type is read as plain text; its parameters still help.
        return Content("text/plain", content.parameters)
    return content
