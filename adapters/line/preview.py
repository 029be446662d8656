"""The picture that LINE shows of a film, or of a picture that is too large to be its own preview: a plain grey one.

LINE wants a preview of each, up to 1 MB, and nothing here can make one.
"""

import struct
import zlib

SIDE = 240
_GREY = 0xD0


def _chunk(kind: bytes, content: bytes) -> bytes:
    """PNG (ISO/IEC 15948), section 5.3."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PREVIEW = b"".join(
    (
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress((b"\0" + bytes([_GREY]) * SIDE) * SIDE)),
        _chunk(b"IEND", b""),
    )
)
