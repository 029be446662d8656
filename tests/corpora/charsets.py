"""Sentences in the character sets that mail is written in, under no label, a vague one, the right and wrong ones."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).parents[1] / "unit" / "charset_texts.txt"
_VAGUE = ("", "us-ascii", "x-unknown", "utf-8")
_LABELS = {
    "gb2312": "gb2312", "gbk": "gb2312", "gb18030": "gb2312", "big5hkscs": "big5", "cp932": "shift_jis",
    "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp", "euc_kr": "euc-kr", "cp949": "ks_c_5601-1987",
}  # fmt: skip
# Sets of one alphabet are taken for each other.
_NEIGHBOURS = (
    "cp1251 koi8-r iso8859-5", "cp1250 iso8859-2", "cp1253 iso8859-7", "cp1255 iso8859-8", "cp1256 iso8859-6",
    "cp932 euc_jp iso2022_jp", "big5 gb2312",
)  # fmt: skip
_WESTERN = frozenset({"cp1252", "iso8859-15", "mac-roman"})


class Case(NamedTuple):
    """Bytes, the set that they are said to be in, and what they say."""

    data: bytes
    label: str
    text: str


def texts(part: str = "") -> list[tuple[list[str], str]]:
    """The sentences of `known`, of `held out`, or all, each with the sets it is written in."""
    found: list[tuple[list[str], str]] = []
    wanted = False
    for line in TEXTS.read_text("utf-8").splitlines():
        if line.startswith("["):
            wanted = part in line
        elif wanted and not line.startswith("#"):
            codecs, _, text = line.partition(" | ")
            found.append((codecs.split(), text))
    return found


def undeclared(codecs: list[str], text: str) -> Iterator[Case]:
    """Under no label and under one that says nothing."""
    yield from (Case(encoded(text, codec), label, text) for codec in codecs for label in _VAGUE)


def declared(codecs: list[str], text: str) -> Iterator[Case]:
    """Under the label that mail programs give it."""
    yield from (Case(encoded(text, codec), _LABELS.get(codec, codec), text) for codec in codecs)


def mistaken(codecs: list[str], text: str) -> Iterator[Case]:
    """Under the label of western text, of a neighbour, and UTF-8 under any."""
    for codec in codecs:
        others = " ".join(sets for sets in _NEIGHBOURS if codec in sets.split()).split()
        labels = [*(other for other in others if other != codec), *(() if codec in _WESTERN else ("iso-8859-1",))]
        yield from (Case(encoded(text, codec), label, text) for label in labels)
        yield Case(text.encode(), _LABELS.get(codec, codec), text)
    yield from (Case(text.encode("utf-16"), label, text) for label in ("", "utf-8", "iso-8859-1", "utf-16"))


def encoded(text: str, codec: str) -> bytes:
    """The bytes; windows-1258 has the tones of Vietnamese apart from the vowels."""
    if codec != "cp1258":
        return text.encode(codec)
    return b"".join(_vietnamese(char) for char in text)


def _vietnamese(char: str) -> bytes:
    parted = unicodedata.normalize("NFD", char)
    tones = [mark for mark in parted[1:] if mark not in "\u0302\u0306\u031b"]
    vowel = unicodedata.normalize("NFC", "".join(mark for mark in parted if mark not in tones))
    return (vowel + "".join(tones)).encode("cp1258")
