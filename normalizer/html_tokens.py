"""HTML cut into tags and text, in linear time, whatever the input.

Mail HTML comes from anybody, and tree builders take quadratic time on it (880 KB of nested `<div>` kept two of them
busy for 15 and 22 seconds). This reader builds no tree. It follows the tokenizer of the HTML standard (section 13.2.5)
in what matters for reading text: quoted attributes, comments and bogus comments, raw text of scripts and styles,
character references. It never raises; `MAX_HTML` characters are read, the rest is left out.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from html import unescape
from typing import NamedTuple

MAX_HTML = 512 * 1024

_TAG = re.compile(r"""</?([a-zA-Z][^\s/>]*+)((?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""")
_SIMPLE_TAG = re.compile(r"</?([a-zA-Z][^\s/>]*+)([^>]*+)>")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_DATA_URI = re.compile(r"data:[^\"'>\s]{200,}")
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}+;?")
_BODY = re.compile(r"</head[\s/>]|<(?:body|p|div|table|h[1-6]|ul|ol|blockquote)[\s>]", re.IGNORECASE)
_CODE = frozenset({"script", "style"})
_RAW_TEXT = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})


class Token(NamedTuple):
    """A run of text (`tag` is empty), or a start or end tag with its attributes as they stand."""

    tag: str
    text: str = ""
    closing: bool = False


def tokens(html: str) -> Iterator[Token]:
    """The tags and texts in order; text is decoded, scripts, styles and comments are left out."""
    html = _bounded(html)
    position, strict, last = 0, True, html.rfind(">")
    endless: set[str] = set()
    while 0 <= (start := html.find("<", position)) < last:
        after = html[start + 1 : start + 2]
        if after in "!?":
            yield from _text(html[position:start])
            position = _comment_end(html, start)
            continue
        match = _TAG.match(html, start) if strict else None
        if match is None and (after.isalpha() or after == "/"):
            match = _SIMPLE_TAG.match(html, start)
            # One tag whose quotes never close is enough: from here on a tag ends at the next `>`.
            strict = strict and match is None
        if match is None:
            position = yield from _literal(html, position, start)
            continue
        yield from _text(html[position:start])
        name = match[1].lower()
        closing = html[start + 1] == "/"
        yield Token(name, match[2], closing)
        raw = name in _RAW_TEXT and not closing
        position = _raw_text_end(html, match.end(), name, endless) if raw else match.end()
    yield from _text(html[position:])


def attributes(text: str) -> Mapping[str, str]:
    """The attributes of a start tag, names in lower case, the first of each name."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text[:8192]):
        found.setdefault(name.lower(), decoded(double or single or bare))
    return found


def decoded(text: str) -> str:
    """The text with its character references read."""
    if "&" not in text:
        return text
    # int() of thousands of digits raises, and no character has that many.
    return unescape(_HUGE_REFERENCE.sub("\ufffd", text)) if "&#" in text else unescape(text)


def _bounded(html: str) -> str:
    if len(html) > MAX_HTML:
        html = _DATA_URI.sub("", html)[:MAX_HTML]
    return html


def _text(text: str) -> Iterator[Token]:
    if text:
        yield Token("", decoded(text))


def _literal(html: str, position: int, start: int) -> Generator[Token, None, int]:
    # A `<` that opens nothing is a text character: `a < b`, `<3`.
    yield from _text(html[position:start])
    yield Token("", "<")
    return start + 1


def _comment_end(html: str, start: int) -> int:
    if html.startswith("<!--", start):
        if html.startswith((">", "->"), start + 4):
            return html.index(">", start) + 1
        end = html.find("-->", start + 4)
        return len(html) if end < 0 else end + 3
    end = html.find(">", start)
    return len(html) if end < 0 else end + 1


def _raw_text_end(html: str, start: int, name: str, endless: set[str]) -> int:
    """Where the raw text ends. One that never ends would swallow the mail: it ends where the body plainly begins."""
    if name not in endless:
        match = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(html, start)
        if match is not None:
            return match.start()
        endless.add(name)
    if name not in _CODE:
        return start
    body = _BODY.search(html, start)
    return len(html) if body is None else body.start()
