"""The small markup that agents write, read into runs: **bold**, *italic* or _italic_, `code`, lists and links. Pure.

    **bold**  *italic*  _italic_  `code`  [words](https://…)
    - an item        1. a numbered one        ``` above and below lines of code

It is the part of Markdown that every channel can show in some way. A mark counts only at the edge of a word and with
its partner in the same line, so that `2*3*4`, `snake_case` and `__init__` stay as they are; a backslash before one
takes its meaning away. Nothing else means anything: no HTML, no images, no headings, and a link only to http and https.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_INLINE = re.compile(
    r"\\(?P<escaped>[*_`\[\]\\])"
    r"|(?P<url>\bhttps?://[^\s<>\"'`|\\^{}\])]{3,2000})"
    r"|`(?P<code>[^`\n]{1,1000})`"
    r"|\[(?P<words>[^\[\]\n]{1,300})\]\((?P<to>https?://[^\s()<>]{1,2000})\)"
    r"|\*\*(?=\S)(?P<bold>[^\n]{1,1000}?)(?<=\S)\*\*(?!\*)"
    r"|(?<![\w*])\*(?=[^\s*])(?P<italic>[^*\n]{1,1000}?)(?<=\S)\*(?![\w*])"
    r"|(?<![\w_])_(?=[^\s_])(?P<slanted>[^_\n]{1,1000}?)(?<=\S)_(?![\w_])",
    re.IGNORECASE,
)
_FENCE = re.compile(r"[ \t]*```[\w+-]{0,20}[ \t]*\Z")
_ITEM = re.compile(r"[ \t]{0,3}[-*•][ \t]+(?=\S)")
_NUMBERED = re.compile(r"[ \t]{0,3}(?P<number>\d{1,3}[.)])[ \t]+(?=\S)")

BULLET = "• "


@dataclass(frozen=True)
class Run:
    """Some text that looks the same from end to end; with `url` it leads there."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    url: str = ""


def runs_of(text: str, *, formatted: bool = True) -> list[Run]:
    """The text in runs; one that is not `formatted` is one run as it stands."""
    if not formatted:
        return [Run(text)]
    return _joined(_lines(text))


def has_marks(text: str) -> bool:
    """Whether anything in it means more than itself."""
    return any(replace(run, text="") != Run("") or BULLET in run.text for run in runs_of(text))


def _lines(text: str) -> Iterator[Run]:
    lines, at, first = text.split("\n"), 0, True
    while at < len(lines):
        if not first:
            yield Run("\n")
        first = False
        end = _end_of_code(lines, at)
        if end:
            yield Run("\n".join(lines[at + 1 : end]), code=True)
            at = end + 1
            continue
        yield from _line(lines[at])
        at += 1


def _end_of_code(lines: list[str], at: int) -> int:
    """The line that ends the code which begins here; 0 when none does."""
    if not _FENCE.match(lines[at]):
        return 0
    return next((end for end in range(at + 2, len(lines)) if lines[end].strip() == "```"), 0)


def _line(line: str) -> Iterator[Run]:
    item, numbered = _ITEM.match(line), _NUMBERED.match(line)
    if item:
        yield Run(BULLET)
        line = line[item.end() :]
    elif numbered:
        yield Run(f"{numbered['number']} ")
        line = line[numbered.end() :]
    yield from _inline(line, Run(""))


def _inline(text: str, like: Run) -> Iterator[Run]:
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            yield replace(like, text=text[at : match.start()])
        yield from _meant(match, like)
        at = match.end()
    if at < len(text):
        yield replace(like, text=text[at:])


def _meant(match: re.Match[str], like: Run) -> Iterator[Run]:
    found = match.lastgroup or ""
    inner = match[found]
    match found:
        case "bold":
            yield from _inline(inner, replace(like, bold=True))
        case "italic" | "slanted":
            yield from _inline(inner, replace(like, italic=True))
        case "code":
            yield replace(like, text=inner, code=True)
        case "to":
            yield replace(like, text=match["words"], url=inner)
        case _:
            yield replace(like, text=inner)


def _joined(runs: Iterator[Run]) -> list[Run]:
    """Neighbours that look the same are one."""
    joined: list[Run] = []
    for run in runs:
        if joined and replace(joined[-1], text="") == replace(run, text=""):
            joined[-1] = replace(run, text=joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return joined
