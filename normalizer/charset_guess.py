"""Which character set bytes are in, whatever they say.

`likeliest` reads bytes that are no UTF-8 and whose set nobody named, or is doubtful. Text is taken for Japanese,
Korean, Chinese, Cyrillic, Greek, Hebrew, Arabic or Thai only when most of its letters lie above ASCII, or its words
beyond ASCII stand apart from the others, and what it would say looks like that language. What is left is in Latin
letters (module `latin_guess`), and in the usual set unless another is plainly better, so that western text stays what
it is. Only the beginning is looked at; never raises.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

from .latin_guess import LATIN, latin_codec

_READ = 16 * 1024
_SEEN = 1500
_NO_TEXT = re.compile(
    rb"<style[^\x80-\xff]{0,8000}?</style>|<[A-Za-z/!][^<>\x80-\xff]{0,2000}>|https?://[!-~]+", re.IGNORECASE
)
_FEWEST = 4  # letters beyond ASCII, of at least three kinds; fewer say nothing
_PLAINLY_WESTERN = frozenset(b"\xc4\xc5\xc6\xd6\xd8\xdc\xdf\xe4\xe5\xe6\xf6\xf8\xfc")  # `ÅÄÖ åäö ß`: no other words
_CERTAIN = 0.25  # a likelihood over which words of even length are no pairs of bytes
_UNCERTAIN = 0.1
_BETTER = 0.1  # than the named set, over at least so many letters
_TELLING = 8
_ASCII_LETTER = re.compile(rb"[A-Za-z]+")
_APART = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x80-\xff]{3,}(?![A-Za-z\x80-\xff])")
_MIXED = re.compile("[a-z][\u0370-\u06ff\u0e01-\u0e5b]|[\u0370-\u06ff\u0e01-\u0e5b][a-z]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_KANA = re.compile("[\u3041-\u30fe]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_WIDE = re.compile("[\u3000-\u303f\uff01-\uff60\u2010-\u2026\u2460-\u24ff\u3200-\u33ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_SIGNS = re.compile(
    "[\u060c\u061b\u061f\u00a0\u00a7\u00a9\u00ab\u00ae\u00b0\u00b7\u00bb\u2010-\u2026\u2116\u20ac\u2122]"
)


class _Alphabet(NamedTuple):
    """A single-byte set: its letters, and the frequent ones of those who use it, most frequent first."""

    codec: str
    letters: re.Pattern[str]
    frequent: str


_CYRILLIC = "оеаинтсрвлкмдпуяыьзбгчйіхжшю"
_ALPHABETS = (
    *(_Alphabet(codec, re.compile("[\u0400-\u045f\u0490\u0491]"), _CYRILLIC)
      for codec in ("cp1251", "koi8-u", "iso8859-5", "cp866")),
    *(_Alphabet(codec, re.compile("[\u0386-\u03ce]"), "αοιετσνηυρπκμλςάίόέήώύ") for codec in ("cp1253", "iso8859-7")),
    _Alphabet("cp1255", re.compile("[\u05d0-\u05ea]"), "יוהלאתרבמשנעכפדקחצםגטסןזץ"),
    *(_Alphabet(codec, re.compile("[\u0621-\u0652\u067e\u0686\u0698\u06a9\u06af\u06cc]"), "اليمونرتبةعدسفهكقحجأش")
      for codec in ("cp1256", "iso8859-6")),
    _Alphabet("cp874", re.compile("[\u0e01-\u0e4e]"), "านรอกเงมยลวดท่้สตะ์ปบคห"),
)  # fmt: skip


def likeliest(data: bytes, named: str = "") -> str:
    """The codec that the bytes are likeliest in; the named one, or windows-1252, unless another is plainly better."""
    usual = named or "cp1252"
    lines = _NO_TEXT.sub(b" ", data[:_READ]).splitlines()
    sample = b"\n".join(line for line in lines if not line.isascii())[:_SEEN]
    high = b"".join(_HIGH.findall(sample))
    kinds = set(high)
    if not high or (usual == "cp1252" and kinds <= _PLAINLY_WESTERN):
        return usual
    if len(high) >= _FEWEST and len(kinds) >= 3 and _stands_apart(sample, high):
        if found := _foreign(sample, usual):
            return found
    elif usual in _CODECS:
        return latin_codec(sample) if _MIXED.search(sample.decode(usual, "replace")) else usual
    return latin_codec(sample, usual) if usual in LATIN else usual


def _stands_apart(sample: bytes, high: bytes) -> bool:
    apart = sum(map(len, _APART.findall(sample)))
    return len(high) * 3 >= 2 * sum(map(len, _ASCII_LETTER.findall(sample))) or 3 * apart >= 2 * len(high)


def _foreign(sample: bytes, usual: str) -> str:
    """The codec of a text in another script; empty where none is likely."""
    if usual in _KIN and (text := _strictly(sample, usual)) and _KIN[usual](text):
        return usual
    found = {each.codec: _likelihood(sample, each) for each in _ALPHABETS}
    alphabet, likelihood = max(found.items(), key=lambda each: each[1])
    named = found.get(_LIKE.get(usual, usual), 0.0)
    for codec, is_likely in _MULTIBYTE.items() if named <= 0 else ():
        text = _strictly(sample, codec) if likelihood < (_CERTAIN if codec in _STRICT else _UNCERTAIN) else ""
        if text and is_likely(text):
            return _WIDER.get(codec, codec)
    if likelihood <= 0:
        return ""
    telling = named <= 0 or sum(map(len, _HIGH.findall(sample))) >= _TELLING
    return alphabet if telling and likelihood > named + _BETTER * (usual in _CODECS) else usual


def _strictly(sample: bytes, codec: str) -> str:
    longest = len(sample)
    for end in range(longest, longest - 4 * (longest == _SEEN) - 1, -1):  # the sample may end inside a character
        try:
            return sample[:end].decode(codec)
        except UnicodeDecodeError:
            continue
    return ""


def _counts(text: str) -> tuple[int, int, int, int, int]:
    beyond = sum(char > "\x7f" for char in text)
    return (beyond, *(len(kind.findall(text)) for kind in (_KANA, _HAN, _WIDE, _HALF_KANA)))  # type: ignore[return-value]


def _is_japanese(text: str) -> bool:
    beyond, kana, han, wide, half = _counts(text)
    return kana + han + wide + half >= 0.95 * beyond and kana >= 0.1 * beyond


def _is_half_wide(text: str) -> bool:
    beyond, kana, han, wide, half = _counts(text)
    return kana + han + wide + half >= 0.98 * beyond and kana >= 0.2 * beyond


def _is_shift_jis(text: str) -> bool:
    # Its pairs begin where those of the other sets hardly ever do, so that even names without kana are told.
    beyond, kana, han, wide, half = _counts(text)
    return kana + han + wide >= 0.98 * beyond and not half and len(text.encode("cp932", "replace")) > beyond


def _is_korean(text: str) -> bool:
    beyond, *_ = _counts(text)
    return len(_HANGUL.findall(text)) + len(_WIDE.findall(text)) >= 0.9 * beyond


def _is_chinese(text: str) -> bool:
    # GB 2312 and Big5 stand in order of frequency: common characters come first.
    beyond, _, han, wide, _ = _counts(text)
    common = sum(1 for char in text if char > "\u4dff" and _is_common(char))
    return han + wide >= 0.95 * beyond and common >= 0.8 * han


def _is_common(char: str) -> bool:
    encoded = char.encode("gb2312", "ignore")
    if encoded and 0xB0 <= encoded[0] <= 0xD7:
        return True
    encoded = char.encode("big5", "ignore")
    return bool(encoded) and 0xA4 <= encoded[0] <= 0xC6


# In this order: what is strict and seldom mistaken comes first.
_MULTIBYTE: Mapping[str, Callable[[str], bool]] = {
    "euc_jp": _is_japanese,
    "euc_kr": _is_korean,
    "gb2312": _is_chinese,
    "cp932": _is_shift_jis,
    "big5": _is_chinese,
    "euc_jis_2004": _is_japanese,
    "cp949": _is_korean,
    "gbk": _is_chinese,
    "big5hkscs": _is_chinese,
    "shift_jis_2004": _is_half_wide,
    "gb18030": _is_chinese,
    "johab": _is_korean,
}
_STRICT = frozenset({"euc_jp", "euc_kr", "gb2312", "cp932", "big5"})  # the larger ones hold nearly all pairs of bytes
_WIDER = {"euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis_2004": "cp932"}
_KIN = {
    "cp949": _is_korean,
    "gb18030": _is_chinese,
    "big5hkscs": _is_chinese,
    "cp932": _is_half_wide,
    "euc_jp": _is_japanese,
}
_LIKE = {"koi8-r": "koi8-u", "iso8859-8": "cp1255"}
_CODECS = frozenset(each.codec for each in _ALPHABETS) | frozenset(_LIKE)
MULTIBYTE = frozenset(_KIN)
DOUBTFUL = LATIN | _CODECS | MULTIBYTE


def _likelihood(sample: bytes, alphabet: _Alphabet) -> float:
    """How much the text looks like its language: over 0 when it does."""
    text = sample.decode(alphabet.codec, "replace")
    beyond = [char for char in text if char > "\x7f" and not _SIGNS.match(char)]
    letters = [char for char in beyond if alphabet.letters.match(char)]
    if len(letters) < _FEWEST or len(letters) < 0.95 * len(beyond):
        return 0.0
    ranks = [alphabet.frequent.find(char.lower()) for char in letters]
    frequent = sum(1.0 - rank / 30 for rank in ranks if rank >= 0) / len(letters)
    # Nobody writes small letters before capitals, or two alphabets in a word, and few write capitals alone.
    strange = sum(
        (before.islower() and after.isupper()) or (before.isascii() != after.isascii() and (before + after).isalpha())
        for before, after in pairwise(text)
    )
    capitals = sum(char.isupper() for char in letters)
    return frequent - 3 * strange / len(letters) - 0.12 * capitals / len(letters) - 0.35
