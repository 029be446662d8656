"""ISO-2022-JP as it is sent: with the characters that NEC and IBM added.

Python's codec refuses a whole text that holds a circled digit or `㈱`. The WHATWG Encoding Standard (section 12.2.1)
reads it with the larger table, which is the one of Shift_JIS as Windows has it: the two bytes of a character are moved
to where they stand there. Bytes over 127 are taken for Shift_JIS, too. Never raises.
"""

import re
from contextlib import suppress

ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\([BIJ])")
_ESCAPE = re.compile(rb"\x1b(\$\(?[@BD]|\([BIJ])")
_ASCII, _KATAKANA, _SUPPLEMENT = b"(B", b"(I", b"$(D"


def decode_iso_2022_jp(data: bytes) -> str:
    """The text; what cannot be read becomes U+FFFD."""
    for codec in ("iso2022_jp_ext", "iso2022_jp_3"):
        with suppress(UnicodeDecodeError):
            return data.decode(codec)
    pieces: list[str] = []
    state, position = _ASCII, 0
    for match in _ESCAPE.finditer(data):
        pieces.append(_read(data[position : match.start()], state))
        state, position = match[1], match.end()
    pieces.append(_read(data[position:], state))
    return "".join(pieces)


def _read(run: bytes, state: bytes) -> str:
    if state.startswith(b"(") and state != _KATAKANA:
        return run.decode("ascii" if run.isascii() else "cp932", "replace")
    # A line break ends two-byte text, whether or not the escape sequence was written (RFC 1468).
    lines = run.split(b"\n")
    return "\n".join([_two_bytes(lines[0], state), *(line.decode("cp932", "replace") for line in lines[1:])])


def _two_bytes(run: bytes, state: bytes) -> str:
    if state == _KATAKANA:
        return bytes(byte | 0x80 for byte in run).decode("cp932", "replace")
    if state == _SUPPLEMENT:
        return b"".join(b"\x8f" + _high(run[at : at + 2]) for at in range(0, len(run), 2)).decode("euc_jp", "replace")
    return b"".join(_moved(run[at : at + 2]) for at in range(0, len(run), 2)).decode("cp932", "replace")


def _high(pair: bytes) -> bytes:
    return bytes(byte | 0x80 for byte in pair)


def _moved(pair: bytes) -> bytes:
    """Row and cell of JIS X 0208 as lead and trail byte of Shift_JIS."""
    if len(pair) < 2 or not all(0x21 <= byte <= 0x7E for byte in pair):
        return pair
    row, cell = pair
    lead = ((row - 0x21) >> 1) + (0x81 if row <= 0x5E else 0xC1)
    trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes((lead, trail))
