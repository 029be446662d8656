"""HTML made simple enough to be parsed by anybody: well nested, not deep, not long.

Tree builders take quadratic time and memory on tangled HTML (500 KB of nested `<div>` keep nh3 busy for 20 seconds),
and mail comes from anybody. This pass takes linear time and builds no tree: tags close in the order in which they
opened, at most `DEEPEST` are open at once and `FORMATTING` of those that a parser opens again in every paragraph, and
behind `MOST_TAGS` only text goes on. It makes nothing harmless: that is sanitise.py, which reads what comes out.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from html import escape

from ...normalizer.html_tokens import Token, attributes, tokens

DEEPEST = 100
FORMATTING = 12
MOST_TAGS = 20_000

# Longer than the attributes that are read otherwise.
_PICTURE = re.compile(r"""^\s+(?:[^>"']*\s)?src=(?:"(data:image/[^"]*)"|'(data:image/[^']*)')""", re.IGNORECASE)
_VOID_TAGS = "area base br col embed hr img input link meta param source track wbr"
_FORMATTING_TAGS = "a b big code em font i nobr s small strike strong tt u"
_BLOCK_TAGS = (
    "address article aside blockquote center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section summary table ul"
)
_VOID, _FORMATTING, _BLOCKS = (frozenset(names.split()) for names in (_VOID_TAGS, _FORMATTING_TAGS, _BLOCK_TAGS))
# What ends by itself when one of these begins, unless one of the last group lies between (HTML standard, 13.1.2.4).
_ENDS = {
    "li": (("li",), ("ul", "ol")),
    "dt": (("dt", "dd"), ("dl",)),
    "dd": (("dt", "dd"), ("dl",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
    "tr": (("tr",), ("table",)),
    "tbody": (("thead", "tbody", "tfoot"), ("table",)),
    "tfoot": (("thead", "tbody", "tfoot"), ("table",)),
}


def flat_html(html: str, kept: Collection[str]) -> str:
    """The same HTML, as far as it is simple; only tags of these names."""
    return "".join(_Flattening(kept).pieces(html))


class _Flattening:
    def __init__(self, kept: Collection[str]) -> None:
        self._kept = kept
        self._open: list[str] = []
        self._left_out: Counter[str] = Counter()
        self._tags = 0

    def pieces(self, html: str) -> Iterator[str]:
        for token in tokens(html):
            if not token.tag:
                yield escape(token.text, quote=False)
            elif token.tag in self._kept:
                yield from self._closed(token.tag) if token.closing else self._opened(token)
        yield from self._until(0)

    def _opened(self, token: Token) -> Iterator[str]:
        name, self._tags = token.tag, self._tags + 1
        if self._tags > MOST_TAGS:
            return
        yield from self._ended_by(name)
        if name not in _VOID:
            if not self._has_room(name):
                self._left_out[name] += 1
                return
            self._open.append(name)
        given = dict(attributes(token.text))
        if name == "img" and (picture := _PICTURE.search(token.text)):
            given["src"] = picture[1] or picture[2]
        written = (f' {key}="{escape(value)}"' for key, value in given.items() if _is_name(key))
        yield f"<{name}{''.join(written)}>"

    def _closed(self, name: str) -> Iterator[str]:
        if self._left_out[name]:
            self._left_out[name] -= 1
        elif name in self._open:
            yield from self._until(_last(self._open, name))

    def _has_room(self, name: str) -> bool:
        if len(self._open) >= DEEPEST or (name == "a" and "a" in self._open):
            return False
        return name not in _FORMATTING or sum(each in _FORMATTING for each in self._open) < FORMATTING

    def _ended_by(self, name: str) -> Iterator[str]:
        if name in _BLOCKS and self._open and self._open[-1] == "p":
            yield from self._until(len(self._open) - 1)
        if name == "a" and "a" in self._open:
            position = _last(self._open, "a")
            if _FORMATTING.issuperset(self._open[position:]):
                yield from self._until(position)
        ended, borders = _ENDS.get(name, ((), ()))
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position] in borders:
                return
            if self._open[position] in ended:
                yield from self._until(position)
                return

    def _until(self, position: int) -> Iterator[str]:
        while len(self._open) > position:
            yield f"</{self._open.pop()}>"


def _is_name(text: str) -> bool:
    return len(text) <= 40 and text.isascii() and text.replace("-", "").isalnum()


def _last(names: list[str], name: str) -> int:
    return len(names) - 1 - names[::-1].index(name)
