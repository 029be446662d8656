"""Outlook's winmail.dat (MS-OXTNEF): a letter and its files in one file that no other program shows.

`open_tnef` takes out the text, as HTML where there is some, and the files with their names; None when it is damaged or
none. Formatted text that is only there as compressed RTF is read by `rich_text`. Names and texts in 8 bits are read in
the code page that the file names. Linear time; at most `_FILES` files, a file that has more is left as it is.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...normalizer.charsets import decode_bytes
from .bodies import file_name
from .content_header import Content, parse_content
from .mime import Headers, Part
from .rich_text import read_rich_text

MEDIA_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _MAPI, _CODE_PAGE = 0x800C, 0x9003, 0x9007  # attributes of the letter
_RENDERING, _DATA, _TITLE, _ATTACHMENT = 0x9002, 0x800F, 0x8010, 0x9005  # of a file; the first begins one
_STRING, _UNICODE, _OBJECT, _BINARY, _MANY = 0x1E, 0x1F, 0x0D, 0x102, 0x1000
_SIZES = {2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
_PLAIN, _HTML, _RTF, _PAGE = 0x1000, 0x1013, 0x1009, 0x3FDE  # properties
_LONG_NAME, _NAME, _KIND, _ID = 0x3707, 0x3704, 0x370E, 0x3712
_NAMED = 0x8000
_FILES = 500
_PROPERTIES = 20_000


def is_tnef(part: Part) -> bool:
    """Whether the part says that it is such a file."""
    named = file_name(part).lower() == "winmail.dat" and part.content.value == "application/octet-stream"
    return part.content.value in MEDIA_TYPES or named


class _Damaged(Exception):
    pass


@dataclass(slots=True)
class Letter:
    """What was in it; `whole` when nothing in it was left, such as a message that it holds."""

    text: Part | None = None
    files: list[Part] = field(default_factory=list)
    whole: bool = True


def open_tnef(data: bytes) -> Letter | None:
    """The letter in these bytes, or None."""
    if not data.startswith(_SIGNATURE):
        return None
    try:
        return _letter(list(_attributes(data)))
    except (_Damaged, struct.error):
        return None


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position + 9 <= len(data):
        _, name, _, length = struct.unpack_from("<BHHI", data, position)
        position += 9
        if position + length > len(data):
            raise _Damaged
        yield name, data[position : position + length]
        position += length + 2  # behind its checksum


@dataclass(slots=True)
class _File:
    data: bytes = b""
    title: bytes = b""
    properties: Mapping[int, bytes | str] = field(default_factory=dict)


def _letter(attributes: Sequence[tuple[int, bytes]]) -> Letter:
    code_page, body = "cp1252", b""
    properties: Mapping[int, bytes | str] = {}
    files: list[_File] = []
    for name, value in attributes:
        if name == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _BODY:
            body = value
        elif name == _MAPI:
            properties = _properties(value, code_page)
        elif name == _RENDERING:
            files.append(_File())
        elif files and name == _DATA:
            files[-1].data = value
        elif files and name == _TITLE:
            files[-1].title = value
        elif files and name == _ATTACHMENT:
            files[-1].properties = _properties(value, code_page)
    if len(files) > _FILES:
        raise _Damaged
    parts = [_part(file, code_page) for file in files if file.data]
    return Letter(text=_text(properties, body, code_page), files=parts, whole=len(parts) == len(files))


def _text(properties: Mapping[int, bytes | str], body: bytes, code_page: str) -> Part | None:
    html, plain = properties.get(_HTML), properties.get(_PLAIN)
    if isinstance(html, bytes):
        page = properties.get(_PAGE)
        number = struct.unpack_from("<I", page)[0] if isinstance(page, bytes) and len(page) >= 4 else 0
        html = decode_bytes(html, {65001: "utf-8", 0: ""}.get(number, f"cp{number}"))
    rich = properties.get(_RTF)
    if not html and isinstance(rich, bytes):
        is_html, text = read_rich_text(rich)
        html, plain = (text, plain) if is_html else ("", plain or text)
    if html and str(html).strip("\0 \r\n"):
        return _made("text/html", str(html))
    plain = plain if isinstance(plain, str) else decode_bytes((plain or body).rstrip(b"\0"), code_page)
    return _made("text/plain", plain) if plain.strip("\0 \r\n") else None


def _made(kind: str, text: str) -> Part:
    return Part(Headers([]), Content(kind, {"charset": "utf-8"}), text.strip("\0").encode("utf-8", "replace"))


def _part(file: _File, code_page: str) -> Part:
    known = {name: _word(file.properties.get(name), code_page) for name in (_LONG_NAME, _NAME, _KIND, _ID)}
    name = known[_LONG_NAME] or known[_NAME] or _word(file.title, code_page)
    content = parse_content(known[_KIND]) or Content("application/octet-stream")
    headers = Headers([("content-id", f"<{known[_ID]}>")] if known[_ID] else [])
    return Part(headers, content, file.data, disposition=Content("attachment", {"filename": name} if name else {}))


def _word(value: bytes | str | None, code_page: str) -> str:
    text = value if isinstance(value, str) else decode_bytes(value or b"", code_page)
    return text.partition("\0")[0].strip()


def _properties(data: bytes, code_page: str) -> Mapping[int, bytes | str]:
    """The last value of each property (MS-OXTNEF section 2.1.3.4)."""
    (count,) = struct.unpack_from("<I", data)
    found: dict[int, bytes | str] = {}
    position = 4
    for _ in range(min(count, _PROPERTIES)):
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        if name >= _NAMED:
            position = _behind_name(data, position)
        values, position = _values(data, position, kind)
        for value in values[:1]:
            text = {_STRING: code_page, _UNICODE: "utf-16-le"}.get(kind)
            found[name] = value if text is None else decode_bytes(value, text).strip("\0")
    return found


def _behind_name(data: bytes, position: int) -> int:
    (kind,) = struct.unpack_from("<I", data, position + 16)
    if kind == 0:
        return position + 24
    (length,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + _padded(length)


def _values(data: bytes, position: int, kind: int) -> tuple[list[bytes], int]:
    single = kind & ~_MANY
    size = _SIZES.get(single)
    if kind == single and size is not None:
        return [data[position : position + size]], position + _padded(size)
    (count,) = struct.unpack_from("<I", data, position)
    position += 4
    values: list[bytes] = []
    for _ in range(min(count, _PROPERTIES)):
        length = size
        if length is None:
            if single not in {_STRING, _UNICODE, _OBJECT, _BINARY}:
                raise _Damaged
            (length,) = struct.unpack_from("<I", data, position)
            position += 4
        if position + length > len(data):
            raise _Damaged
        values.append(data[position : position + length])
        position += _padded(length)
    return values, position


def _padded(length: int) -> int:
    return (length + 3) & ~3
