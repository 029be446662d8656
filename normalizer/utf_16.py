"""Text in UTF-16 that does not say in which order its bytes stand, or that it is UTF-16 at all.

RFC 2781 section 4.3 takes text without a mark for big-endian; what is sent is mostly little-endian. The higher bytes of
a text are few, as it is in one script or two, and its blanks have a zero there.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

_SEEN = 4000
_FEWEST_ZEROS = 2


def byte_order(data: bytes) -> str:
    """The codec of bytes that are UTF-16."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-be" if len(set(data[:_SEEN:2])) < len(set(data[1:_SEEN:2])) else "utf-16-le"


def is_utf_16(data: bytes) -> bool:
    """Whether the bytes begin with a mark of UTF-16, or have zeros where only UTF-16 has them."""
    sample = data[: _SEEN & ~1]
    if not data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        zeros = sample[::2].count(0), sample[1::2].count(0)
        if min(zeros) or max(zeros) < _FEWEST_ZEROS:
            return False
    try:
        text = sample[: len(sample) & ~1].decode(byte_order(data))
    except UnicodeDecodeError:
        return False
    return len(text) > 1 and "\0" not in text


def decode_utf_16(data: bytes) -> str:
    """The text; half a character at the end is left out."""
    return data[: len(data) & ~1].decode(byte_order(data), "replace").removeprefix("\ufeff")
