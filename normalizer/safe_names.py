"""File names, lines of text and media types, made safe to show.

A name that a stranger chose is data: bytes are stored under their hash, never under a name. What is shown, or offered
for saving, must not lie about its type (right-to-left override), climb out of a folder (`..`, in every Unicode spelling
of the slash), hide a leading dot behind a zero-width space, or be a device of the operating system. The name is brought
into NFC first, so that nothing dangerous appears by normalising later.
"""

import re
import unicodedata

_SEPARATORS = re.compile("[/\\\\\u2044\u2215\u2216\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c]")
_PATH = re.compile(r"\s*(?:[A-Za-z]:|[/\\\u2044\u2215\uff0f~]|\.{1,2}[/\\]|file:|https?:)", re.IGNORECASE)
_RESERVED_CHARACTERS = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])(?=\.|\s|$)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z")  # RFC 6838 section 4.2
_WIDE_BLANK = "\u3000"  # of Chinese and Japanese print: a character of the text
_BLANKS = re.compile(" +")
_MARKS_IN_A_ROW = 4
_LONGEST_NAME = 120
_MOST_BYTES = 240
_LONGEST_SUFFIX = 16


OCTETS = "application/octet-stream"


def safe_name(name: str) -> str:
    """A plain file name of at most 120 characters and 240 bytes; never empty.

    Of a path it is the last part. A name that only has slashes in it (`Order 225/2385.pdf`) keeps all of them as `_`.
    """
    parts = [safe_line(part) for part in _SEPARATORS.split(name[-4096:])]
    if len(parts) > 1 and not _PATH.match(name) and all(part.strip(". _") for part in parts):
        parts = ["_".join(parts)]
    for part in reversed(parts):
        plain = _RESERVED_CHARACTERS.sub("_", part).strip(". ")
        if plain.strip("_"):
            return _shortened(f"_{plain}" if _DEVICE.match(plain) else plain)
    return "attachment"


def safe_line(text: str, longest: int = 1000) -> str:
    """One line without controls, bidirectional controls, invisible characters and towers of marks."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text[: 4 * longest]):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cc", "Zl", "Zp", "Zs"} and char != _WIDE_BLANK:
            kept.append(" ")
        elif category not in {"Cf", "Cs", "Co"} and marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return _BLANKS.sub(" ", "".join(kept)).strip()[:longest]


def safe_text(text: str) -> str:
    """Lines, without what nobody can see or print."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def safe_media_type(given: str) -> str:
    """The media type in small letters, without parameters; bytes of any kind when it is none."""
    bare = given.partition(";")[0].strip().lower()
    return bare if _MEDIA_TYPE.match(bare) else OCTETS


def _shortened(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX or not stem:
        stem, suffix = name, ""
    ending = f".{suffix}" if suffix else ""
    stem = stem[: _LONGEST_NAME - len(ending)]
    while len((stem + ending).encode()) > _MOST_BYTES:
        stem = stem[:-1]
    return (stem.rstrip(". ") or "_") + ending
