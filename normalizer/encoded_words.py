"""Encoded words of mail headers (RFC 2047), in the proper form and in the broken ones that mail really shows.

`decode_words` never raises and takes linear time. Beyond the RFC it reads: words that touch text or each other, words
folded in the middle, raw blanks and question marks inside Q words, a character or a base64 group split over two words,
missing padding, a missing end at the end of the header, a language after the character set (RFC 2231 section 5),
unknown character sets, and bytes that were put into the header as they are (as surrogate escapes).
"""

import binascii
import re
from dataclasses import dataclass

from .charsets import decode_bytes

_START = re.compile(r"=\?([^?\s=*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?")
_FOLD = re.compile(r"(?<![ \t])[ \t]*[\r\n][ \t\r\n]*")  # from the first blank on: tried once for a run of them
_BLANK_BEFORE_FOLD = re.compile(r"[ \t][\r\n]")
_FOLD_BETWEEN_LETTERS = re.compile(r"[!-~](?<!=[0-9A-Fa-f]{2})[\r\n]+[ \t]+[!-<>-~]")
_BLANK = re.compile(r"\s")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_RAW_BYTES = re.compile("[\udc80-\udcff]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOSERS = frozenset("])}:")


@dataclass(frozen=True, slots=True)
class _Word:
    charset: str
    encoding: str
    content: str


def decode_words(text: str) -> str:
    """The header value, unfolded, with its encoded words and raw bytes read."""
    if not text.isascii():
        text = decode_escapes(text)
    if "=?" not in text:
        return _FOLD.sub(" ", text)
    return "".join(_decoded(_pieces(text)))


def decode_escapes(text: str) -> str:
    """The text with surrogate escapes (raw bytes of a header) read as UTF-8, else as windows-1252."""
    text = _RAW_BYTES.sub(lambda match: decode_bytes(match[0].encode("utf-8", "surrogateescape")), text)
    return _LONE_SURROGATE.sub("\ufffd", text)


def _pieces(text: str) -> list[str | _Word]:
    pieces: list[str | _Word] = []
    position = end = 0
    cut_off = -1
    while (match := _START.search(text, position)) is not None:
        if 0 <= end < match.end():
            end = text.find("?=", match.end())
        if end < 0 and cut_off < 0:
            if _BLANK.search(text, match.end()):
                break  # nothing ends any more, and it is not a header that was cut off in its last word
            cut_off = len(text.rstrip("?"))
        stop = max(match.end(), cut_off) if end < 0 else _past_question_marks(text, end)
        inner = _START.search(text, match.end(), stop)
        begin = inner.start() if inner else match.start()
        if begin > position:
            pieces.append(_FOLD.sub(" ", text[position:begin]))
        position = begin
        if inner is None:
            pieces.append(_Word(match[1].lower(), match[2].lower(), text[match.end() : stop]))
            position = len(text) if end < 0 else stop + 2
    if position < len(text):
        pieces.append(_FOLD.sub(" ", text[position:]))
    return pieces


def _past_question_marks(text: str, end: int) -> int:
    """The end of the word, past `?=20` in `=?utf-8?Q?why?=20not?=`: a question mark left as it is, then an escape."""
    while _HEX_PAIR.match(text, end + 2):
        later = text.find("?=", end + 2, end + 80)
        if later < 0 or _BLANK.search(text, end, later) or "=?" in text[end + 2 : later]:
            break
        end = later
    return end


def _decoded(pieces: list[str | _Word]) -> list[str]:
    result: list[str] = []
    run: list[_Word] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, _Word):
            if not run and result and result[-1][-1:] in _CLOSERS:
                result.append(" ")  # `[SPAM]=?utf-8?…`: a tag put in front by a gateway
            run.append(piece)
        elif not (run and piece.isspace() and index + 1 < len(pieces)):
            # RFC 2047 section 6.2: white space between two encoded words is not shown.
            result.append(_read(run))
            run = []
            result.append(piece)
    result.append(_read(run))
    return result


def _read(run: list[_Word]) -> str:
    texts: list[str] = []
    pending = b""
    charset = base64 = ""
    for word in run:
        if word.charset != charset:
            texts.append(decode_bytes(pending + _base64(base64), charset))
            pending, base64, charset = b"", "", word.charset
        if word.encoding == "b":
            base64 += _NOT_BASE64.sub("", word.content)
            if len(base64) % 4 == 0 or "=" in word.content:
                pending, base64 = pending + _base64(base64), ""
        else:
            pending, base64 = pending + _base64(base64) + _q(word.content), ""
    texts.append(decode_bytes(pending + _base64(base64), charset))
    return "".join(texts)


def _base64(content: str) -> bytes:
    if len(content) % 4 == 1:
        content = content[:-1]
    return binascii.a2b_base64(content + "=" * (-len(content) % 4))


def _q(content: str) -> bytes:
    # Where blanks were left as they are, or none is encoded, the header may have been folded at one of them.
    left = " " in _FOLD.sub("", content) or _BLANK_BEFORE_FOLD.search(content)
    unencoded = "_" not in content and "=20" not in content and _FOLD_BETWEEN_LETTERS.search(content)
    fold = " " if left or unencoded else ""
    plain = _FOLD.sub(fold, content).replace("_", " ").encode("utf-8", "replace")
    return _Q_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), plain)
