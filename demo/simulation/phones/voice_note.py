"""A voice message that can be played, made here: silence in Ogg Opus, so that no recording of anybody is needed.

Ogg as RFC 3533 says, the two headers as RFC 7845 says, and packets of 20 ms in which Opus (RFC 6716) codes silence.
"""

import struct
from collections.abc import Sequence
from functools import cache, lru_cache

RATE = 48_000
_FRAME = RATE // 50
_SILENCE = b"\xf8\xff\xfe"  # one frame of 20 ms, full band, one channel
_FRAMES_A_PAGE = 50
_POLYNOMIAL = 0x04C11DB7
_BEGIN, _END = 2, 4


@lru_cache(maxsize=8)
def voice_note(seconds: int) -> bytes:
    """So many seconds of it."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, RATE, 0, 0)
    maker = b"demo"
    tags = b"OpusTags" + struct.pack("<I", len(maker)) + maker + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, _BEGIN), _page([tags], 1, 0, 0)]
    for second in range(seconds):
        flags = _END if second == seconds - 1 else 0
        pages.append(_page([_SILENCE] * _FRAMES_A_PAGE, 2 + second, (second + 1) * _FRAMES_A_PAGE * _FRAME, flags))
    return b"".join(pages)


def _page(packets: Sequence[bytes], number: int, position: int, flags: int) -> bytes:
    sizes, content = bytes(map(len, packets)), b"".join(packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, 1, number, 0) + bytes([len(sizes)]) + sizes
    checksum = struct.pack("<I", _checksum(head + content))
    return head[:22] + checksum + head[26:] + content


def _checksum(data: bytes) -> int:
    value, table = 0, _table()
    for byte in data:
        value = (value << 8) & 0xFFFFFFFF ^ table[value >> 24 ^ byte]
    return value


@cache
def _table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        return value & 0xFFFFFFFF

    return tuple(entry(byte << 24) for byte in range(256))
