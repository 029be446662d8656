"""What a person wrote now, what they quoted, what is their signature.

`split_text` reads plain text, `split_html` reads HTML with the marks that mail programs leave in it, `split_message`
takes whichever of a mail's two bodies says more. The rules:

* A quotation that ends the message, or stands around one answer, is cut together with the line that introduces it.
* Answers between quotations keep the quotations they answer: without them they cannot be understood.
* Nothing is cut of a mail whose own words say that the answers stand below.
* Our mails begin with `REPLY_MARKER`: what stands above it inside their quotation was written by the person.
* A message that is passed on is no quotation, it is news: nothing below its heading is cut. So is, in a mail that
  answers none of ours (`FirstMail`), the quotation of what neither we nor the writer wrote.
* When a person wrote nothing of their own, all is shown: what they say stands somewhere in it, unless it is in files.

What is cut is kept in `quoted` and `signature`; nothing is lost. Time is linear, nothing raises. Only the first 10,000
lines are looked at; what follows is kept as what it follows.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .client_marks import mark_of
from .drawn_lines import STANDARD
from .first_mail import FirstMail
from .folding import fold
from .pointing import points_below
from .quote_headings import REPLY_MARKER, Heading, Headings, is_attribution, is_marker, is_quoted, is_rule, parted
from .quote_words import FORWARD_PREFIXES
from .signatures import signature_start
from .text import Line, Mark, html_lines, plain

__all__ = ["REPLY_MARKER", "FirstMail", "Split", "split_html", "split_message", "split_text"]

_MOST_LINES = 10_000
_LONG_LINE = 60
_HEAD = 6  # lines of a quotation in which it says whose it is
_HEADS = 40  # lines of a quotation in which copied headers stand
_DEPTH = re.compile(r"(?:\s{0,3}[>＞])+\s?")
_TORN_BRACKET = re.compile(r"[>＞]\s?[^<>＞]{0,60}[:：]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One message in its three parts."""

    visible: str
    quoted: str = ""
    signature: str = ""


def split_text(
    text: str, *, subject: str = "", author: str = "", first: FirstMail | None = None, files: bool = False
) -> Split:
    """The parts of a plain text. The subject tells a message passed on, the author's name helps to find signatures.

    With `files` beside it, the text need not say anything.
    """
    lines = [Line(STANDARD if part == STANDARD else part.rstrip()) for line in _lines(text) for part in parted(line)]
    return _split(_repaired(lines), subject=subject, author=author, first=first, files=files)


def split_html(
    html: str, *, subject: str = "", author: str = "", first: FirstMail | None = None, files: bool = False
) -> Split:
    """The parts of an HTML body."""
    return _split(html_lines(html, mark_of), subject=subject, author=author, first=first, files=files)


def split_message(
    text: str, html: str, *, subject: str = "", author: str = "", first: FirstMail | None = None, files: bool = False
) -> Split:
    """The parts of a mail with both bodies: from the HTML, which marks quotations best, else from the text."""
    said = html.strip()
    from_html = (
        split_html(html, subject=subject, author=author, first=first, files=files) if said else Split(visible="")
    )
    if from_html.visible or not text.strip():
        return from_html
    from_text = split_text(text, subject=subject, author=author, first=first, files=files)
    return from_text if from_text.visible or not from_html.quoted else from_html


def _lines(text: str) -> list[str]:
    text = plain(text).replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x0c", "\n").split("\n")


def _repaired(lines: list[Line]) -> list[Line]:
    """Lines, with an address joined again that was broken as `<`, `mailto:…`, `> wrote:` (Polymail), or before `>`."""
    for index, line in enumerate(lines[1:_MOST_LINES], start=1):
        tail, above = lines[index + 1 : index + 3], lines[index - 1].text
        torn = "@" in above and above.count("<") > above.count(">")
        if torn and _TORN_BRACKET.fullmatch(line.text):
            lines[index - 1 : index + 1] = [Line(above + line.text), Line("")]
        elif torn and line.text.strip() == ">" and tail and tail[0].text.endswith((":", "：")):
            lines[index - 1 : index + 2] = [Line(f"{above}> {tail[0].text}"), Line(""), Line("")]
        elif line.text.strip() == "<" and len(tail) == 2 and tail[1].text.startswith(">") and "@" in tail[0].text:
            first = index - 1 if above or index < 2 else index - 2
            joined = f"{lines[first].text} <{tail[0].text.strip()}{tail[1].text}"
            lines[first : index + 3] = [Line(joined)] + [Line("")] * (index + 2 - first)
    return lines


def _passed_on(subject: str, lines: Sequence[Line]) -> bool:
    """Whether the subject says `Fwd:`. `VS:` does in Danish, and answers in Finnish; but answers hold our marker."""
    prefix, colon, _ = subject.strip()[:30].replace("：", ":").partition(":")
    if not colon or fold(prefix.strip()) not in FORWARD_PREFIXES:
        return False
    return not any(is_marker(line.text) for line in lines[:_MOST_LINES])


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of lines: the person's own, or a quotation with its heading."""

    start: int
    end: int
    own: bool
    passed_on: bool = False  # news, though somebody else wrote it
    heading: Heading | None = None
    marked: bool = False  # every line of the quotation carries a quotation mark


