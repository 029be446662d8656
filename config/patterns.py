r"""Regular expressions of rules: RE2 only, with classes that mean Unicode.

RE2 is linear in the text, so a pattern cannot hang the desk; it has no look-around and no back-references. Its `\w`,
`\d`, `\s` and `\b` know ASCII only, so that `\bвозврат\b` never matches (github.com/google/re2/wiki/Syntax). What an
operator means by them is written here in a form that RE2 takes:

    \w \W \d \D \s \S    classes over Unicode letters, marks, numbers and spaces
    \b                   the edge of a word, at the very beginning and the very end of a pattern or of its alternatives,
                         where it may consume the neighbouring character; refused elsewhere, and so is \B

Patterns are tried without regard to case; `(?-i)` at the beginning turns that off.

The edges of words make a pattern big, since there are many letters. So each comes with a wider one that leaves them
out: many of those are searched for at once, and only where one is found is the exact pattern tried.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from .foreign_constructs import remedy_of
from .section import wrong

WORD = r"\pL\pM\pN_"
_CLASSES = {"w": WORD, "d": r"\p{Nd}", "s": r"\s\p{Z}"}
_OUTSIDE = {"W": rf"[^{WORD}]", "D": r"\P{Nd}", "S": r"[^\s\p{Z}]"} | {
    key: f"[{inner}]" for key, inner in _CLASSES.items()
}
_BEGIN = rf"(?:^|[^{WORD}])"
_END = rf"(?:$|[^{WORD}])"
_MOST = 4096
_FEW_EDGES = 8

_TOKEN = re.compile(
    r"""\\Q.*?(?:\\E|\Z)                                     # quoted text
    | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]                # a class
    | \((?:\?(?:P?<\w+>|[a-zA-Z-]*:|[a-zA-Z-]+\)))?          # a group opens, or flags are set
    | \{\d+(?:,\d*)?\}                                       # a repetition
    | \\? .                                                  # one character, perhaps escaped
    | .""",
    re.VERBOSE | re.DOTALL,
)


def options() -> Any:
    """How patterns are compiled everywhere: any case, nothing on standard error."""
    chosen = re2.Options()
    chosen.log_errors = False
    chosen.case_sensitive = False
    return chosen


class Pattern(NamedTuple):
    """A pattern for RE2, and one that matches wherever it does."""

    exact: str
    wider: str


@lru_cache(maxsize=4096)
def translate(pattern: str) -> Pattern:
    """The pattern as RE2 must have it. Raises the validator's error when it cannot be had."""
    if len(pattern) > _MOST:
        raise wrong(f"a pattern of at most {_MOST} characters", "split it into several")
    pieces = _TOKEN.findall(pattern)
    exact = _rewrite(pieces)
    wider = exact.replace(_BEGIN, "(?:)").replace(_END, "(?:)")
    try:
        # Word edges are known to be sound; they are compiled only where so many could outgrow RE2's memory.
        re2.compile(wider if pieces.count(r"\b") <= _FEW_EDGES else exact, options())
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
        raise wrong(f"a pattern that RE2 takes ({reason})", remedy_of(pattern)) from None
    return Pattern(exact, wider)


def _rewrite(pieces: list[str]) -> str:
    leading, trailing = _leading(pieces), _trailing(pieces)
    for at, piece in enumerate(pieces):
        if piece == r"\b":
            beside = pieces[at + 1 : at + 2] if leading[at] else pieces[at - 1 : at]
            leading[at], trailing[at] = (state[at] and _wordlike(beside) for state in (leading, trailing))
    return "".join(_translated(piece, leading[at], trailing[at]) for at, piece in enumerate(pieces))


def _translated(piece: str, leading: bool, trailing: bool) -> str:
    if piece == r"\b" and (leading or trailing):
        return _BEGIN if leading else _END
    if piece in {r"\b", r"\B"}:
        raise wrong(
            r"\b only at the beginning or end of a pattern and beside a word, and no \B",
            "say what stands beside the word, as [ ,.]",
        )
    if piece[0] == "[" and len(piece) > 1:
        return _class(piece)
    return _OUTSIDE.get(piece[1], piece) if piece[0] == "\\" and len(piece) == 2 else piece


def _wordlike(beside: list[str]) -> bool:
    """The edge of a word is meant only where a word can stand: not beside a space or a point."""
    return bool(beside) and not re.fullmatch(r"[^\w\\(\[.)|+*?{}]|\\\W|\\[Wsb]", beside[0])


def _class(piece: str) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*\\W", piece):
        raise wrong(r"a class without \W", r"write [^\w] or name what is meant; for any character write (?s:.)")
    return re.sub(r"\\(.)", lambda found: _CLASSES.get(found[1], found[0]), piece, flags=re.DOTALL)


def _leading(pieces: list[str]) -> list[bool]:
    """For each piece: nothing of its alternative has been consumed before it, and no repetition goes around it."""
    states, stack, now = [], [(True, -1)], True
    for at, piece in enumerate(pieces):
        states.append(now)
        if piece[0] == "(" and piece[-1] != ")":
            stack.append((now, at))
        elif piece == "|":
            now = stack[-1][0]
        elif piece == ")":
            opened = stack.pop()[1] if len(stack) > 1 else 0
            if "".join(pieces[at + 1 : at + 2]).startswith(("*", "+", "{")):
                states[opened:at] = [False] * (at - opened)
            now = False
        elif piece[0] != "(":
            now = False
    return states


def _trailing(pieces: list[str]) -> list[bool]:
    """For each piece: nothing of its alternative is consumed after it."""
    states, stack, now = [], [True], True
    for piece in reversed(pieces):
        states.append(now)
        if piece == ")":
            stack.append(now)
        elif piece == "|":
            now = stack[-1]
        elif piece[0] == "(" and piece[-1] != ")":
            if len(stack) > 1:
                stack.pop()
            now = False
        elif piece[0] != "(" and piece != "?":
            now = False
    return states[::-1]
