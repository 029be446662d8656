"""One long text as several messages, for channels that take only so much at once.

A text is parted at the last place within the limit where a reader pauses: between paragraphs, else lines, else
sentences, else words; of two places the better one wins as long as it leaves no piece half empty. Only what is longer
than a message in itself is cut inside, and then never within what is seen as one character: an emoji with its skin, a
flag, a letter with its accents (after Unicode Standard Annex 29, without the scripts that join by rules of their own).
A web address has no blanks, so it stays whole where it fits.

Nothing is lost but blanks and line ends at the cuts.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import accumulate

Cost = Callable[[str], int]
"""What one character takes of the limit."""

SMALLEST = 16
"""Less than this no channel takes, and any one character fits."""

_ENDS = "[\"')\\]»”’」』）]*"
_PAUSES = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(rf"(?<=[.!?…;:]){_ENDS}[ \t]+|(?<=[。！？；]){_ENDS}"),
    re.compile(r"\s+"),
)
_JOINER = "\u200d"


def characters(_: str) -> int:
    """Each counts one."""
    return 1


def utf16_units(character: str) -> int:
    """As Telegram and JavaScript count: two beyond the basic plane."""
    return 1 + (character > "\uffff")


def utf8_bytes(character: str) -> int:
    """One to four; three for a lone surrogate, which is sent as U+FFFD."""
    return len(character.encode("utf-8", "surrogatepass"))


def pieces_of(text: str, limit: int, cost: Cost = characters) -> list[str]:
    """The messages in their order, each of at most `limit`, none of them empty. Raises ValueError below `SMALLEST`."""
    if limit < SMALLEST:
        raise ValueError(f"a limit of {limit} is less than {SMALLEST}")
    return list(_pieces(text.strip(), limit, cost))


def _pieces(rest: str, limit: int, cost: Cost) -> Iterator[str]:
    while rest:
        fits = _fitting(rest, limit, cost)
        if fits == len(rest):
            yield rest
            return
        cut = _pause(rest, fits) or _seam(rest, fits)
        if piece := rest[:cut].rstrip():
            yield piece
        rest = rest[cut:].lstrip()


def _fitting(text: str, limit: int, cost: Cost) -> int:
    """How many characters fit."""
    taken = accumulate(cost(character) for character in text[: limit + 1])
    return sum(1 for each in taken if each <= limit)


def _pause(text: str, fits: int) -> int:
    """Where the best pause within what fits ends; 0 when there is none."""
    for least in (fits // 2, 0):
        for pause in _PAUSES:
            found = [each for each in pause.finditer(text, 0, fits + 1) if least < each.start() and _seen(each) <= fits]
            if found:
                return found[-1].end()
    return 0


def _seen(pause: re.Match[str]) -> int:
    """Where what is seen of it ends: the quotation mark behind a full stop, not the blank."""
    return pause.start() + len(pause[0].rstrip())


def _seam(text: str, fits: int) -> int:
    """The last place within what fits that is not inside what is seen as one character."""
    at = fits
    while at > 1 and _is_one(text, at):
        at -= 1
    return at if at > 1 or not _is_one(text, 1) else fits


def _is_one(text: str, at: int) -> bool:
    """Whether the characters before and after the place are seen as one."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or _JOINER in (before, after):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skins, tags of flags
        return True
    return _is_flag(after) and _flags_before(text, at) % 2 == 1


def _flags_before(text: str, at: int) -> int:
    """How many regional indicators stand in a row before the place: two are one flag."""
    first = at
    while first > 0 and _is_flag(text[first - 1]):
        first -= 1
    return at - first


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
