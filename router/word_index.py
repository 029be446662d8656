"""Keywords in a line of words, found by hash however many there are.

A keyword is a piece of a line of words (keywords.py): ` refund `, ` money back `, ` refund` for `refund*`. The line is
cut into its words once; each keyword is looked up by a pair of its words, by a whole word, or by the first or last
letters of the one that is not whole, and only where that is there is the whole piece tried. So the time goes with the
words of the text, and hardly with the number of keywords. Pieces without any space (`*fund*`) go by regular
expressions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import re2

from ..config.patterns import Pattern
from .pattern_set import PatternSet

_LETTERS = 4

Entry = tuple[int, str]
Marks = Callable[[Sequence[str]], Iterable[str]]


class WordIndex:
    """The pieces; their place in the sequence is their number."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._tables: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        self._loose = tuple(number for number, piece in enumerate(pieces) if " " not in piece)
        escaped = (re2.escape(pieces[number]) for number in self._loose)
        self._loose_set = PatternSet([Pattern(piece, piece) for piece in escaped])
        for number, piece in enumerate(pieces):
            if " " in piece:
                kind, mark = _mark(piece.split(" "))
                self._tables[kind][mark].append((number, piece))

    def matching(self, line: str) -> frozenset[int]:
        """The numbers of the pieces that are in this line."""
        return frozenset(self._found(line))

    def _found(self, line: str) -> Iterator[int]:
        words = line.split()
        for kind, table in self._tables.items():
            for mark in table.keys() & set(_MARKS[kind](words)):
                yield from (number for number, piece in table[mark] if piece in line)
        if self._loose:
            yield from (self._loose[number] for number in self._loose_set.matching(line))


def _mark(parts: Sequence[str]) -> tuple[str, str]:
    """By what a piece is looked up; what stands between two spaces of it is a whole word."""
    whole = parts[1:-1]
    if len(whole) > 1:
        return "pair", f"{whole[0]} {whole[1]}"
    if whole:
        return "word", whole[0]
    return ("head", parts[-1][:_LETTERS]) if len(parts[-1]) >= _LETTERS else _short(parts)


def _short(parts: Sequence[str]) -> tuple[str, str]:
    head, tail = parts[-1], parts[0]
    return (f"head{len(head)}", head) if head else (f"tail{min(len(tail), _LETTERS)}", tail[-_LETTERS:])


def _heads(length: int) -> Marks:
    return lambda words: [word[:length] for word in words]


def _tails(length: int) -> Marks:
    return lambda words: [word[-length:] for word in words]


_MARKS: dict[str, Marks] = {
    "pair": lambda words: map(" ".join, pairwise(words)),
    "word": lambda words: words,
    "head": _heads(_LETTERS),
    **{f"head{length}": _heads(length) for length in range(1, _LETTERS)},
    **{f"tail{length}": _tails(length) for length in range(1, _LETTERS + 1)},
}
