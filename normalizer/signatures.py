"""Signatures at the end of what a person wrote.

Cut are: what stands under a signature line (module `drawn_lines`), lines that a device or program adds (`Sent from my
iPhone`, in many languages), a name behind a dash or slash (`-Ann`, `/Ann`), and a block of contact data under a name. A
plain farewell (`Thanks, Ann`) stays: it is what the person wrote, and cutting it would sooner or later cut a sentence.
Nothing is cut when nothing would remain.
"""

import re
from collections.abc import Sequence

from .drawn_lines import CONTACT, WORD, begins_signature, is_drawn, names_author
from .folding import fold
from .quote_words import DEVICE, GET, PROGRAM, SENT_FROM

_DASH_NAME = re.compile(r"\s?(?P<mark>[-–—~/]{1,2} ?)(?P<name>[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,2})")
_SAID = re.compile(r"[^\w\s,;:/(\[{<=+*|&-]\Z")  # the line above ends what it says
_LINK_TAIL = re.compile(r"\s*[<(\[]?https?://\S+[>)\]]?\s*$")
_SENT_FROM_MY = re.compile(r"sent (?:wirelessly )?(?:from|via|with|using) (?:my |a |the )?[^;]{2,50}")
_SUBJECT = re.compile(  # of a sentence: these lines have none
    r"(?:i|we|you|he|she|it|they|my|the|this|please|ich|wir|er|sie|es|das|der|die|den|mein\w*|ihr\w*|bitte|je|j'ai|il|elle|"
    r"nous|vous|on|le|la|mon|yo|el|ella|mi|eu|ele|ela|o|meu|io|il|lui|lei|mio|ik|wij|we|hij|zij|het|mijn|jag|vi|han|hon|"
    r"jeg|min|mina|mitt|minu|ja|moj\w*|я|мы|он|она|мой|моя)\s"
)
_MARKS = re.compile(r"\A(?:da|תם|تم)\s|[^\w]+")  # `Đã gửi từ iPhone`
_NAME = re.compile(r"[*_]*[^\W\d_][\w'’.®-]*(?:[,&|/–—\"“„” ]{1,3}[\w'’.®-]+){0,5}[\"”]?(?<![!?.])[*_]*")
_TITLE = re.compile(  # `, Jr.`, `M.Sc.`, `MD`, `(she/her)`
    r"(?:,\s?(?:[^\W\d_]{1,5}[. -]{0,2}){1,3}|\s(?:[^\W\d_]{1,5}\.[ -]?){2,4}|\s(?:Jr|Sr|MD|MBA|PhD|Esq|I{2,3}|IV)\.?|"
    r"\s\([^()\d]{1,20}\)){1,4}[*_]*\Z"
)
_TAIL = 14
_LAYERS = 4  # a name, the line of the device, the footer of a list …


def signature_start(lines: Sequence[str], author: str = "") -> int:
    """The index of the line at which the signature begins; behind the last line with text when there is none."""
    start = _filled_end(lines, len(lines))
    for _ in range(_LAYERS):
        above = _filled_end(lines, _start(lines[:start], author))
        if above in {0, start}:
            break
        start = above
    while start < len(lines) and start > 1 and is_drawn(lines[start - 1]):
        start = _filled_end(lines, start - 1)
    return start


def _filled_end(lines: Sequence[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _start(lines: Sequence[str], author: str) -> int:
    filled = [index for index, line in enumerate(lines) if line.strip()][-_TAIL:]
    if len(filled) < 2:
        return len(lines)
    for position in range(len(filled) - 2, 0, -1):
        if is_drawn(lines[filled[position]]) and begins_signature(lines, filled[position], author):
            said = (above for above in range(position - 1, 0, -1) if not is_drawn(lines[filled[above]]))
            return filled[next(said, 0) + 1]
    if _added_by_device(lines[filled[-1]]):
        return filled[-1]
    named = len(filled)
    while named > max(2, len(filled) - 2) and CONTACT.search(lines[filled[named - 1]]):
        named -= 1  # a telephone number under the name
    if _is_dash_name(lines, filled[:named], author):
        return filled[named - 1]
    return _contact_block(lines, filled, author)


def _added_by_device(line: str) -> bool:
    if len(line) > 2000:
        return False
    text = _LINK_TAIL.sub("", line.strip().strip("*_"))
    if not 6 <= len(text) <= 90 or text.endswith(("?", ":", ",")):
        return False
    # `Sent from my Samsung Galaxy, an AT&T smartphone`: what is said before the comma must do.
    folded = fold(text).partition(",")[0]
    words = len(folded.split())
    if _SENT_FROM_MY.fullmatch(folded) and words <= 9 and "," not in text:
        return True
    if PROGRAM.search(folded) and GET.search(folded):
        return words <= 7 and not text.endswith(".")
    match = SENT_FROM.search(folded)
    if match is None or words > 14 or not DEVICE.search(folded) or _SUBJECT.match(folded):
        return False
    # The word of sending comes first, or last where verbs come last; a sentence about a phone has it in the middle.
    return not _MARKS.sub("", folded[: match.start()]) or len(folded[match.end() :].split()) <= 2


def _is_dash_name(lines: Sequence[str], filled: Sequence[int], author: str) -> bool:
    """The author's name behind a dash; any name, where what stands above has come to its end and is no list."""
    above, last = lines[filled[-2]].strip(), lines[filled[-1]]
    match = _DASH_NAME.fullmatch(last.rstrip(" .!"))
    if match is None or len(match["name"]) > 40 or re.match(r"[-–—*•~/]", above):
        return False
    if names_author(match["name"], author):
        return True
    if match["name"][0].islower() and "/" in match["mark"]:
        return False  # a path
    ended = bool(_SAID.search(above)) or len(above.split()) <= 2
    is_item = bool(author) and match["mark"].endswith(" ") and "/" not in match["mark"]
    return ended and not above.endswith((":", ",", "：")) and not is_item


def _contact_block(lines: Sequence[str], filled: Sequence[int], author: str) -> int:
    """A name over two lines of contact data; under the author's own name, over any short lines."""
    author_words = set(WORD.findall(fold(author)))
    contacts = others = 0
    for index in reversed(filled[1:]):
        line = lines[index].strip()
        if len(line) > 80 or line.endswith(("?", "？", ":", "：")) or len(line.split()) > 10:
            break
        if (
            not lines[index - 1].strip()
            and not CONTACT.search(line)
            and _NAME.fullmatch(_TITLE.sub("", line.rstrip(",")))
        ):
            own_name = len(author_words) > 1 and author_words <= set(WORD.findall(fold(line)))
            listed = not own_name and lines[_filled_end(lines, index) - 1].rstrip().endswith((":", "："))
            if (contacts >= 2 and not listed) or (own_name and index != filled[-1] and not others):
                return index
        if CONTACT.search(line):
            contacts += 1
        elif len(line.split()) > 3 or line.endswith((".", "!")):
            others += 1
    return len(lines)
