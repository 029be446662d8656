"""Rich text as Outlook keeps it: compressed (MS-OXRTFCP), and often HTML in disguise (MS-OXRTFEX).

`read_rich_text` says whether it was HTML and gives that, else the plain text of the RTF. At most `_LONGEST` bytes are
unpacked; linear time; never raises.
"""

import re
import struct

from ...normalizer.charsets import decode_bytes

_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_LONGEST = 1024 * 1024
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    b"SymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr listtable "
    b"listoverridetable rsidtbl generator themedata colorschememapping datastore latentstyles".split()
)
_SIGNS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
          b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—", b"row": "\n", b"cell": "\t"}  # fmt: skip


def read_rich_text(compressed: bytes) -> tuple[bool, str]:
    """Whether it is HTML, and the text; empty for what cannot be read."""
    raw = _unpacked(compressed)
    is_html = b"\\fromhtml" in raw[:1000]
    return is_html, _Reader(is_html).read(raw)


def _unpacked(data: bytes) -> bytes:
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    longest = min(size, _LONGEST)
    if kind == _PLAIN:
        return data[16 : 16 + longest]
    return _decompressed(data, longest) if kind == _COMPRESSED else b""


def _decompressed(data: bytes, longest: int) -> bytes:
    """MS-OXRTFCP section 2.2: eight items behind each control byte, a byte or a reference into the last 4096 bytes."""
    out = bytearray(_DICTIONARY)
    longest += len(_DICTIONARY)
    position = 16
    while position < len(data) and len(out) < longest:
        control = data[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            reference = int.from_bytes(data[position : position + 2], "big")
            position += 2
            back = (len(out) - (reference >> 4)) & 4095
            if position > len(data) or back == 0 or back > len(out):  # the end, or what was never written
                return bytes(out[len(_DICTIONARY) : longest])
            for _ in range((reference & 15) + 2):
                out.append(out[-back])
    return bytes(out[len(_DICTIONARY) : longest])


class _Reader:
    """The text of RTF: groups that are no text are passed over; of HTML in disguise, what only the RTF needs."""

    def __init__(self, is_html: bool) -> None:
        self._html = is_html
        self._out: list[str] = []
        self._bytes = bytearray()  # 8-bit characters that are not read yet
        self._page = "cp1252"
        self._hidden = [False]  # by group
        self._begins = False  # a group has just begun, perhaps with `\*`
        self._starred = False
        self._rtf_only = False
        self._fallback = 1  # characters that stand behind one of Unicode for older programs
        self._skip = 0

    def read(self, raw: bytes) -> str:
        for match in _TOKEN.finditer(raw):
            word, number, code, sign, brace, text = match.groups()
            if brace:
                self._brace(brace)
            elif sign == b"*":
                self._starred = True
            elif word:
                self._word(word, int(number) if number else None)
            else:
                self._begins = self._starred = False
                if not (self._hidden[-1] or self._rtf_only):
                    self._characters(code, sign, text or b"")
        self._say("")
        return "".join(self._out).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            self._hidden.append(self._hidden[-1])
        elif len(self._hidden) > 1:
            self._hidden.pop()
        self._begins, self._starred = brace == b"{", False

    def _word(self, word: bytes, number: int | None) -> None:
        if self._starred or (self._begins and word in _HIDDEN):
            self._hidden[-1] = not (self._html and word == b"htmltag")
        self._begins = self._starred = False
        if word == b"htmlrtf":
            self._rtf_only = self._html and number != 0
        elif word == b"ansicpg" and number:
            self._page = f"cp{number}"
        elif word == b"uc" and number is not None:
            self._fallback = max(0, min(number, 4))
        elif not (self._hidden[-1] or self._rtf_only):
            if word == b"u" and number is not None:
                self._say(chr(number & 0xFFFF))
                self._skip = self._fallback
            elif word in _SIGNS:
                self._say(_SIGNS[word])

    def _characters(self, code: bytes | None, sign: bytes | None, text: bytes) -> None:
        if sign:
            self._say({b"~": "\u00a0", b"_": "-"}.get(sign, sign.decode("latin-1") if sign in b"\\{}" else ""))
            return
        given = bytes([int(code, 16)]) if code else text
        self._bytes += given[self._skip :]
        self._skip = max(0, self._skip - len(given))

    def _say(self, text: str) -> None:
        if self._bytes:
            self._out.append(decode_bytes(bytes(self._bytes), self._page))
            self._bytes.clear()
        self._out.append(text)
