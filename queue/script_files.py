"""The lines of Lua files, with those that they include in their places.

A line `--#include name.lua` (relative to the including file) is replaced by that file, once however often it is named.
Indented it stands in a block. Each file is read once in a process, because most are included by many scripts; the
files of a running process are not expected to change.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

_INCLUDE = re.compile(r"([ \t]*)--#include[ \t]+(\S+)[ \t]*")


class Line(NamedTuple):
    """One line, and what it includes."""

    place: str
    """Where it is written: the name of the file and the number of the line."""
    text: str
    includes: Path | None
    in_block: bool


@cache
def lines_of(path: Path) -> Sequence[Line]:
    """The lines of one file."""
    return [_line(path, at, text) for at, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)]


def _line(path: Path, number: int, text: str) -> Line:
    found = _INCLUDE.fullmatch(text)
    target = (path.parent / found[2]).resolve() if found else None
    return Line(f"{path.name}:{number}", text, target, bool(found and found[1]))


def expanded(path: Path, files: dict[Path, str], block: str = "") -> Iterator[tuple[str, str]]:
    """Each line with its place. `files` gets those that are included, each with the place of the block it stands in.

    Raises ValueError when a file is included outside of the block in which it is known.
    """
    for line in lines_of(path):
        target = line.includes
        if not target:
            yield line.place, line.text
            continue
        within = line.place if line.in_block else block
        if target not in files:
            files[target] = within
            yield from expanded(target, files, within)
        elif files[target] not in ("", within):
            raise ValueError(
                f"{line.place}: {target.name} is included in the block at {files[target]}, and not known here"
            )
