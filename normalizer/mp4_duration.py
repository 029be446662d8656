"""How long an MP4 or M4A plays, read from the header of its film (ISO/IEC 14496-12, sections 4.2 and 8.2.2). Pure.

Boxes are walked over without being read, so a large file costs as little as a small one. What is broken has none.
"""

import os
import struct
from typing import BinaryIO

_MOST_BOXES = 1000


def duration_of(file: BinaryIO) -> int | None:
    """Milliseconds, rounded up; None for what is no such file, or does not say. The place in the file moves."""
    end = file.seek(0, os.SEEK_END)
    film = _box(file, b"moov", 0, end)
    header = _box(file, b"mvhd", *film) if film else None
    if header is None:
        return None
    file.seek(header[0])
    content = file.read(32)
    form, skipped = (">IQ", 20) if content[:1] == b"\x01" else (">II", 12)
    try:
        scale, length = struct.unpack_from(form, content, skipped)
    except struct.error:
        return None
    return -(-length * 1000 // scale) if scale and length else None


def _box(file: BinaryIO, wanted: bytes, begin: int, end: int) -> tuple[int, int] | None:
    """Where the content of the first box of this kind begins and ends."""
    for _ in range(_MOST_BOXES):
        if begin + 8 > end:
            return None
        file.seek(begin)
        size, kind = struct.unpack(">I4s", file.read(8))
        inside = begin + 8
        if size == 1:
            size, inside = int.from_bytes(file.read(8), "big"), begin + 16
        after = end if size == 0 else begin + size
        if after < inside or after > end:
            return None
        if kind == wanted:
            return inside, after
        begin = after
    return None
