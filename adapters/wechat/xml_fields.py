"""The XML that WeChat posts, as fields by name. Pure; raises Unreadable for whatever is not that.

It is read before it is verified, for the signature stands over a part of it. So there are no document types and no
entities but the five of XML, few elements and little depth; a name that stands there twice is refused, because two
readers could see two messages. Control characters that XML does not allow, and that people's phones send all the same,
are left out.
"""

from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from ...config.errors import Unreadable

MOST_ELEMENTS = 500
MOST_DEPTH = 6

_CONTROLS = bytes(code for code in range(32) if chr(code) not in "\t\n\r")


def fields_of(body: bytes) -> Mapping[str, Any]:
    """The children of the root: texts without the blanks around them, or mappings of further ones, of which the last
    counts where one repeats."""
    text = body.translate(None, _CONTROLS).decode("utf-8", "replace").strip()
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refused
    parser.EntityDeclHandler = _refused
    parser.StartElementHandler = reader.begin
    parser.CharacterDataHandler = reader.said
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, RecursionError) as error:
        raise Unreadable(f"the body is not XML as WeChat posts it ({error})") from None
    return reader.fields


def _refused(*_: object) -> None:
    raise Unreadable("the XML has a document type or entities of its own, which WeChat does not post")


class _Reader:
    """Elements as they open and close."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._count = 0

    def begin(self, name: str, _: object) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            raise Unreadable("the XML has more elements than WeChat posts")
        self._open.append((name, {}, []))

    def said(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _: str) -> None:
        name, children, texts = self._open.pop()
        if not self._open:
            self.fields = children
            return
        above = self._open[-1][1]
        if len(self._open) == 1 and name in above:
            raise Unreadable(f"the XML has {name[:40]} twice")
        above[name] = children or "".join(texts).strip()