def _split(lines: list[Line], *, subject: str, author: str, first: FirstMail | None, files: bool) -> Split:
    quoted = [line.mark in {Mark.QUOTED, Mark.INDENTED} or is_quoted(line.text) for line in lines]
    if first and any(is_marker(line.text) for line in lines[:_MOST_LINES]):
        first = None
    parts = _parts(lines, quoted, passed_on=_passed_on(subject, lines), first=first)
    kept = _kept(lines, parts)
    if files and parts and not kept:
        return Split(visible="", quoted=_joined(lines))
    if not kept or _points_below(lines, parts):
        return _with_signature(lines, "", author)
    shown = {part.start for part in kept}
    cut = [lines[at] for part in parts if part.start not in shown for at in range(part.start, part.end)]
    visible = [lines[at] for part in kept if not part.passed_on for at in range(part.start, part.end)]
    passed_on = "\n".join(
        lines[at].text.rstrip() for part in kept if part.passed_on for at in range(part.start, part.end)
    )
    if cut and not passed_on and _only_signature(visible):
        if files:
            return Split(visible="", quoted=_joined(cut), signature=_joined(visible))
        return _with_signature(lines, "", author)
    split = _with_signature(visible, _joined(cut), author)
    return replace(split, visible=_stripped([split.visible, passed_on])) if passed_on else split


def _parts(lines: list[Line], quoted: Sequence[bool], *, passed_on: bool, first: FirstMail | None) -> Sequence[_Part]:
    """The runs of the message; what it passes on is its own."""
    headings = Headings(lines, quoted)
    parts: list[_Part] = []
    start = index = 0
    while index < min(len(lines), _MOST_LINES):
        heading = None if quoted[index] else headings.at(index, start)
        if heading is None and not quoted[index]:
            index += 1
            continue
        if heading is None and (behind := _set_in(lines, index)) > index:
            index = behind
            continue
        begin, below = (heading.start, heading.end) if heading else (index, index)
        forwards = heading.kind == "forward" or (passed_on and heading.kind == "reply") if heading else False
        end, marked = _quotation(lines, quoted, below)
        news = first and first.is_news(line.text for line in lines[begin : min(max(below, begin + _HEAD), end)])
        if forwards or news or (heading is None and _passes_on(lines, index)):
            begin = _above(lines, begin)
            rest = _Part(begin, len(lines), own=True, passed_on=True)
            return [*_said(lines, [*parts, _Part(start, begin, own=True)]), rest]
        parts.append(_Part(start, begin, own=True))
        answered = _above_marker(lines, below, end) if heading and marked else below
        if answered > below:
            parts.append(_Part(begin, below, own=False, heading=heading))
            parts.append(_Part(below, answered, own=True))
            begin, heading = answered, None
        parts.append(_Part(begin, end, own=False, heading=heading, marked=marked))
        start = index = end
    return _said(lines, [*parts, _Part(start, len(lines), own=True)])


def _said(lines: Sequence[Line], parts: Iterable[_Part]) -> list[_Part]:
    return [part for part in parts if not part.own or _has_text(lines, part)]


def _above(lines: Sequence[Line], begin: int) -> int:
    """Where what is passed on begins, with the line drawn above it and empty lines."""
    while begin > 0 and (not lines[begin - 1].text.strip() or is_rule(lines[begin - 1].text)):
        begin -= 1
    return begin


def _set_in(lines: list[Line], index: int) -> int:
    """Where a paragraph ends that is only set in, now without marks; `index`, when it is a quotation."""
    end = index
    while end < len(lines) and (lines[end].mark is Mark.INDENTED or not lines[end].text.strip("> ")):
        end += 1
    told = [text for line in lines[index:end] if (text := line.text.strip(" >"))][:2]
    if any(is_attribution(told[:count]) for count in (1, 2)):
        return index
    lines[index:end] = [Line(_DEPTH.sub("", line.text, count=1)) for line in lines[index:end]]
    return end


def _passes_on(lines: Sequence[Line], index: int) -> bool:
    """Whether the quotation that begins here begins with the heading of a message passed on (Apple Mail)."""
    inner = [Line(_DEPTH.sub("", line.text, count=1)) for line in lines[index : index + _HEADS]]
    at = next((at for at, line in enumerate(inner[:3]) if line.text.strip()), None)
    heading = Headings(inner, [is_quoted(line.text) for line in inner]).at(at, at) if at is not None else None
    return heading is not None and heading.kind == "forward"


def _above_marker(lines: list[Line], begin: int, end: int) -> int:
    """Where our marker stands in the quotation of our mail, when something was written above it, which is unquoted."""
    marker = next((at for at in range(begin, min(end, begin + _MOST_LINES)) if is_marker(lines[at].text)), -1)
    said = [at for at in range(begin, marker) if lines[at].text.strip(" >＞")]
    depth = _depth(lines[marker].text) if said else 0
    if any(_depth(lines[at].text) != depth or is_attribution([_DEPTH.sub("", lines[at].text)]) for at in said):
        return begin
    if not said:
        return begin
    for at in range(begin, marker):
        lines[at] = Line(_DEPTH.sub("", lines[at].text, count=1))
    return marker


