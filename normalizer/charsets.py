"""Bytes that name their own character set, read as people meant them.

Mail names character sets loosely: `gb2312` is written by software that means GBK, `iso-8859-1` by software that means
windows-1252, `us-ascii` over UTF-8, `iso-2022-jp` over Shift_JIS, or a name that nobody ever registered. `decode_bytes`
therefore never raises and never loses a byte silently: what cannot be read becomes U+FFFD. Where nothing is named, or
what is named is not what the bytes look like, module `charset_guess` tells.

The aliases follow what browsers do (WHATWG Encoding Standard, section 4.2), because mail is shown by browsers.
"""

import codecs
import re
from functools import lru_cache
from unicodedata import normalize

from .charset_guess import DOUBTFUL, MULTIBYTE, likeliest
from .iso_2022_jp import ESCAPE, decode_iso_2022_jp
from .utf_16 import decode_utf_16, is_utf_16

_SEEN = 4000
_NO_CHANCE = 4  # characters that are UTF-8 by chance

# WHATWG Encoding, section 4.2: the label on the left is decoded as the larger set on the right.
_WIDER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_ALIASES = {
    "big5-eten": "big5hkscs",
    "chinese": "gb18030",
    "cn-big5": "big5hkscs",
    "cn-gb": "gb18030",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp",
    "cp51932": "euc_jp",
    "cp932": "cp932",
    "cp936": "gb18030",
    "csbig5": "big5hkscs",
    "cseuckr": "cp949",
    "csgb2312": "gb18030",
    "csgb231280": "gb18030",
    "csiso2022jp": "iso2022_jp",
    "csksc56011987": "cp949",
    "csshiftjis": "cp932",
    "csunicode": "utf-16",
    "euc-cn": "gb18030",
    "eucjp-ms": "euc_jp",
    "eucjpms": "euc_jp",
    "gb-2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "hebrew": "iso8859-8",
    "iso-10646-ucs-2": "utf-16",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "koi": "koi8_r",
    "koi8": "koi8_r",
    "koi8-ru": "koi8_u",
    "korean": "cp949",
    "ks-c-5601": "cp949",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601-1989": "cp949",
    "ksc-5601": "cp949",
    "ksc5601": "cp949",
    "logical": "iso8859-8",
    "mac": "mac_roman",
    "macintosh": "mac_roman",
    "ms-kanji": "cp932",
    "ms932": "cp932",
    "s-jis": "cp932",
    "sjis-win": "cp932",
    "ucs-2": "utf-16",
    "uhc": "cp949",
    "unicode": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "visual": "iso8859-8",
    "windows-31j": "cp932",
    "x-big5": "big5hkscs",
    "x-euc-jp": "euc_jp",
    "x-gb2312": "gb18030",
    "x-gbk": "gb18030",
    "x-mac-ce": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "x-mac-ukrainian": "mac_cyrillic",
    "x-ms-cp932": "cp932",
    "x-sjis": "cp932",
    "x-unicode20utf8": "utf-8",
    "x-windows-949": "cp949",
    "x-x-big5": "big5hkscs",
}
_NEVER_MEANT = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})
_NUMBERED = re.compile(r"(?:x-?)?(?:win(?:dows)?|cp|dos|ibm|ansi|msdos)[-_ ]?(\d{3,4})")  # `win-1251`, `dos-866`
_LATIN = re.compile(r"iso[-_ ]?8859[-_ ]?(\d{1,2})(?::\d{4})?")  # `iso8859-15`, `iso_8859-1:1987`
_JAPANESE = frozenset({"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext"})
_SAYS_LITTLE = _JAPANESE | {"ascii", "utf-16"}  # bytes that are not what these names say are looked at as if unnamed


def decode_bytes(data: bytes, charset: str = "") -> str:
    """The text of the bytes; UTF-8 where that is what they plainly are, else the named set unless that is doubtful."""
    name = codec_name(charset)
    if is_utf_16(data) or (name == "utf-16" and _utf8_or_none(data) is None):
        return decode_utf_16(data)
    if name is None or name in _SAYS_LITTLE or (data.isascii() and ESCAPE.search(data)):
        return _guess(data, japanese=name in _JAPANESE)
    if not data.isascii() and (text := _utf8_or_none(data)) is not None and (name not in MULTIBYTE or _is_plain(text)):
        return text
    try:
        return _decoded(data, likeliest(data, name) if name in DOUBTFUL else name, "strict")
    except (UnicodeError, ValueError, OverflowError):
        return _mistaken(data, name)


def _is_plain(text: str) -> bool:
    """UTF-8 that is not two characters of another set by chance."""
    return max(text) > "\u07ff" or sum(char > "\x7f" for char in text[:_SEEN]) >= _NO_CHANCE


def _mistaken(data: bytes, name: str) -> str:
    """The text of bytes that are not in the set that they name, or are damaged."""
    text = data.decode(name, "replace")
    lost = text.count("\ufffd")
    kept = sum(char > "\x7f" for char in text[:_SEEN]) - text[:_SEEN].count("\ufffd")
    return _guess(data) if lost > kept else text


@lru_cache(maxsize=256)
def codec_name(charset: str) -> str | None:
    """Python's name of the character set that is meant, or None when nobody knows it."""
    label = charset.strip(" \t\r\n\"'<>").lower().replace("windows_", "windows-")
    if numbered := _NUMBERED.fullmatch(label):
        label = f"cp{numbered[1]}"
    elif latin := _LATIN.fullmatch(label):
        label = f"iso8859-{latin[1]}"
    for candidate in (
        _ALIASES.get(label, label),
        label.replace("_", "-"),
        _ALIASES.get(label.replace("_", "-"), label),
    ):
        try:
            info = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        if info.name.replace("_", "-") in _NEVER_MEANT or not _decodes_text(info):
            return None
        return _WIDER.get(info.name, info.name)
    return None


def _decodes_text(info: codecs.CodecInfo) -> bool:
    # base64, zlib, rot13 … are codecs too, and a zlib header would be a bomb.
    return bool(getattr(info, "_is_text_encoding", True))


def _guess(data: bytes, *, japanese: bool = False) -> str:
    if (japanese or data.isascii()) and ESCAPE.search(data):
        return decode_iso_2022_jp(data)
    text = _utf8_or_none(data)
    return _decoded(data, likeliest(data), "replace") if text is None else text


def _decoded(data: bytes, codec: str, errors: str) -> str:
    text = data.decode(codec, errors)
    return normalize("NFC", text) if codec == "cp1258" else text  # it parts vowels from their tones


def _utf8_or_none(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
