"""The one fold under which texts are compared: in rules, in search, and when records are matched.

Letters that people write either way (`İADE`, `iade`, `ıade`; `Straße`, `STRASSE`; `Łódź`, `lodz`; `ﬁn`, `fin`) fold
to the same text. Case and marks go; letters of Han, Kana and Hangul stay as they are. Folding is idempotent, and a
folded text is compared with folded texts only. The result may be longer or shorter, so positions do not carry over.
"""

import re
import unicodedata

# Letters whose plain form Unicode does not know as a decomposition; both cases, so that the table runs before casefold.
_PLAIN = (
    str.maketrans("ıİøØłŁđĐðÐħĦŧŦŋŊəƏёЁʼ’‘", "iioollddddhhttnneeее'''")
    | str.maketrans({"ß": "ss", "ẞ": "ss", "þ": "th", "Þ": "th", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"})
    | str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
# Marks that go: accents, stress, Hebrew points, Arabic vowels. The marks of Kana, Indic scripts and Thai are letters.
_WITHOUT_MARKS = _PLAIN | dict.fromkeys(
    code
    for first, last in (
        (0x0300, 0x036F),
        (0x0483, 0x0487),
        (0x0591, 0x05C7),
        (0x0610, 0x061A),
        (0x064B, 0x065F),
        (0x1AB0, 0x1AFF),
    )
    for code in range(first, last + 1)
)

_OTHERS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The text as it is compared."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN)).casefold()
    return unicodedata.normalize("NFC", decomposed.translate(_WITHOUT_MARKS))


def letters(text: str) -> str:
    """The letters and digits of a text, as they are compared: without signs and blanks."""
    return _OTHERS.sub("", fold(text))
