"""YAML with the position of everything in it.

Scalars are not guessed at: each stays the text that stands in the file, and the setting that it is for decides what it
means. So the language `no` stays `no`, `1.10` and `007` stay as written, `09:30` is no number; and a switch takes true,
yes and on alike. Only an empty value, `~` and `null` are nothing.

Refused, each with its place: two keys of the same name in one mapping, merge keys (`<<`), tags (`!…`), keys that are
not text, an anchor inside itself, and files that are deeper or longer than any configuration.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .problems import Position, Problem, shown

Where = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NOTHING = {"", "~", "null", "Null", "NULL"}
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")}
_DEEPEST = 40
_MOST_VALUES = 500_000


@dataclass
class Positions:
    """Where keys and values stand, by their path."""

    source: str
    keys: dict[Where, Position] = field(default_factory=dict)
    values: dict[Where, Position] = field(default_factory=dict)

    def of(self, path: Where) -> Position:
        """The place of a value; of what is not there, the key under which it is missing."""
        if path in self.values:
            return self.values[path]
        around = (path[:end] for end in reversed(range(len(path))))
        return next((self.of_key(outer) for outer in around if outer in self.values), Position(self.source))

    def of_key(self, path: Where) -> Position:
        """The place of a key; for an item of a list, that of the item."""
        return self.keys.get(path) or self.of(path)


def dotted(path: Where) -> str:
    """A path as people write it: `listen.http`."""
    return ".".join(map(str, path))


def inside(data: Any) -> Iterable[tuple[str | int, Any]]:
    """The keys of a mapping, or the numbers of a list, with their values."""
    return data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()


def everything(data: Any, path: Where = ()) -> Iterator[tuple[Where, Any]]:
    """All that is in it, itself included, by path."""
    yield path, data
    for key, value in inside(data):
        yield from everything(value, (*path, key))


@dataclass
class Document:
    """What a file says: mappings, lists, texts and None, where each of them stands, and what is wrong as YAML."""

    data: Any
    positions: Positions
    problems: list[Problem] = field(default_factory=list)


def read(text: str, source: str) -> Document:
    """Read YAML; what cannot be read is in `problems`."""
    document = Document({}, Positions(source, values={(): Position(source, 1, 1)}))
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        document.problems.append(_syntax_problem(error, text, source))
        return document
    if root is not None:
        document.data = _Reader(document).value(root, ())
    return document


class _Reader:
    """Turns nodes into plain values, noting where they stand."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[int] = []
        self._count = 0

    def value(self, node: yaml.Node, path: Where) -> Any:
        self._count += 1
        self._document.positions.values[path] = self._position(node)
        if id(node) in self._open or len(path) > _DEEPEST or self._count > _MOST_VALUES:
            return self._complain(node, "an anchor inside itself, or too much", "a configuration of ordinary size")
        if node.tag not in _PLAIN_TAGS:
            return self._complain(node, f"the tag {node.tag}", "a plain value", "leave the tag out")
        self._open.append(id(node))
        try:
            return self._content(node, path)
        finally:
            self._open.pop()

    def _content(self, node: yaml.Node, path: Where) -> Any:
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        text = str(node.value)
        plain = not getattr(node, "style", None)
        return None if plain and text in _NOTHING else text

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            here = (*path, key) if isinstance(key, str) else path
            if not isinstance(key, str):
                self._complain(key_node, "a key that is not text", "a word before the colon", "quote it if it is one")
            elif key == "<<":
                self._complain(key_node, "a merge key (<<)", "the keys themselves", "write them out")
            elif key in mapping:
                first = self._document.positions.keys[here]
                remedy = f"the first one is in line {first.line}; only one of them can count"
                self._complain(key_node, f"the key {shown(key)} again", "each key once", remedy)
            else:
                self._document.positions.keys[here] = self._position(key_node)
                mapping[key] = self.value(value_node, here)
        return mapping

    def _position(self, node: yaml.Node) -> Position:
        mark = node.start_mark
        return Position(self._document.positions.source, mark.line + 1, mark.column + 1)

    def _complain(self, node: yaml.Node, found: str, expected: str, remedy: str = "") -> None:
        self._document.problems.append(Problem(self._position(node), found, expected, remedy))


def _syntax_problem(error: yaml.YAMLError, text: str, source: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        at = Position(source, mark.line + 1, mark.column + 1)
    else:
        before = text[: getattr(error, "position", 0)]
        at = Position(source, before.count("\n") + 1, len(before) - before.rfind("\n"))
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    lines = text.splitlines()[at.line - 1 : at.line]
    remedy = "put text that holds a colon, # or brackets in quotes"
    if lines and "\t" in lines[0][: len(lines[0]) - len(lines[0].lstrip())]:
        remedy = "indent with spaces, YAML takes no tabs"
    return Problem(at, f"what YAML does not allow here ({reason})", "`key: value` or `- item`", remedy)
