"""The message inside a message that is passed on: who wrote it, when, to whom, and what it says.

`find_original` looks through the text of a message for the headers that mail programs copy above what they pass on:

* Gmail, Thunderbird, Apple Mail, Yahoo, Proton and phones write a line that says so, then the headers;
* Outlook writes the headers alone, below a drawn line or nothing;
* Yandex and some others write a line that says so, then date, name and address in one.

The labels are known in the languages of `quote_words`; four headers in a row with an address are enough without any.
What is found is a claim of whoever passed it on: anybody can write such lines. Linear time; never raises.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .addresses import normalise_address
from .folding import fold
from .quote_headings import is_quoted, is_rule
from .quote_words import FORWARDED, LABELS, ORIGINAL

_MOST_LINES = 10_000
_MOST_HEADERS = 40  # lines of copied headers, folded ones too
_LOOKED_AT = 20_000  # lines of headers that are no message's; a text with more is no mail that was passed on
_SEEN = 1000
_MAYBE = re.compile(r"[:：]|^[-–—‐―_=~>*\s]{2}")  # of the lines that could begin one
_FORMAT = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad*]+")
_MARK = re.compile(r"\s{0,3}[>＞]\s?")
_LABEL = re.compile(r"(?:[-•]\s)?([^\W\d_][^:：<>@/\d|]{0,30}?)\s?[:：](?!//)[\s|]{0,9}(.*)")
_FRAME = re.compile(r"[-–—‐―_=~>*\s]{2,40}(\S.{1,150}?)[-–—‐―_=~<*\s]{0,40}:?")
_EMAIL = re.compile(r"[\w.!#$%&'+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
_ADDRESSEE = re.compile(rf".*?({_EMAIL.pattern})[>\])\"']*", re.DOTALL)
_AROUND = " \t\"'“”„«»<>()[],;|"
_MOMENT = re.compile(r"\d\D{0,9}\d.{0,40}\d\s?[:.hH時点시]\s?\d\d")
_LONG_DATE = re.compile(r"\d.{0,120}\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A message that is passed on; what it does not tell is empty. The date is as written, in whatever language."""

    name: str = ""
    address: str = ""  # normalised
    date: str = ""
    subject: str = ""
    to: str = ""
    text: str = ""
    comment: str = ""  # what the one who passed it on wrote above


def find_original(text: str, *, told: bool = False) -> Passed | None:
    """The outermost message that this text passes on; with `told`, only one below a line that says so."""
    lines = text.split("\n")[:_MOST_LINES]
    labels, left = _Labels(lines), _LOOKED_AT
    for index, line in enumerate(lines):
        if not _MAYBE.search(line[:_SEEN]):
            continue
        framed = _says_forwarded(_unmarked(line))
        if framed and (found := _one_line(lines, index)):
            return found
        if framed or (labels.of(index)[0] and not told):
            block = _Block.read(labels, index + 1 if framed else index)
            if block and block.is_message(framed=framed):
                return block.passed(lines, comment=_comment(lines[:index]))
            left -= block.length if block else 1
            if left < 0:
                return None
    return None


def addressees(to: str) -> list[str]:
    """The addresses, normalised, in a list of recipients as a message that was passed on tells it."""
    return [address for found in _EMAIL.findall(to) if (address := normalise_address(found))]


def without_addressees(to: str, gone: Collection[str]) -> str:
    """Such a list without these addresses and the names before them; as it was when none of them stands in it."""
    if not set(gone).intersection(addressees(to)):
        return to
    kept = [each[0] for each in _ADDRESSEE.finditer(to) if normalise_address(each[1]) not in gone]
    return "".join(kept).lstrip(" ,;")


