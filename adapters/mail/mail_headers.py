"""Headers of outgoing mail, written so that nothing in them can begin another header.

Every text is freed of control characters first, so that a line break in a subject or a name cannot inject a header
(CWE-93). What is not ASCII becomes encoded words of at most 75 characters (RFC 2047), and lines are folded at 76.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Mapping

_LINE = 76
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WORD_BYTES = 42  # in base64 these fit an encoded word with `=?utf-8?b?` and `?=`
_BLANKS = re.compile("[^\\S\u3000]+")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")


def one_line(text: str) -> str:
    """The text without control characters, line breaks, and marks that turn the direction of writing.

    The wide blank of Chinese and Japanese print stays: it is a character of the text.
    """
    return _BLANKS.sub(" ", "".join(map(_tamed, text))).strip()


def _tamed(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category == "Cs" or character in _DIRECTION else character


def text_header(name: str, text: str) -> str:
    """A header of free text, such as Subject."""
    return _folded(name, _words(one_line(text)))


def address_header(name: str, address: str, display_name: str = "") -> str:
    """A header with one address."""
    shown = one_line(display_name)
    if not shown:
        return _folded(name, [f"<{address}>"] if name == "Return-Path" else [address])
    return _folded(name, [*_phrase(shown), f"<{address}>"])


def addresses_header(name: str, boxes: Iterable[tuple[str, str]]) -> str:
    """A header with several addresses, each with its display name; empty when there are none."""
    words: list[str] = []
    for address, display_name in boxes:
        shown = one_line(display_name)
        words += [*_phrase(shown), f"<{address}>,"] if shown else [f"{address},"]
    return _folded(name, [*words[:-1], words[-1].removesuffix(",")]) if words else ""


def ids_header(name: str, ids: Iterable[str]) -> str:
    """A header of Message-IDs, each on a line of its own when there are several."""
    kept = [one for one in ids if one and one.isascii() and one.isprintable() and not set(one) & set("<> ")]
    return _folded(name, [f"<{one}>" for one in kept]) if kept else ""


def parameter_header(name: str, value: str, parameters: Mapping[str, str]) -> str:
    """A header such as Content-Type; a parameter that is not ASCII is written as RFC 2231 says."""
    words = [value]
    for key, given in parameters.items():
        text = one_line(given)
        words[-1] += ";"
        words.extend([f'{key}="{text.translate(_ESCAPES)}"'] if text.isascii() else _extended(key, text))
    return _folded(name, words)


_ESCAPES = str.maketrans({'"': r"\"", "\\": r"\\"})


def _extended(key: str, text: str) -> list[str]:
    """RFC 2231 sections 3 and 4: percent-encoded UTF-8, in sections that fit a line."""
    encoded = [f"%{byte:02X}" if not chr(byte).isalnum() or byte > 127 else chr(byte) for byte in text.encode()]
    sections = ["utf-8''"]
    for piece in encoded:
        if len(sections[-1]) + len(piece) > 50:
            sections.append("")
        sections[-1] += piece
    if len(sections) == 1:
        return [f"{key}*={sections[0]}"]
    numbered = [f"{key}*{index}*={section}" for index, section in enumerate(sections)]
    return [f"{section};" for section in numbered[:-1]] + numbered[-1:]


def _phrase(text: str) -> list[str]:
    """RFC 5322 section 3.2.5: a display name as atoms, as a quoted string, or as encoded words."""
    if not text.isascii() or "=?" in text or len(text) > 200:
        return _encoded_words(text)
    return [text] if _ATOM.match(text) else [f'"{text.translate(_ESCAPES)}"']


def _words(text: str) -> list[str]:
    if text.isascii() and "=?" not in text and all(len(word) <= 900 for word in text.split(" ")):
        return text.split(" ")
    return _encoded_words(text)


def _encoded_words(text: str) -> list[str]:
    pieces: list[bytes] = [b""]
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(pieces[-1]) + len(encoded) > _WORD_BYTES:
            pieces.append(b"")
        pieces[-1] += encoded
    return [f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in pieces]


def _folded(name: str, words: Iterable[str]) -> str:
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1] != f"{name}:" and lines[-1].strip():
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)
