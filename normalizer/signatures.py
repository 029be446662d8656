"""Signatures at the end of what a person wrote.

Cut are: what stands under a signature line (`-- `, RFC 3676 section 4.3, and the rules that people draw instead), lines
that a device or program adds (`Sent from my iPhone`, in many languages), a name behind a dash (`-Ann`), and a block of
contact data under a name. A plain farewell (`Thanks, Ann`) stays: it is what the person wrote, and cutting it would
sooner or later cut a sentence. Nothing is cut when nothing would remain.
"""

import re
from collections.abc import Sequence

from .folding import fold
from .quote_words import DEVICE, SENT_FROM

_DELIMITER = re.compile(r"(?:[-–—‐―=~]\s?){2,}|_{2,}")
_DASH_NAME = re.compile(r"\s?[-–—~]{1,2} ?([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,2})")
_CONTACT = re.compile(
    r"https?://|www\.|@[\w-]+\.\w|(?:\+|\b00|\()\d[\d\s()./-]{5,}\d|\b\d{2,5}[\s./-]\d{2,4}[\s./-]\d{2,6}\b|skype:|linkedin",
    re.IGNORECASE,
)
_LINK_TAIL = re.compile(r"\s*[<(\[]?https?://\S+[>)\]]?\s*$")
_SENT_FROM_MY = re.compile(r"sent (?:wirelessly )?(?:from|via|with|using) (?:my |a |the )?[^;]{2,50}")
_NAME = re.compile(r"[*_]*[^\W\d_][\w'’.-]*(?:[,&|/ ]{1,3}[\w'’.-]+){0,5}(?<![!?.])[*_]*")
_WORD = re.compile(r"\w+")
_TAIL = 14
_LAYERS = 4  # a name, the line of the device, the footer of a list …
_WIDEST = 100


def signature_start(lines: Sequence[str], author: str = "") -> int:
    """The index of the line at which the signature begins; behind the last line with text when there is none."""
    start = _filled_end(lines, len(lines))
    for _ in range(_LAYERS):
        above = _filled_end(lines, _start(lines[:start], author))
        if above in {0, start}:
            break
        start = above
    return start


def _filled_end(lines: Sequence[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _start(lines: Sequence[str], author: str) -> int:
    filled = [index for index, line in enumerate(lines) if line.strip()][-_TAIL:]
    if len(filled) < 2:
        return len(lines)
    delimited = _under_delimiter(lines, filled)
    if delimited < len(lines):
        return delimited
    if _added_by_device(lines[filled[-1]]) or _dash_name(lines, filled):
        return filled[-1]
    return _contact_block(lines, filled, author)


def _under_delimiter(lines: Sequence[str], filled: Sequence[int]) -> int:
    found = len(lines)
    for position in range(len(filled) - 1, 0, -1):
        index = filled[position]
        if _DELIMITER.fullmatch(lines[index].strip()):
            below = [lines[at].strip() for at in filled[position + 1 :]]
            if all(len(line) <= _WIDEST for line in below) and not any(line.endswith(("?", "？")) for line in below):
                found = index
    return found


def _added_by_device(line: str) -> bool:
    if len(line) > 2000:
        return False
    text = _LINK_TAIL.sub("", line.strip().strip("*_"))
    if not 6 <= len(text) <= 90 or text.endswith(("?", ":", ",")):
        return False
    # `Sent from my Samsung Galaxy, an AT&T smartphone`: what is said before the comma must do.
    folded = fold(text).partition(",")[0]
    if _SENT_FROM_MY.fullmatch(folded) and len(folded.split()) <= 9 and "," not in text:
        return True
    match = SENT_FROM.search(folded)
    if match is None or len(folded.split()) > 14 or not DEVICE.search(folded):
        return False
    # The word of sending comes first, or last where verbs come last; a sentence about a phone has it in the middle.
    return len(folded[: match.start()].split()) <= 1 or len(folded[match.end() :].split()) <= 2


def _dash_name(lines: Sequence[str], filled: Sequence[int]) -> bool:
    above, last = lines[filled[-2]].strip(), lines[filled[-1]]
    match = _DASH_NAME.fullmatch(last.rstrip(" .!"))
    if match is None or above.endswith((":", ",", "：")) or re.match(r"[-–—*•~]", above):
        return False
    return len(match[1]) <= 40


def _contact_block(lines: Sequence[str], filled: Sequence[int], author: str) -> int:
    """A name over two lines of contact data; under the author's own name, over any short lines."""
    author_words = set(_WORD.findall(fold(author)))
    contacts = others = 0
    for index in reversed(filled[1:]):
        line = lines[index].strip()
        if len(line) > 80 or line.endswith(("?", "？", ":", "：")) or len(line.split()) > 10:
            break
        if not lines[index - 1].strip() and not _CONTACT.search(line) and _NAME.fullmatch(line):
            own_name = len(author_words) > 1 and author_words <= set(_WORD.findall(fold(line)))
            if contacts >= 2 or (own_name and index != filled[-1] and not others):
                return index
        if _CONTACT.search(line):
            contacts += 1
        elif len(line.split()) > 3 or line.endswith((".", "!")):
            others += 1
    return len(lines)
