"""What is wrong with the configuration: where, what was found, what was expected, and what to do about it.

trunkline.yaml:14:17: found "5 minuts", expected a duration such as 30s, 5min, 1h30min or 35d; …
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Misconfigured


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file, counted from 1; or, without a line, an environment variable or a whole file."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong."""

    position: Position
    found: str
    expected: str
    remedy: str = ""

    def __str__(self) -> str:
        sentence = f"{self.position}: found {self.found}, expected {self.expected}"
        return f"{sentence}; {self.remedy}" if self.remedy else sentence


def misconfigured(problems: Iterable[Problem]) -> Misconfigured:
    """The error that carries all of them, in the order of the file, one to a line."""
    ordered = sorted(set(problems))
    return Misconfigured("\n".join(map(str, ordered)), problems=tuple(ordered))


def shown(value: object) -> str:
    """A value as it is shown in a complaint: short, on one line, and in quotes when it is text."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case str():
            text = " ".join(value.split())
            return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'
        case _:
            return str(value)
