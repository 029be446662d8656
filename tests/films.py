"""Films and sounds of a few bytes, for tests: boxes of ISO/IEC 14496-12 with nothing to play."""

import struct


def box(kind: bytes, content: bytes, *, large: bool = False) -> bytes:
    """A box; a large one says its size in 64 bits."""
    if large:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


def header(length: int, scale: int, *, version: int = 0) -> bytes:
    """The header of a film that plays `length` of its `scale`ths of a second."""
    times = struct.pack(">II" if version == 0 else ">QQ", 0, 0)
    told = struct.pack(">II" if version == 0 else ">IQ", scale, length)
    return box(b"mvhd", bytes([version, 0, 0, 0]) + times + told + bytes(80))


def sound(length: int, scale: int, *, version: int = 0) -> bytes:
    """An M4A whose data stand before its header, as recorders write it."""
    media = box(b"mdat", b"\0" * 1000, large=version == 1)
    return (
        box(b"ftyp", b"M4A \0\0\0\0") + media + box(b"moov", box(b"free", b"") + header(length, scale, version=version))
    )
