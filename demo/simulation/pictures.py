"""A photo of a broken lamp, drawn here: what customers attach, so that no picture has to lie in the repository.

PNG as ISO/IEC 15948 says: signature, header, one compressed block of rows of 8-bit RGB without filters, end.
"""

import struct
import zlib
from functools import lru_cache
from random import Random

from .chance import chance

WIDTH, HEIGHT = 320, 240

_Color = tuple[int, int, int]

_WALL: tuple[_Color, ...] = ((214, 205, 192), (196, 206, 210), (208, 198, 206), (190, 198, 184))
_SHADE: tuple[_Color, ...] = ((238, 222, 178), (224, 178, 148), (178, 204, 196), (226, 214, 226))
_TABLE: _Color = (122, 90, 62)
_FOOT: _Color = (70, 66, 64)
_CRACK: _Color = (48, 40, 38)


@lru_cache(maxsize=16)
def broken_lamp(number: int) -> bytes:
    """A PNG of some kilobytes; the same number is the same picture."""
    dice = chance(number, "picture")
    crack = _crack(dice)
    wall, shade = dice.choice(_WALL), dice.choice(_SHADE)
    rows = (_row(y, wall, shade, crack, dice) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _crack(dice: Random) -> dict[int, int]:
    """Where the crack is in each row of the shade: it wanders downwards."""
    at, found = 160 + dice.randrange(-20, 21), {}
    for y in range(52, 132):
        at += dice.choice((-3, -1, 0, 1, 3))
        found[y] = at
    return found


def _row(y: int, wall: _Color, shade: _Color, crack: dict[int, int], dice: Random) -> bytes:
    row = bytearray()
    grain = dice.randrange(-2, 3)
    for x in range(WIDTH):
        color, light = _seen(x, y, wall, shade, crack)
        row += bytes(max(0, min(255, part + light + grain)) for part in color)
    return bytes(row)


def _seen(x: int, y: int, wall: _Color, shade: _Color, crack: dict[int, int]) -> tuple[_Color, int]:
    """The colour at a point, and how the light changes it."""
    off, half = abs(x - 160), 30 + (y - 50) // 2
    if 50 <= y < 132 and off < half:
        cracked = abs(x - crack.get(y, -9)) < 2
        return (_CRACK, 0) if cracked else (shade, 14 - off // 4)
    if (132 <= y < 190 and off < 5) or (190 <= y < 200 and off < 38):
        return _FOOT, 10 - off // 3
    if y >= 196:
        return _TABLE, (y - 196) // 3 - 8
    return wall, -(off // 10) - y // 16
