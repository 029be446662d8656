"""HTML as readable text.

`html_to_text` gives what a person would read: paragraphs, lists and table rows as lines, links as `text (url)` where
the two differ, preformatted text as it stands; without scripts, styles, comments, hidden elements and the invisible
padding of newsletters. Linear time, never raises, at most 512 KB are read, nesting over 256 levels is flattened.

`html_lines` gives the same as lines, each with the mark of the element it stands in: `mark_of` says which elements are
a quotation, a heading of one, or a signature (module `client_marks` knows how mail programs mark them).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .html_tokens import attributes, tokens

MAX_DEPTH = 256
RULE = "* * *"


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BLOCKS = _set(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody tfoot "
    "thead tr ul"
)
_SPACED = _set("blockquote dl figure h1 h2 h3 h4 h5 h6 ol p pre table ul")
_VOID = _set("area base br col embed hr img input link meta param source track wbr basefont bgsound frame")
_FORMATTING = _set("abbr acronym b big cite code em font i ins kbd mark o:p s samp small strike strong sub sup tt u")
_SKIPPED = _set("head svg math xml select datalist template")
_OF_HEAD = _set("title meta base basefont bgsound link style script noscript noframes template html xml object")
_LEFT_BY_BLOCKS = _set("svg math xml select datalist")
_CLOSES_BEFORE = {  # HTML standard, section 13.1.2.4: end tags that may be left out
    "a": (("a",), ("div", "td", "p", "li", "table")),
    "li": (("li",), ("ul", "ol", "menu", "dir")),
    "dt": (("dt", "dd"), ("dl",)),
    "dd": (("dt", "dd"), ("dl",)),
    "tr": (("tr", "td", "th"), ("table",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
}
_LOOK_BACK = 24
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?![.\d]*[1-9])|"
    r"(?<![-\w])opacity\s*:\s*0(?![.\d]*[1-9])|(?<![-\w])font-size\s*:\s*[01]px[^\"]{0,80}line-height\s*:\s*[01]px",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_PADDING = re.compile("[\u200b\u2060\ufeff\u00ad\u034f\u061c\u180e\u202d\u202e]+")
_JOINERS = re.compile("(?<=[\\s\u00a0])[\u200c\u200d\u2007]+|[\u200c\u200d\u2007]+(?=[\\s\u00a0]|$)|^[\u200c\u200d]+")
_LINK = re.compile(r"(?:https?|ftp|mailto|tel|sms):", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?://|ftp://|mailto:|tel:|sms:)(?:www\.)?|[/.]+$", re.IGNORECASE)
_IMAGE_NAME = re.compile(
    r"^\W*$|\.(?:png|jpe?g|gif|svg|webp|bmp)$|^(?:image|img|logo|icon|spacer|pixel)\d*$", re.IGNORECASE
)
_LONGEST_LINK = 2000


class Mark(StrEnum):
    """What the lines of an element are."""

    OWN = "own"
    QUOTED = "quoted"
    INDENTED = "indented"  # set in from the margin: a quotation where a heading introduces it
    HEADING = "heading"  # the line that introduces a quotation: `On …, … wrote:`
    SIGNATURE = "signature"


class Line(NamedTuple):
    """One line of text; the lines of quotations begin with `> ` for every level."""

    text: str
    mark: Mark = Mark.OWN


MarkOf = Callable[[str, Mapping[str, str], "Iterable[str]"], Mark | None]
"""Tag, attributes and the classes of the elements around it -> the mark of the element, or None when it has none."""


def html_to_text(html: str) -> str:
    """The text of an HTML document or fragment."""
    return "\n".join(line.text for line in html_lines(html))


def html_lines(html: str, mark_of: MarkOf | None = None) -> list[Line]:
    """The lines of an HTML document or fragment; without visible text, those that it hides."""
    lines = _Walker(mark_of).walk(html)
    return lines or _Walker(mark_of, show_hidden=True).walk(html)


def plain(text: str) -> str:
    """Text without invisible padding, its no-break spaces as spaces."""
    if text.isascii():
        return text
    return _JOINERS.sub("", _PADDING.sub("", text)).replace("\u00a0", " ").replace("\u202f", " ")


@dataclass(slots=True)
class _Open:
    tag: str
    mark: Mark
    depth: int
    hidden: bool
    preformatted: bool
    classes: str
    href: str = ""
    text_start: int = 0
    counter: int = 0


@dataclass(slots=True)
class _Walker:
    mark_of: MarkOf | None
    show_hidden: bool = False
    lines: list[Line] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=lambda: [_Open("", Mark.OWN, 0, False, False, "")])
    names: Counter[str] = field(default_factory=Counter)
    flattened: Counter[str] = field(default_factory=Counter)
    filled: bool = False  # the line holds more than white space
    kept_space: bool = False  # the line holds a no-break space: alone, it makes an empty line
    spaced: bool = False  # an empty line goes before the next one
    cell: bool = False  # a further cell of the row has begun: with its first text it is parted from the one before
    bullet: str = ""
    depth: int = 0  # of the line before

    def walk(self, html: str) -> list[Line]:
        for tag, text, closing in tokens(html):
            if not tag:
                self._text(text)
            elif tag in _FORMATTING and not self.stack[-1].hidden:
                continue
            elif closing:
                self._end(tag)
            else:
                self._start(tag, text)
        self._break()
        while self.lines and not self.lines[-1].text.strip("> "):
            self.lines.pop()
        return self.lines

    def _text(self, text: str) -> None:
        if self.stack[-1].tag == "head" and not text.isspace():
            self._end("head")
        top = self.stack[-1]
        if top.hidden:
            return
        self.kept_space = self.kept_space or "\u00a0" in text
        text = plain(text)
        if top.preformatted:
            first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._add(first)
            for other in others:
                self._line_end()
                self._add(other)
            return
        text = _SPACE.sub(" ", text)
        if text != " " or self.filled:
            self._add(text)

    def _add(self, text: str) -> None:
        if text.isspace() or not text:
            self.parts.append(text)
            return
        if self.cell and self.filled:
            self.parts.append(" " if "".join(self.parts[-4:]).rstrip().endswith(":") else " | ")
        self.parts.append(text)
        self.filled, self.cell = True, False

    def _start(self, tag: str, text: str) -> None:
        if self.stack[-1].hidden:
            self._leave_hidden(tag)
            if tag in _FORMATTING:
                return
        if tag in _VOID:
            self._void(tag, text)
            return
        if tag in _CLOSES_BEFORE:
            self._imply(*_CLOSES_BEFORE[tag])
        elif tag in _BLOCKS:
            self._imply(("p",), ("table", "td", "th", "div", "blockquote", "li"))
        if tag in _BLOCKS:
            self._break(spaced=tag in _SPACED and "Mso" not in text and not self._in_list(tag))
        elif tag in {"td", "th"}:
            self.cell = self.filled
        self._push(tag, attributes(text) if text.strip(" /") else {})

    def _leave_hidden(self, tag: str) -> None:
        """HTML standard, sections 13.2.6.4.4 and 13.2.6.5: what cannot stand in a head, or in a drawing, ends it."""
        if self.names["head"] and tag not in _OF_HEAD and ":" not in tag:
            self._end("head")
        if tag in _BLOCKS or tag in _FORMATTING or tag in {"br", "img", "span"}:
            for name in _LEFT_BY_BLOCKS:
                while self.names[name]:
                    self._end(name)

    def _push(self, tag: str, given: Mapping[str, str]) -> None:
        if len(self.stack) > MAX_DEPTH:
            self.flattened[tag] += 1
            return
        above = self.stack[-1]
        style = given.get("style", "")
        mark, depth = above.mark, above.depth
        if self.mark_of and mark is not Mark.SIGNATURE:
            own = self.mark_of(tag, given, (entry.classes for entry in self.stack))
            mark = own if own and mark is not Mark.QUOTED else mark
            depth += own in {Mark.QUOTED, Mark.INDENTED}
            if mark is not above.mark or depth != above.depth:
                self._break()
        opened = _Open(
            tag=tag,
            mark=mark,
            depth=depth,
            hidden=above.hidden or (not self.show_hidden and (tag in _SKIPPED or _hides(given, style))),
            preformatted=tag == "pre" or (above.preformatted if not style else _keeps_space(style, above)),
            classes=f"{given.get('class', '')} {given.get('id', '')}".strip(),
            href=given.get("href", "") if tag == "a" else "",
            text_start=len(self.parts),
        )
        self.stack.append(opened)
        self.names[tag] += 1
        if tag == "li":
            self.bullet = self._bullet()

    def _end(self, tag: str) -> None:
        if self.flattened[tag]:
            self.flattened[tag] -= 1
        elif tag == "p" and not self.names["p"]:
            self._break(spaced=True)
        elif self.names[tag]:
            while self._pop() != tag:
                pass
        elif tag == "br":
            self._line_end()

    def _pop(self) -> str:
        entry = self.stack.pop()
        self.names[entry.tag] -= 1
        below = self.stack[-1]
        if entry.href and not entry.hidden:
            self._link(entry)
        if entry.tag in _BLOCKS or entry.mark is not below.mark or entry.depth != below.depth:
            # The line belongs to the element that is being left.
            self.stack.append(entry)
            self._break(spaced=entry.tag in _SPACED and "Mso" not in entry.classes and not self._in_list(entry.tag))
            self.stack.pop()
        return entry.tag

    def _imply(self, closed: tuple[str, ...], barrier: tuple[str, ...]) -> None:
        for back, entry in enumerate(reversed(self.stack[-_LOOK_BACK:]), start=1):
            if entry.tag in closed and (closed != ("tr", "td", "th") or entry.tag == "tr"):
                for _ in range(back):
                    self._pop()
                return
            if entry.tag in barrier:
                return

    def _void(self, tag: str, text: str) -> None:
        if self.stack[-1].hidden:
            return
        if tag == "br":
            self._line_end()
        elif tag == "hr":
            self._break()
            self._add(RULE)
            self._break()
        elif tag == "img" and "alt" in text:
            alternative = plain(attributes(text).get("alt", "")).strip()
            if alternative and len(alternative) <= 2 and not alternative.isascii():
                self._add(alternative)  # an emoji that the mail program sends as a picture
            elif alternative and len(alternative) <= 200 and not _IMAGE_NAME.search(alternative):
                self._add(f"[{_SPACE.sub(' ', alternative)}]")

    def _link(self, entry: _Open) -> None:
        href = entry.href.strip()
        if not _LINK.match(href) or len(href) > _LONGEST_LINK:
            return
        shown = "".join(self.parts[entry.text_start :]).strip().removeprefix("| ")
        address = href.partition("?")[0] if href[:7].lower() == "mailto:" else href
        if shown and _bare(shown) != _bare(address):
            self.parts.append(f" ({address.removeprefix('mailto:')})")

    def _bullet(self) -> str:
        lists = [entry for entry in self.stack[-_LOOK_BACK:] if entry.tag in {"ul", "ol"}]
        indent = "  " * max(0, len(lists) - 1)
        if lists and lists[-1].tag == "ol":
            lists[-1].counter += 1
            return f"{indent}{lists[-1].counter}. "
        return f"{indent}* "

    def _in_list(self, tag: str) -> bool:
        return tag in {"ul", "ol"} and self.names["li"] > 0

    def _break(self, *, spaced: bool = False) -> None:
        if self.filled or self.kept_space:
            self._line_end()
        self.parts.clear()
        self.spaced = self.spaced or spaced

    def _line_end(self) -> None:
        top = self.stack[-1]
        text = "".join(self.parts)
        self.parts.clear()
        self.filled = self.kept_space = self.cell = False
        for entry in self.stack[-_LOOK_BACK:]:
            entry.text_start = 0
        text = text.rstrip() if top.preformatted else re.sub(" {2,}", " ", text).strip()
        if self.spaced and self.lines and self.lines[-1].text.strip("> "):
            self._emit("", top if self.depth == top.depth else self.stack[0])
        self.spaced = False
        if not text and not (self.lines and self.lines[-1].text.strip("> ")):
            return
        if text and self.bullet:
            text, self.bullet = self.bullet + text, ""
        self._emit(text, top)

    def _emit(self, text: str, top: _Open) -> None:
        prefix = ">" * top.depth + " " if top.depth else ""
        self.lines.append(Line((prefix + text).rstrip(), top.mark))
        self.depth = top.depth


def _hides(given: Mapping[str, str], style: str) -> bool:
    return "hidden" in given or bool(style and _HIDING.search(style)) or "preheader" in given.get("class", "").lower()


def _keeps_space(style: str, above: _Open) -> bool:
    if "white-space" not in style.lower():
        return above.preformatted
    return bool(_PREFORMATTED.search(style))


def _bare(text: str) -> str:
    return _SCHEME.sub("", text.strip()).rstrip("/").lower()
