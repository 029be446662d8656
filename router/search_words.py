"""The words by which tickets are found: what is kept of an article, and what somebody asks for. Pure.

Each article keeps its different words, folded (normalizer/folding.py) and parted by blanks, in a private field of its
own hash; so they move, and are erased, with it. What is asked for is looked for as a part of them, so a beginning finds
a word, and a word is found within a text that is written without blanks. An article keeps `MOST_BYTES` of them, what
stands about the text before the text itself: a prose of ten thousand words fits. What Trunkline writes by itself has
none.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..normalizer.field_values import text_of
from ..normalizer.folding import fold

MOST_BYTES = 16_384  # of one article's words
LOOKED_AT = 262_144  # characters of a text
LONGEST = 100  # characters of one without letters beyond ASCII: the rest of a long link finds nothing that it does not
MOST_ASKED = 16  # words of one search

_APART = re.compile(
    r"[\s\"\\\x00-\x1f\x7f]+"
)  # what JSON would escape parts words too, so that a piece is searched as it lies
_EDGES = ".,;:!?()<>[]{}|*'"


def asked_words(asked: str) -> tuple[str, ...]:
    """The words of a search, each once; what stands at the edges of words is looked for only where there is no word."""
    return tuple(dict.fromkeys(map(_short, _words(asked) or fold(asked).replace('"', " ").split())))[:MOST_ASKED]


def article_words(article: Mapping[str, Any], text: str | None = None) -> str:
    """The words of an article, given its fields as JSON; `text` is its whole text where they have the beginning."""
    left, kept = MOST_BYTES, list[str]()
    for word in dict.fromkeys(_short(word) for part in _parts(article, text) for word in _words(part[:LOOKED_AT])):
        piece = word.encode(errors="replace")[:left]
        kept.append(piece.decode(errors="ignore"))
        left -= len(piece) + 1
        if left <= 0:
            break
    return " ".join(kept)


def article_lines(article: Mapping[str, Any]) -> list[str]:
    """What a whole article is found by, as it is shown: the lines of the text first."""
    return [*article["text"].splitlines(), *_about(article)]


def holds(text: str, words: Iterable[str]) -> list[str]:
    """Those of the words that a text has, in any letters."""
    folded = fold(text)
    return [word for word in words if word in folded]


def _parts(article: Mapping[str, Any], text: str | None) -> list[str]:
    return [*_about(article), article["text"] if text is None else text]


def _about(article: Mapping[str, Any]) -> list[str]:
    """Subject, who wrote, to whom, file names, and what a source said for fields."""
    author, copied = article["author"], article.get("copied") or ()
    lines = [
        article.get("subject", ""),
        " ".join((author.get("name", ""), author.get("identity", "").partition(":")[2])),
        article.get("to", ""),
        *(f"{each.get('name', '')} {each['address']}" for each in copied),
        *(each["name"] for each in article.get("attachments") or ()),
        *(text_of(value) for value in (article.get("fields") or {}).values()),
    ]
    return [stripped for line in lines if (stripped := line.strip())]


def _short(word: str) -> str:
    return word[:LONGEST] if word.isascii() else word


def _words(text: str) -> list[str]:
    return [word for each in _APART.split(fold(text)) if (word := each.strip(_EDGES))]