class _Labels:
    """The lines of a text, and which headers they are; each is looked at once."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._found: list[tuple[str, str] | None] = [None] * len(lines)

    def of(self, index: int) -> tuple[str, str]:
        """The kind of header that a line is, without a mark of quotation, and its value."""
        found = self._found[index]
        if found is None:
            found = self._found[index] = _label(_unmarked(self.lines[index]))
        return found

    def within(self, begin: int, *, marked: bool) -> list[tuple[str, str, str]]:
        """Kind, value and line of those that a block may have; what is quoted belongs to none that is not."""
        window = range(begin, min(begin + _MOST_HEADERS, len(self.lines)))
        if marked:
            return [(*self.of(at), _unmarked(self.lines[at])) for at in window]
        return [(*(("", "") if is_quoted(self.lines[at]) else self.of(at)), self.lines[at]) for at in window]


def _says_forwarded(line: str) -> bool:
    """`---------- Forwarded message ---------`, `Begin forwarded message:`, `-----Original Message-----`."""
    if not line.strip() or len(line) > 150:
        return False
    stripped = _FORMAT.sub("", line).strip()
    match = _FRAME.fullmatch(stripped)
    inner = fold(match[1]) if match else ""
    if inner and len(inner.split()) <= 8 and (FORWARDED.search(inner) or ORIGINAL.search(inner)):
        return True
    folded = fold(stripped)
    return stripped.endswith((":", "：")) and len(folded.split()) <= 8 and FORWARDED.search(folded) is not None


def _one_line(lines: Sequence[str], index: int) -> Passed | None:
    """`18.08.2019, 12:00, "Maria" <maria@example.org>:` below a line that says what it is."""
    for at in range(index + 1, min(index + 4, len(lines))):
        line = _FORMAT.sub("", _unmarked(lines[at])[:_SEEN]).strip()
        if not line:
            continue
        found = _EMAIL.search(line)
        if found is None or not line.endswith((":", "：")) or _label(line)[0] or not _LONG_DATE.search(line):
            return None
        before = line[: found.start()].rstrip(" <(\"'")
        date, _, name = before.rpartition(",")
        body = "\n".join(map(_unmarked, lines[at + 1 :])).strip()
        return Passed(
            name=name.strip(_AROUND),
            address=normalise_address(found[0]) or "",
            date=date.strip(_AROUND),
            text=_without_end(body),
            comment=_comment(lines[:index]),
        )
    return None


@dataclass(slots=True)
class _Block:
    """Copied headers by kind and in order, where they end, and whether they carry quotation marks."""

    values: dict[str, str]
    order: list[tuple[str, str]]
    length: int
    end: int
    marked: bool

    @classmethod
    def read(cls, labels: _Labels, start: int) -> "_Block | None":
        """The headers that begin within three lines."""
        begin = next((at for at in range(start, min(start + 4, len(labels.lines))) if labels.of(at)[0]), -1)
        if begin < 0:
            return None
        marked = is_quoted(labels.lines[begin])
        order, length = _headers(labels.within(begin, marked=marked))
        values: dict[str, str] = {}
        for kind, value in order:
            values.setdefault(kind, value)
        return cls(values, order, length, begin + length, marked)

    def is_message(self, *, framed: bool) -> bool:
        """Whether these are headers of a message: with a line above that says so, who wrote is enough."""
        kinds = set(self.values) - {"other"}
        if "from" in kinds:
            named = _EMAIL.search(self.values["from"]) is not None
            return framed or len(kinds) >= 3 or (named and (len(kinds) == 2 or len(self.order) >= 3))
        unknown = [value for kind, value in self.order if kind == "other"]
        return len(unknown) >= 4 and any(_EMAIL.search(value) for value in unknown[:2])

    def passed(self, lines: Sequence[str], *, comment: str) -> Passed:
        """What they tell, with the text behind them."""
        behind = [_unmarked(line) if self.marked else line for line in lines[self.end :]]
        values = self._by_their_looks()
        written = values.get("from", "").replace("mailto:", " ")
        email = _EMAIL.search(written)
        return Passed(
            name=_EMAIL.split(written)[0].strip(_AROUND)[:200],
            address=(normalise_address(email[0]) or "") if email else "",
            date=(values.get("date") or values.get("sent") or "")[:200],
            subject=values.get("subject", "")[:998],
            to=values.get("to", "")[:500],
            text=_without_end("\n".join(behind).strip()),
            comment=comment,
        )

    def _by_their_looks(self) -> dict[str, str]:
        """With those of unknown labels told by their values: addresses, a moment, words; the first address wrote."""
        values = {kind: value for kind, value in self.values.items() if kind != "other"}
        for kind, value in self.order:
            if kind == "other":
                looks = ("from", "to") if _EMAIL.search(value) else ("date",) if _MOMENT.search(value) else ("subject",)
                values.setdefault(next((each for each in looks if each not in values), looks[-1]), value)
        return values


def _headers(window: Sequence[tuple[str, str, str]]) -> tuple[list[tuple[str, str]], int]:
    """The headers in order, and where they end."""
    found: list[tuple[str, str]] = []
    end = at = 0
    while at < len(window):
        kind, value, line = window[at]
        known = kind not in ("", "other")
        if not line.strip():
            following = next((kind for kind, _, _ in window[at + 1 : at + 2]), "")
            if following in ("", "other") or following in {each for each, _ in found}:
                break
        elif (known and (kind in {"cc", "sent", "date"} or kind not in {each for each, _ in found})) or kind == "other":
            found.append((kind, value.strip().rstrip(";")))
            end = at + 1
        elif found and _goes_on(found[-1], line):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}".strip())
            end = at + 1
        else:
            break
        at += 1
    return _trimmed(found, end, window)


def _trimmed(
    found: list[tuple[str, str]], end: int, window: Sequence[tuple[str, str, str]]
) -> tuple[list[tuple[str, str]], int]:
    """Without headers of unknown names that no empty line ends: they may be the first lines of the message."""
    if any(kind != "other" for kind, _ in found) and end < len(window) and window[end][2].strip():
        while found and found[-1][0] == "other" and window[end - 1][0] == "other":
            found.pop()
            end -= 1
    return found, end


def _goes_on(last: tuple[str, str], line: str) -> bool:
    """Whether the line is the rest of a header: an empty one, a list that is not at its end, an address by itself."""
    kind, value = last
    if not value or value.endswith((",", ";", "<")):
        return True
    if kind in {"from", "to", "cc"} and _EMAIL.search(line) and len(line.split()) <= 6:
        return not _EMAIL.search(value) or kind != "from"
    return False


def _label(line: str) -> tuple[str, str]:
    """The kind of the header and its value; no kind, when it is none."""
    match = _LABEL.fullmatch(_FORMAT.sub("", line[:_SEEN]).strip())
    return (LABELS.get(fold(match[1].strip()), "other"), match[2]) if match else ("", "")


def _unmarked(line: str) -> str:
    return _MARK.sub("", line, count=1) if is_quoted(line) else line


def _comment(lines: Sequence[str]) -> str:
    kept = list(lines)
    while kept and (not kept[-1].strip() or is_rule(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()


def _without_end(text: str) -> str:
    """Without the line that says that the message ends here (Yandex, Mail.ru)."""
    head, _, last = text.rpartition("\n")
    return head.rstrip() if _says_forwarded(last) and not _EMAIL.search(last) else text
