"""Bytes that name their own character set, read as people meant them.

Mail names character sets loosely: `gb2312` is written by software that means GBK, `iso-8859-1` by software that means
windows-1252, `us-ascii` over UTF-8, or a name that nobody ever registered. `decode_bytes` therefore never raises and
never loses a byte silently: what cannot be read becomes U+FFFD.

The aliases follow what browsers do (WHATWG Encoding Standard, section 4.2), because mail is shown by browsers.
"""

import codecs
from functools import lru_cache

# WHATWG Encoding, section 4.2: the label on the left is decoded as the larger set on the right.
_WIDER = {
    "ascii": "cp1252",
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
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "windows-874": "cp874",
}
_NEVER_MEANT = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})


def decode_bytes(data: bytes, charset: str = "") -> str:
    """The text of the bytes; UTF-8 where that is what they plainly are, else the named set, else windows-1252."""
    name = codec_name(charset)
    if name is None or name == "cp1252":
        return _guess(data)
    try:
        return data.decode(name)
    except (UnicodeError, ValueError, OverflowError):
        guessed = _utf8_or_none(data)
        return guessed if guessed is not None else data.decode(name, "replace")


@lru_cache(maxsize=256)
def codec_name(charset: str) -> str | None:
    """Python's name of the character set that is meant, or None when nobody knows it."""
    label = charset.strip(" \t\r\n\"'<>").lower().replace("windows_", "windows-")
    for candidate in (_ALIASES.get(label, label), label.replace("cp-", "cp"), label.replace("_", "-")):
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


def _guess(data: bytes) -> str:
    guessed = _utf8_or_none(data)
    return guessed if guessed is not None else data.decode("cp1252", "replace")


def _utf8_or_none(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
