"""No script comes near the two hundred locals that Lua allows in a function: the body of a script is one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline.queue.scripts import Script

from .test_layout import ROOT, files_below, top_folders

ALLOWED = 200
ROOM = 40
"""What whoever adds to a script finds left; where less is, what a file needs for itself goes into a block."""
SCRIPTS = [
    path
    for folder in top_folders()
    for path in files_below(folder, "*.lua")
    if path.read_text(encoding="utf-8").startswith("#!lua")
]
WORD = re.compile(r"--.*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[A-Za-z_]\w*(?:[.:]\w+)*|\S")
HIDDEN = 3  # that Lua keeps for a loop


def words(source: str) -> list[str]:
    lines = (line for line in source.splitlines() if not line.startswith("#!"))
    return [word for line in lines for word in WORD.findall(line) if not word.startswith("--")]


def listed(found: list[str], at: int) -> int:
    """How many names stand in a list with commas, or are parameters, from there on."""
    names = [found[at]]
    while found[at + 1 : at + 2] == [","]:
        at += 2
        names.append(found[at])
    return sum(name.isidentifier() for name in names)


def most_locals(source: str) -> int:
    """How many locals there are at once, in the function that has most."""
    found, loop, most = words(source), 0, 0
    blocks = [(True, 0)]  # whether it is a function, and how many locals begin in it
    for at, word in enumerate(found):
        is_function, count = blocks[-1]
        if word == "local":
            more = 1 if found[at + 1] == "function" else listed(found, at + 1)
            blocks[-1] = (is_function, count + more)
        elif word == "for":
            loop = HIDDEN + listed(found, at + 1)
        elif word == "function":
            blocks.append((True, listed(found, found.index("(", at) + 1)))
        elif word in ("do", "if", "repeat"):
            blocks.append((False, loop if word == "do" else 0))
            loop = 0
        elif word in ("end", "until"):
            blocks.pop()
        most = max(most, sum(_of_function(blocks)))
    assert len(blocks) == 1
    return most


def _of_function(blocks: list[tuple[bool, int]]) -> Iterator[int]:
    for is_function, count in reversed(blocks):
        yield count
        if is_function:
            return


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_has_room_for_more_locals(path: Path) -> None:
    assert most_locals(Script.beside(str(path), path.name).source.decode()) <= ALLOWED - ROOM


def test_locals_are_counted_while_they_are_there() -> None:
    assert most_locals("local a, b = 1, 2\nlocal function c(d, e) local f end\nlocal g") == 4
    assert most_locals("local a\ndo local b, c = 'local x', 2 end\ndo local d end -- local e") == 3
    assert most_locals("for i, each in ipairs(a) do local b end\nif a then local c else local d end") == HIDDEN + 3
    assert most_locals("local function a(b, c, ...) if b then local d end end") == 3
