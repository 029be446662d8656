"""The lines by which mail programs introduce what they quote.

Four shapes are known, and each is recognised by its shape before its words:

* an attribution, `On 3 Apr 2012 at 16:19, Bob <bob@example.org> wrote:`, over one to four lines;
* a block of copied headers, `From: … Sent: … To: … Subject: …`;
* a framed line, `-----Original Message-----`, `---- Bob wrote ----`;
* a marker that says so: ours (`REPLY_MARKER`), those of other desks, those in HTML (`Mark.HEADING`).

Every line is looked at a constant number of times, and only its first 400 characters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .folding import fold
from .quote_words import FORWARDED, LABELS, ORIGINAL, WROTE
from .text import Line, Mark

REPLY_MARKER = "##- Please type your reply above this line -##"

_SEEN = 400
_WINDOW = 4
_BLOCK = 30
_MARKER = re.compile(
    r"##-.{3,120}-##|(?:reply|answer|respond|write|type)\b.{0,30} above this (?:line|message)", re.IGNORECASE
)
_QUOTED = re.compile(r"\s{0,3}[>＞](?!.*<<\s*$)(?!>>\s.{5,200}\s>>>$)")
_BETWEEN_ARROWS = re.compile(r">>>\s(.{5,200})\s>>>")  # GroupWise
_FORMAT = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad*]+")
_RULE = re.compile(r"(?:[-–—‐―_=*~•⁃]\s?){3,}")
_FRAMED = re.compile(r"[-–—‐―_=~]{2,}\s?(\S.{1,150}?)\s?[-–—‐―_=~]{2,}:?")
_HALF_FRAMED = re.compile(r"[-–—‐―_=]{3,}\s?(\S.{1,150})")
_HEADER = re.compile(r"([^\W\d_][^:：<>@/\d]{0,30}?)\s?[:：](?!//)\s?(.*)")
_EMAIL = re.compile(r"(?<=[\w.+'-])@[\w-]+(?:\.[\w-]+)+")
_ENCLOSED_EMAIL = re.compile(r"(?<=[\w.+'-])@[\w-]+(?:\.[\w-]+)*\s?[>\]]|[<\[]\s?(?:mailto:)?[\w.+'-]{1,64}@")
_LAST_EMAIL = re.compile(r"@[\w-]+(?:\.[\w-]+)+[>)\]\s\"']*[:：]$")
_NUMERIC_DATE = re.compile(r"(?<!\d)\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:1[34]|19|20|25)\d\d(?!\d)")
_NUMBER = re.compile(r"\d+")
_TIME = re.compile(r"(?<![\d.,])\d{1,2}\s?[:.hH時时点點시]\s?\d{2}(?!\d)")
_OTHER_DIGITS = {
    zero + digit: str(digit) for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10) for digit in range(10)
}
_OTHER_DIGITS |= {0x00A0: " ", 0x202F: " ", 0x2009: " "}
_GLUED = re.compile(
    r"(?P<own>.{0,300}?[^\s\-–—])(?P<rest>(?:\s{1,9}[-–—]*\s{0,9}|[-–—]{2,}\s{0,9}|(?<=[.!?)]))"
    r"(?:On|Am|Le|El|Il|Em|Op|Den|Dne|W dniu|În|På|Vào) (?:\w{2,10}[.,]{0,2} ?)?(?:\d|\w{3,9}\.? \d).{8,300}[:：])"
)

_GLUED_FRAME = re.compile(r"(?P<own>.{0,300}?[^\s\-–—])\s{1,9}(?P<rest>[-–—]{2,}\s?[^\s–—-].{8,300}?\s?[-–—]{2,})")
_INNER_LABEL = re.compile(r"(?<![^\s*_-])\*?((?:[^\W\d_]{1,12} )?)([^\W\d_](?:[\w'’]|-(?!-)){0,20})\s?[:：](?=[\s*])")
_FEMALE = re.compile(r"\(\w{1,3}\)\Z")  # `napsal(a)`
_FRAME_BEFORE = re.compile(r"(?:[-–—_=*]{3,}[^-–—_=:]{0,60}[-–—_=*]{3,}|[-–—_=]{5,})\s*\Z")


class Heading(NamedTuple):
    """Lines `start` to `end` introduce a quotation, or a message passed on."""

    start: int
    end: int
    kind: Literal["reply", "forward", "marker"]


@dataclass(frozen=True, slots=True)
class _Signs:
    """What a line holds of that which attributions and headers are made of."""

    text: str
    colon: bool
    email: bool
    enclosed: bool
    date: bool
    time: bool
    bare: bool  # it has an address or a time, says so, and has no colon
    wrote: bool  # it ends in a colon and says that somebody wrote
    wrote_last: bool  # and says so right before the colon


def is_quoted(text: str) -> bool:
    """Whether the line carries the quotation mark of plain text."""
    return bool(_QUOTED.match(text))


def is_rule(text: str) -> bool:
    """Whether the line is nothing but a drawn line."""
    return bool(_RULE.fullmatch(text.strip()))


def is_marker(text: str) -> bool:
    """Whether the line asks for answers above it."""
    return bool(_MARKER.search(text[:_SEEN]))


def parted(line: str) -> list[str]:
    """The line, cut where a heading is glued to the end of what the person wrote, or copied headers to each other."""
    if "@" in line and line.rstrip().endswith(("--", "——")) and len(line) <= _SEEN:
        match = _GLUED_FRAME.fullmatch(line.rstrip())
        return [match["own"], match["rest"]] if match and _frames(_signs(match["rest"].strip("-–— ") + ":")) else [line]
    if not line.rstrip().endswith((":", "：")):
        several = line.count(":") + line.count("：") > 2 and len(line) <= _SEEN * 5
        return (several and not is_quoted(line) and _headers_parted(line)) or [line]
    if len(line) > _SEEN or is_quoted(line):
        return [line]
    match = _GLUED.fullmatch(line.rstrip())
    if match is None or not is_attribution([match["rest"]]):
        return [line]
    if any(char.isdigit() for char in match["own"][-12:]) or not any(char.isalpha() for char in match["own"]):
        return [line]
    return [match["own"], match["rest"].strip()]


def _headers_parted(line: str) -> list[str]:
    """`ok -----Original Message----- From: … Sent: … To: … Subject: …`, one header a line; empty when it is none."""
    labels = list(_labels(line))
    begin = next((at for at, (_, kind) in enumerate(labels) if kind == "from"), len(labels))
    labels = labels[begin:]
    kinds = {kind for _, kind in labels}
    if len(kinds) < 3 or not kinds & {"sent", "date"} or not _EMAIL.search(line):
        return []
    starts = [start for start, _ in labels]
    if frame := _FRAME_BEFORE.search(line[: starts[0]]):
        starts.insert(0, frame.start())
    pieces = [line[start:end].strip() for start, end in zip([0, *starts], [*starts, len(line)], strict=True)]
    return [piece for piece in pieces if piece]


def _labels(line: str) -> Iterator[tuple[int, str]]:
    for match in _INNER_LABEL.finditer(line):
        for start, label in ((match.start(), match[1] + match[2]), (match.start(2), match[2])):
            if kind := LABELS.get(fold(label)):
                yield start, kind
                break


def is_attribution(texts: Sequence[str]) -> bool:
    """Whether the lines alone, without what follows them, introduce a quotation."""
    return bool(texts) and _introduces([_signs(text) for text in texts], quotation_follows=False)


class Headings:
    """Finds headings in the lines of one message."""

    def __init__(self, lines: Sequence[Line], quoted: Sequence[bool]) -> None:
        self._lines = lines
        self._quoted = quoted
        self._known: dict[int, _Signs] = {}

    def at(self, index: int, floor: int) -> Heading | None:
        """The heading that ends in, or begins with, this line and reaches up to `floor` at most."""
        line = self._lines[index]
        if line.mark is Mark.HEADING:
            return self._marked(index)
        text = self._signs(index).text
        if not text:
            return None
        if is_marker(text):
            return Heading(self._introduction(index, floor), index + 1, "marker")
        return self._framed(index) or self._passed_on(index) or self._block(index) or self._attribution(index, floor)

    def _signs(self, index: int) -> _Signs:
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = _signs(self._lines[index].text)
        return known

    def _blank(self, index: int) -> bool:
        return not self._lines[index].text.strip()

    def _is_text(self, index: int) -> bool:
        return not self._blank(index) and not self._quoted[index] and self._lines[index].mark is Mark.OWN

    def _next(self, index: int, reach: int = 6) -> int:
        """The next line with text, or -1."""
        for following in range(index + 1, min(index + 1 + reach, len(self._lines))):
            if not self._blank(following):
                return following
        return -1

    def _quotation_follows(self, index: int) -> bool:
        following = self._next(index)
        return following >= 0 and self._quoted[following]

    def _marked(self, index: int) -> Heading:
        end = index + 1
        while end < len(self._lines) and self._lines[end].mark is Mark.HEADING:
            end += 1
        framed = self._framed(index) or self._passed_on(index)
        following = self._next(end - 1)
        if framed is None and following >= 0 and (block := self._block(following)):
            end = max(end, block.end)
        return Heading(index, end, framed.kind if framed else "reply")

    def _introduction(self, index: int, floor: int) -> int:
        """Where the attribution above our marker begins, which is known by its colon alone."""
        above = index - 1
        while above > floor and self._blank(above):
            above -= 1
        if above < floor or not self._signs(above).colon:
            return index
        start = above
        while start - 1 >= floor and start > above - 2 and not self._blank(start - 1) and not self._signs(start).date:
            start -= 1
        return start

    def _framed(self, index: int) -> Heading | None:
        signs = self._signs(index)
        if _BETWEEN_ARROWS.fullmatch(signs.text):
            return Heading(index, index + 1, "reply") if signs.date and signs.time else None
        match = _FRAMED.fullmatch(signs.text) or _HALF_FRAMED.fullmatch(signs.text)
        if match is None:
            return None
        inner = fold(match[1])
        if inner.startswith(("begin ", "end ")):
            return None  # RFC 4880 section 6.2: armour, not a heading
        following = self._next(index, reach=3)
        block = self._block(following) if following >= 0 else None
        end = block.end if block else index + 1
        short = len(inner.split()) <= 6
        if short and FORWARDED.search(inner):
            return Heading(index, end, "forward")
        named = short and ORIGINAL.search(inner) and match.re is _FRAMED
        if named or block or (match.re is _FRAMED and _frames(_signs(f"{match[1]}:"))):
            return Heading(index, end, "reply")
        return None

    def _passed_on(self, index: int) -> Heading | None:
        """`Begin forwarded message:` and what follows it."""
        signs = self._signs(index)
        if not signs.colon or len(signs.text) > 70 or not FORWARDED.search(fold(signs.text)):
            return None
        following = self._next(index, reach=3)
        if following < 0 or not (self._quoted[following] or _HEADER.fullmatch(self._signs(following).text)):
            return None
        block = self._block(following)
        return Heading(index, block.end if block else index + 1, "forward")

    def _block(self, index: int) -> Heading | None:
        """Copied headers from this line on."""
        match = None if self._quoted[index] else _HEADER.fullmatch(self._signs(index).text)
        if match is None or not (match[2] or self._label(index) != "other"):
            return None  # a person's own words may end in a colon
        kinds: list[str] = []
        seen: list[_Signs] = []
        end, misses = index, 0
        for at in range(index, min(index + _BLOCK, len(self._lines))):
            if self._quoted[at]:
                break
            if self._blank(at):
                following = self._next(at, reach=1)
                if following < 0 or self._label(following) in {None, "other"} or not set(kinds) - {"other"}:
                    break
                continue
            label = self._label(at)
            if label is None:
                misses += 1
                if misses > 2:
                    break
                seen.append(self._signs(at))
                continue
            misses = 0
            kinds.append(label)
            seen.append(self._signs(at))
            end = at + 1
        if not kinds or (kinds[0] == "other" and "from" in kinds) or self._is_listed(index, seen):
            return None
        return Heading(index, end, "reply") if _is_block(kinds, seen, ruled=self._ruled(index)) else None

    def _is_listed(self, index: int, seen: Sequence[_Signs]) -> bool:
        """`Please change my booking:`, and under it `From: Lyon`, `To: Paris`, without an address."""
        above = next((at for at in range(index - 1, max(-1, index - 3), -1) if not self._blank(at)), -1)
        return above >= 0 and self._signs(above).colon and not any(signs.email for signs in seen)

    def _label(self, index: int) -> str | None:
        match = _HEADER.fullmatch(self._signs(index).text)
        if match is None:
            return None
        return LABELS.get(fold(match[1].strip()), "other")

    def _ruled(self, index: int) -> bool:
        above = index - 1
        if above >= 0 and self._blank(above):
            above -= 1
        return above >= 0 and is_rule(self._lines[above].text)

    def _attribution(self, index: int, floor: int) -> Heading | None:
        last = self._signs(index)
        follows = self._quotation_follows(index)
        if not (last.colon or (last.bare and (last.email or follows))) and not (
            follows and last.email and last.date and last.text[:1].isdigit()
        ):
            return None
        best, best_score = -1, 0
        window = [last]
        for start in range(index, max(floor, index - _WINDOW + 1) - 1, -1):
            if start < index:
                if not self._is_text(start):
                    break
                window.insert(0, self._signs(start))
            score = _score(window) if _introduces(window, quotation_follows=follows) else 0
            if score > best_score:
                best, best_score = start, score
            if score and _complete(window):
                break
        if best > floor and self._signs(best).text.startswith(("<", "(<")) and self._is_text(best - 1):
            best -= 1  # the name stands above its address
        return Heading(best, index + 1, "reply") if best >= 0 else None


def _signs(text: str) -> _Signs:
    text = _FORMAT.sub("", text[:_SEEN]).translate(_OTHER_DIGITS).strip(" \t_")
    email = "@" in text and bool(_EMAIL.search(text))
    digits = any(char.isdigit() for char in text)
    undated = _NUMERIC_DATE.sub(" ", text) if digits else text
    time = digits and bool(_TIME.search(undated))
    numbers = len(_NUMBER.findall(undated)) if digits else 0
    colon = text.endswith((":", "："))
    folded = fold(text) if colon else ""
    return _Signs(
        text=text,
        colon=colon,
        bare=(email or time) and not colon and _says_who_wrote(text),
        email=email,
        enclosed=email and bool(_ENCLOSED_EMAIL.search(text)),
        date=digits and (undated != text or (numbers > 1 and bool(_YEAR.search(text))) or (time and numbers > 2)),
        time=time,
        wrote=bool(folded and WROTE.search(folded)),
        wrote_last=bool(folded and WROTE.search(folded[-24:])),
    )


def _frames(signs: _Signs) -> bool:
    return signs.wrote or (signs.enclosed and signs.date and signs.time)


def _says_who_wrote(text: str) -> bool:
    """`… Bob <bob@example.org> wrote`, or `… schrieb Bob <bob@example.org>`."""
    if text.endswith(">"):
        return WROTE.search(fold(text)) is not None
    tail = _FEMALE.sub("", fold(text[-24:]).rstrip(" .-–—…"))
    return any(match.end() == len(tail) for match in WROTE.finditer(tail))


def _introduces(window: Sequence[_Signs], *, quotation_follows: bool) -> bool:
    email, enclosed = any(signs.email for signs in window), any(signs.enclosed for signs in window)
    date, time = any(signs.date for signs in window), any(signs.time for signs in window)
    wrote, long = window[-1].wrote, sum(len(signs.text) for signs in window) > _SEEN
    if long or window[-1].bare:
        return not long and date and time and (enclosed or quotation_follows)
    if email and (date or time):
        at_end = time and date and bool(_LAST_EMAIL.search(window[-1].text))
        return enclosed or at_end or window[-1].wrote_last or quotation_follows
    if email and wrote:
        return enclosed or quotation_follows
    if quotation_follows and enclosed and _LAST_EMAIL.search(window[-1].text):
        return True
    if wrote and date and time:
        return True
    return quotation_follows and ((wrote and len(window[-1].text) <= 150) or (date and time))


def _score(window: Sequence[_Signs]) -> int:
    return (
        2 * any(signs.email for signs in window)
        + 2 * any(signs.date for signs in window)
        + any(signs.time for signs in window)
        + window[-1].wrote
    )


def _complete(window: Sequence[_Signs]) -> bool:
    text = " ".join(signs.text for signs in window)
    return any(signs.date for signs in window) and text.count("<") >= text.count(">")


def _is_block(kinds: Sequence[str], seen: Sequence[_Signs], *, ruled: bool) -> bool:
    known = set(kinds) - {"other", "cc"}
    email = any(signs.email for signs in seen)
    enclosed = any(signs.enclosed for signs in seen)
    dated, timed = any(signs.date for signs in seen), any(signs.time for signs in seen)
    if "from" in known and len(known) >= 3 and (known & {"subject", "sent"} or email):
        return True
    if known & {"from", "to"} and known & {"sent", "date"} and email and dated and timed:
        return True
    if ruled and "from" in known and (email or dated):
        return True
    # No word of it is known: four headers in a row, one with an address, one with a date and a time.
    return len(kinds) >= (3 if ruled else 4) and kinds[0] == "other" and enclosed and dated and timed
