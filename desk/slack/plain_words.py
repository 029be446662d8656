"""Texts as Slack may show them: what somebody else wrote, without what would make it more than a text. Pure.

* Control characters, lone surrogates and what turns the direction of writing round go; an emoji of several characters
  and Persian words keep their joiners in running text, names lose everything that cannot be seen.
* More than four marks on one letter are cut off, so that nothing grows over its neighbours.
* A text is measured as Slack might: in UTF-16, with `&`, `<` and `>` as long as what they are escaped to. It is cut
  between characters that people see as one, and ends in `…` then.
"""

import re
import unicodedata

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufff9-\ufffb\U000e0000-\U000e001f]")
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\U000e0020-\U000e01ef]")
_STACKED = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
                      "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip
_MANY_LINES = re.compile(r"\n{3,}")
_WEIGHTS = {"&": 5, "<": 4, ">": 4}
_JOINER = "\u200d"
_NAME = 80  # characters of a name, so that one cannot push the rest out of sight


def running_text(text: str, most: int = 12_000) -> str:
    """A text of several lines as it may stand in a block; of one that is far longer than `most` only the beginning."""
    read = text[: 4 * most].replace("\r\n", "\n").replace("\r", "\n")
    plain = _TURNS.sub("", _CONTROL.sub("", read))
    return _STACKED.sub(r"\1", _MANY_LINES.sub("\n\n", plain)).strip()


def one_line(text: str, most: int = 300) -> str:
    """A text in one line, such as a subject; at most so long."""
    plain = _UNSEEN.sub("", _TURNS.sub("", _CONTROL.sub(" ", text[: 4 * most])))
    return cut(_STACKED.sub(r"\1", " ".join(plain.split())), most)


def name(text: str) -> str:
    """What somebody calls themselves, in one line."""
    return one_line(text, _NAME)


def weight(text: str) -> int:
    """How long Slack might find it."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return units + sum((more - 1) * text.count(each) for each, more in _WEIGHTS.items())


def cut(text: str, most: int) -> str:
    """The text, if need be only so much of its beginning that it weighs no more than this, with `…` behind it."""
    return text if weight(text) <= most else f"{beginning(text, most - 1).rstrip()}…"


def beginning(text: str, most: int) -> str:
    """The longest beginning that weighs no more than this and ends where a character does."""
    if weight(text) <= most:
        return text
    at, left = 0, most
    while (left := left - _WEIGHTS.get(text[at], 1 + (text[at] > "\uffff"))) >= 0:
        at += 1
    while at > 0 and _goes_on(text[at], text[at - 1]):
        at -= 1
    return text[:at]


def _goes_on(character: str, before: str) -> bool:
    """Whether it belongs to the one before it."""
    return _JOINER in (before, character) or unicodedata.category(character) in ("Mn", "Me", "Sk")
