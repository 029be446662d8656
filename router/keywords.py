"""Keywords: how words and phrases are found in a text, whatever the script.

A keyword is found as whole words, in any case and with any accents: `devolución` finds `DEVOLUCION`, `refund` does not
find `refunded`, `refund*` does. What stands between the words of a phrase does not matter: `money back` finds
`money-back`. Scripts that write no spaces between words have no whole words: `退款` is found anywhere in a line of Han.

For this a folded text is laid out as a line of words with one space around each, in which every letter of an unspaced
script is a word of its own, and a keyword as the piece of such a line. A keyword that begins or ends with a sign
(`c++`, `#urgent`) becomes a regular expression over the folded text instead.
"""

import re
import unicodedata
from typing import NamedTuple

import re2

from ..config.errors import Misconfigured
from ..config.patterns import WORD, Pattern
from ..normalizer.folding import fold

# Han, Kana, Hangul, Thai, Lao, Myanmar and Khmer, as far as they are left after folding.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b"
    r"\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
_UNSPACED_LETTER = re.compile(f"([{_UNSPACED}])")
_BETWEEN = re.compile(r"\W+")


class Keyword(NamedTuple):
    """What to look for: a piece of the line of words or, where signs matter, a pattern in the folded text."""

    piece: str
    signs: Pattern | None


def keyword(written: str) -> Keyword:
    """A keyword as the configuration has it, `*` at its beginning or end meaning any."""
    text = fold(written.strip("*")).strip()
    if not text:
        raise Misconfigured(f"the keyword {written!r} has nothing in it that could be found")
    if _is_sign(text[0]) or _is_sign(text[-1]):
        return Keyword("", _pattern(text, written))
    line = line_of_words(text)
    return Keyword(line[written.startswith("*") : len(line) - written.endswith("*")], None)


def line_of_words(folded: str) -> str:
    """The words of a folded text with one space around each."""
    line = _BETWEEN.sub(_gap, folded)
    if not line.isascii():
        line = _UNSPACED_LETTER.sub(r" \1 ", line)
    return f" {' '.join(line.split())} "


def _gap(between: re.Match[str]) -> str:
    """A space for signs; marks, which Python does not count to the words, stay."""
    run = between[0]
    return " " if run.isascii() else "".join(" " if _is_sign(character) else character for character in run)


def _is_sign(character: str) -> bool:
    return character != "_" and unicodedata.category(character)[0] not in "LMN"


def _pattern(text: str, written: str) -> Pattern:
    begin = "" if written.startswith("*") or not _has_edge(text[0]) else f"(?:^|[^{WORD}]|[{_ESCAPED}])"
    end = "" if written.endswith("*") or not _has_edge(text[-1]) else f"(?:$|[^{WORD}]|[{_ESCAPED}])"
    wider = r"\s+".join(re2.escape(word) for word in text.split())
    return Pattern(begin + wider + end, wider)


def _has_edge(character: str) -> bool:
    """Whether a neighbouring letter would make it part of a longer word."""
    return not _is_sign(character) and not _UNSPACED_LETTER.match(character)


_ESCAPED = re.sub(r"\\[uU]([0-9a-f]+)", r"\\x{\1}", _UNSPACED)