def _depth(text: str) -> int:
    match = _DEPTH.match(text)
    return match[0].count(">") + match[0].count("＞") if match else 0


def _points_below(lines: Sequence[Line], parts: Sequence[_Part]) -> bool:
    """Whether the person's words above the first quotation say that the answers are inside it."""
    if not parts or not parts[0].own or all(part.own for part in parts):
        return False
    own = _stripped([lines[at].text for at in range(parts[0].start, parts[0].end)])
    return points_below(own)


def _quotation(lines: Sequence[Line], quoted: Sequence[bool], index: int) -> tuple[int, bool]:
    """Where the quotation that begins here ends, and whether quotation marks show it."""
    at = index
    while at < len(lines) and not lines[at].text.strip():
        at += 1
    if at >= len(lines):
        return len(lines), True
    if not quoted[at]:
        return len(lines), False
    end = at
    while at < len(lines):
        if quoted[at]:
            end = at + 1
        elif lines[at].text.strip() and not _torn_off(lines, quoted, at, end):
            break
        at += 1
    # The empty lines behind a quotation belong to it.
    while end < len(lines) and not lines[end].text.strip():
        end += 1
    return end, True


def _torn_off(lines: Sequence[Line], quoted: Sequence[bool], at: int, end: int) -> bool:
    """Whether the line without a mark is the end of a quoted line that was too long, or a link that lost its mark."""
    following = next(
        (quoted[below] for below in range(at + 1, min(at + 3, len(lines))) if lines[below].text.strip()), False
    )
    if not following or at != end:
        return False
    text, above = lines[at].text.strip(), lines[at - 1].text
    if text.lstrip("(<[").startswith(("http://", "https://")) and " " not in text.rstrip(" >"):
        return True
    if above.count("(") > above.count(")") and ")" in text:
        return True
    return len(above) >= _LONG_LINE and len(text) <= _LONG_LINE and text[:1].islower()


def _kept(lines: Sequence[Line], parts: Sequence[_Part]) -> list[_Part]:
    """The parts that stay visible."""
    own = [part for part in parts if part.own]
    if not own:
        return []
    if _interleaved(parts):
        last = max(index for index, part in enumerate(parts) if part.own)
        return list(parts[: last + 1])
    return [part for index, part in enumerate(parts) if part.own or _is_context(lines, parts, index)]


def _interleaved(parts: Sequence[_Part]) -> bool:
    """Whether an answer stands between two pieces of the same quotation."""
    return any(
        before.marked and part.own and after.marked and not after.heading
        for before, part, after in zip(parts, parts[1:], parts[2:], strict=False)
        if not before.own and not after.own
    )


def _is_context(lines: Sequence[Line], parts: Sequence[_Part], index: int) -> bool:
    """Whether a quotation without a heading belongs to what the person says: introduced by them, or a short remark."""
    part = parts[index]
    quoted = [text for at in range(part.start, part.end) if (text := lines[at].text.strip(" >"))]
    if part.heading or not part.marked or any(is_attribution(quoted[:count]) for count in (1, 2)):
        return False
    above = [lines[at].text for at in range(parts[index - 1].start, parts[index - 1].end)] if index else []
    said = next((text for text in reversed(above) if text.strip()), "")
    if said.rstrip().endswith((":", "：")):
        return True
    return index + 1 < len(parts) and len(quoted) < 3


def _has_text(lines: Sequence[Line], part: _Part) -> bool:
    return any(lines[at].text.strip() and not is_rule(lines[at].text) for at in range(part.start, part.end))


def _only_signature(lines: Sequence[Line]) -> bool:
    texts = [line.text for line in lines if line.mark is not Mark.SIGNATURE]
    # Above a line of text even a lone signature is recognised.
    return signature_start(["…", *texts]) == 1


def _with_signature(lines: Sequence[Line], quoted: str, author: str) -> Split:
    marked = [line for line in lines if line.mark is Mark.SIGNATURE]
    if marked and any(line.text.strip() and line.mark is not Mark.SIGNATURE for line in lines):
        lines = [line for line in lines if line.mark is not Mark.SIGNATURE]
    else:
        marked = []
    texts = [line.text for line in lines]
    while texts and (not texts[-1].strip() or is_rule(texts[-1])):
        texts.pop()
    start = signature_start(texts, author)
    signature = "\n\n".join(filter(None, (_stripped(texts[start:]), _joined(marked))))
    return Split(visible=_stripped(texts[:start]), quoted=quoted, signature=signature)


def _joined(lines: Sequence[Line]) -> str:
    return _stripped([line.text for line in lines])


def _stripped(texts: Sequence[str]) -> str:
    return "\n".join(text.rstrip() for text in texts).strip("\n").rstrip()
