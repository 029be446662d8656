"""What an opaque S/MIME container holds: a whole mail, signed, and readable by everybody.

Outlook and others sign a mail by putting it into a CMS SignedData value (RFC 8551 section 3.5.2, RFC 5652 section 5);
where a company signs by default, that is all its customers' mail. `signed_content` takes the content out and checks no
signature. It reads DER and BER, indefinite lengths and strings in pieces, and gives None for what is encrypted, only
compressed, damaged or no CMS. Linear time; never raises.
"""

from collections.abc import Iterator
from typing import NamedTuple

MEDIA_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = frozenset(map(bytes.fromhex, ("2a864886f70d010703", "2a864886f70d010706", "2a864886f70d0109100117")))
_SEQUENCE, _IDENTIFIER, _EXPLICIT, _STRING, _PIECES = 0x30, 0x06, 0xA0, 0x04, 0x24
_DEEPEST = 16
_MOST_PIECES = 100_000  # of a string; programs write thousands of bytes in each
_LONGEST_SKIPPED = 4096  # bytes of an element of indefinite length before the content: names of digests
_END = b"\0\0"


class _Damaged(Exception):
    pass


class _Element(NamedTuple):
    tag: int
    start: int
    end: int  # of the content; that of the parent, where the length is indefinite
    indefinite: bool = False


def signed_content(data: bytes) -> bytes | None:
    """The content that was signed, or None."""
    try:
        kind, explicit = _children(data, _element(data, 0, len(data)), _SEQUENCE, 2)
        if data[kind.start : kind.end] != _SIGNED_DATA or kind.tag != _IDENTIFIER:
            return None
        (signed,) = _children(data, explicit, _EXPLICIT, 1)
        _version, _digests, inner = _children(data, signed, _SEQUENCE, 3)
        _type, wrapped = _children(data, inner, _SEQUENCE, 2)
        (content,) = _children(data, wrapped, _EXPLICIT, 1)
        return b"".join(_strings(data, content))
    except _Damaged:
        return None


def is_enveloped(data: bytes) -> bool:
    """Whether it is encrypted: EnvelopedData, EncryptedData (RFC 5652), AuthEnvelopedData (RFC 5083)."""
    try:
        (kind,) = _children(data, _element(data, 0, len(data)), _SEQUENCE, 1)
    except _Damaged:
        return False
    return kind.tag == _IDENTIFIER and data[kind.start : kind.end] in _ENVELOPED


def _children(data: bytes, parent: _Element, tag: int, count: int) -> list[_Element]:
    """The first children of an element that must have this tag."""
    if parent.tag != tag:
        raise _Damaged
    found = [_element(data, parent.start, parent.end)]
    while len(found) < count:
        found.append(_element(data, _behind(data, found[-1], 0), parent.end))
    return found


def _strings(data: bytes, element: _Element) -> Iterator[bytes]:
    if element.tag == _STRING and not element.indefinite:
        yield data[element.start : element.end]
        return
    if element.tag != _PIECES:
        raise _Damaged
    position = element.start
    for _ in range(_MOST_PIECES):
        if position >= element.end or (element.indefinite and data[position : position + 2] == _END):
            return
        piece = _element(data, position, element.end)
        if piece.tag != _STRING or piece.indefinite:
            raise _Damaged
        yield data[piece.start : piece.end]
        position = piece.end
    raise _Damaged


def _behind(data: bytes, element: _Element, depth: int) -> int:
    """Where the next element begins."""
    if not element.indefinite:
        return element.end
    position, end = element.start, min(element.end, element.start + _LONGEST_SKIPPED)
    while position < end and depth < _DEEPEST:
        if data[position : position + 2] == _END:
            return position + 2
        position = _behind(data, _element(data, position, end), depth + 1)
    raise _Damaged


def _element(data: bytes, at: int, end: int) -> _Element:
    """ITU-T X.690 sections 8.1.2 and 8.1.3; tags above 30 are in no CMS value that is looked at."""
    if at + 2 > end:
        raise _Damaged
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        return _Element(tag, start, end, indefinite=True)
    if length > 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
        if size > 4:
            raise _Damaged
    if start + length > end:
        raise _Damaged
    return _Element(tag, start, start + length)
