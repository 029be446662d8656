"""Content-Transfer-Encoding: base64, quoted-printable and uuencode, however damaged.

`decode_transfer` never raises, takes linear time, and gives what can be rescued. An encoding that nobody knows leaves
the bytes as they are (RFC 2045 section 6.4 would make the part unreadable; people prefer to see it), and so does base64
that a server only announced: a text that was decoded on its way is shown, not its letters taken for code.
"""

import binascii
import re
from collections.abc import Iterator
from io import BytesIO

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_FOOTER = re.compile(rb"\n[-_*#]{2}")  # what mailing lists put behind an encoded text
_WRITTEN = re.compile(rb"[^\s=][ \t]+[^\s=]|[^\sA-Za-z0-9+/=_-]")  # in a line: nobody's base64
_ENCODED_LINE = re.compile(rb"\s*(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?\s*(?:\n|\Z)")
_LOOKED_AT = 4096
_MOST_PIECES = 1000
_TRAILING = re.compile(rb"[ \t]\r?(?:\n|\Z)|\r\r")
_PIECE = 64 * 1024
_UU_END = frozenset({b"end", b"`", b""})
_BASE64_LINES = re.compile(rb"[A-Za-z0-9+/=\s]+\Z")
_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]", re.MULTILINE)


def decode_transfer(raw: bytes, encoding: str) -> bytes:
    """The bytes that were encoded."""
    name = encoding.partition(";")[0].partition("(")[0].strip(" \t\r\n\"'").lower()
    if name in {"base64", "base-64", "b64"}:
        return _base64(raw)
    if name in {"quoted-printable", "quotedprintable", "qp"}:
        return _quoted_printable(raw)
    if name in {"x-uuencode", "x-uue", "uuencode", "uue"}:
        return _uuencode(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    footer = _FOOTER.search(raw)
    encoded = raw[: footer.start()] if footer else raw
    if not encoded.strip() or _is_plain(encoded[:_LOOKED_AT]):
        return raw
    return _rescued(encoded) or raw


def _rescued(raw: bytes) -> bytes:
    end = raw.find(b"=")
    if end < 0:
        return _base64_run(raw)
    rest = raw[end:].lstrip(b"= \t\r\n")
    decoded = _base64_run(raw[:end])
    # Some senders encode in pieces, each with its padding; what else stands behind the padding was not encoded.
    if rest and _BASE64_LINES.match(rest) is not None:
        decoded += b"".join(_base64_run(piece) for piece in rest.split(b"=", _MOST_PIECES))
    return decoded


def _is_plain(beginning: bytes) -> bool:
    """Most of it stands in lines that hold what base64 does not; a footer below an encoded line does not count."""
    if _ENCODED_LINE.match(beginning):
        return False
    lines = [line.strip() for line in beginning.splitlines()]
    return 2 * sum(len(line) for line in lines if _WRITTEN.search(line)) > sum(map(len, lines))


def _base64_run(piece: bytes) -> bytes:
    alphabet = piece.translate(None, _NOT_BASE64)
    if len(alphabet) % 4 == 1:
        alphabet = alphabet[:-1]
    return binascii.a2b_base64(alphabet + b"=" * (-len(alphabet) % 4))


def _quoted_printable(raw: bytes) -> bytes:
    decoded = BytesIO()  # gives its bytes without a copy
    for piece in _pieces(raw, 0):
        decoded.write(binascii.a2b_qp(_without_trailing_blanks(piece) if _TRAILING.search(piece) else piece))
    return decoded.getvalue()


def _without_trailing_blanks(piece: bytes) -> bytes:
    # RFC 2045 section 6.7 rule 3: white space at the end of a line was added on the way.
    ends = b"\r\n" if b"\r\n" in piece else b"\n"
    return ends.join(line.rstrip(b" \t\r") for line in piece.split(b"\n"))


def _uuencode(raw: bytes) -> bytes:
    begin = _UU_BEGIN.search(raw)
    start = raw.find(b"\n", begin.start()) + 1 if begin else 0
    decoded = BytesIO()
    for piece in _pieces(raw, start or (len(raw) if begin else 0)):
        for line in piece.splitlines():
            if line.strip() in _UU_END:
                return decoded.getvalue()
            decoded.write(_uu_line(line))
    return decoded.getvalue()


def _pieces(raw: bytes, start: int) -> Iterator[bytes]:
    """The bytes in pieces that end where lines do: all short lines of a large file at once take many times its size."""
    while start < len(raw):
        end = raw.find(b"\n", start + _PIECE) + 1 or len(raw)
        yield raw[start:end]
        start = end


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders append what does not count; the first character says how much does.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""
