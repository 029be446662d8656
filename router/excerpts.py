"""The line of a text in which words were found, with the words marked. Pure; what shows it must escape it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from ..normalizer.envelope import Record
from ..normalizer.folding import fold
from .search_words import holds

LOOKED_AT = 200_000  # characters
WIDTH = 140  # characters of an excerpt
BEFORE = 16  # of them before the first word, so that a narrow list shows it

_STRETCH = re.compile(r"\S.{0,399}(?!\S)|\S.{0,399}", re.DOTALL)  # of a long line, if possible up to a blank


class Part(Record):
    """A part of an excerpt."""

    text: str
    marked: bool = False


def excerpt(lines: Iterable[str], words: Sequence[str]) -> tuple[Part, ...]:
    """The first of the lines that have the most of the words, cut to `WIDTH`; nothing when none has any.

    A long text is looked at as far as `LOOKED_AT` characters.
    """
    best, most, left = "", 0, LOOKED_AT
    for stretch in (found for line in lines for found in _STRETCH.findall(line)):
        if (left := left - len(stretch)) < 0:
            break
        if (many := len(holds(stretch, words))) > most:
            best, most = stretch, many
            if many == len(words):
                break
    return tuple(_parts(*_cut(" ".join(best.split()), words))) if most else ()


def _cut(line: str, words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """A line cut about its first word, and where words are in it."""
    spans = _spans(line, words)
    first = spans[0][0] if spans else 0
    begin = 0 if len(line) <= WIDTH else max(0, min(first - BEFORE, len(line) - WIDTH))
    if begin and (blank := line.find(" ", begin, first)) >= 0:
        begin = blank + 1
    end = begin + WIDTH
    head, tail = "…" if begin else "", "…" if end < len(line) else ""
    shift = begin - len(head)
    inside = [(from_ - shift, min(to, end) - shift) for from_, to in spans if from_ < end]
    return head + line[begin:end] + tail, inside


def _parts(line: str, spans: Iterable[tuple[int, int]]) -> Iterator[Part]:
    at = 0
    for begin, end in spans:
        if begin > at:
            yield Part(text=line[at:begin])
        yield Part(text=line[begin:end], marked=True)
        at = end
    if at < len(line):
        yield Part(text=line[at:])


def _spans(line: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where the words are, in order and without overlap; a letter is folded together with the marks that follow it."""
    letters = list(_letters(line))
    folded = [fold(letter) for letter in letters]
    starts = [0, *accumulate(map(len, letters))]
    origin = [place for place, piece in enumerate(folded) for _ in piece]
    text = "".join(folded)
    found = sorted(
        (starts[origin[at.start()]], starts[origin[at.end() - 1] + 1])
        for word in words
        for at in re.finditer(re.escape(word), text)
    )
    spans = list[tuple[int, int]]()
    for begin, end in found:
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


def _letters(line: str) -> Iterator[str]:
    begin = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or not unicodedata.combining(line[at]):
            yield line[begin:at]
            begin = at
