"""Settings from the environment: `TRUNKLINE_LISTEN__HTTP=0.0.0.0:80` overrides `listen.http`.

Every single value can be overridden. `__` stands between the names of a path; case does not matter, and what cannot
stand in a variable's name (`-`, `.`, `@`) is written `_`. Items of a list are numbered from 0. A variable that names no
setting is an error like a misspelt key, apart from those below that mean something else.
"""

import re
from collections.abc import Mapping
from typing import Any

from .positions import Document, Where, dotted
from .problems import Position, Problem, shown
from .schema import SchemaGuide

PREFIX = "TRUNKLINE_"
SECRETS = "TRUNKLINE_SECRET_"
NO_SETTINGS = frozenset({"TRUNKLINE_CONFIG", "TRUNKLINE_ADMIN_TOKEN"})


def overrides(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that mean settings."""
    names = (name for name in environ if name.upper().startswith(PREFIX))
    meant = (name for name in names if name.upper() not in NO_SETTINGS and not name.upper().startswith(SECRETS))
    return {name: environ[name] for name in sorted(meant)}


def apply(document: Document, environ: Mapping[str, str], guide: SchemaGuide) -> None:
    """Put the overrides into the document; the variable becomes the place of what it sets."""
    taken: dict[Where, str] = {}
    for name, value in overrides(environ).items():
        try:
            path = _path(document.data, name[len(PREFIX) :], guide)
            if path in taken:
                raise _UnusableError(f"the same setting in {taken[path]}", "one of them")
            _put(document, path, value, Position(name))
            taken[path] = name
        except _UnusableError as error:
            document.problems.append(Problem(Position(name), *error.args))


class _UnusableError(Exception):
    """The variable cannot be applied; found, expected and remedy are its arguments."""


def _path(data: Any, name: str, guide: SchemaGuide) -> Where:
    path: Where = ()
    for part in name.split("__"):
        if isinstance(data, str):
            raise _UnusableError(f"a part of {dotted(path)}", f"{dotted(path)} as one value", "the file has one value")
        key = _index(data, part, path) if isinstance(data, list) else _key(data or {}, part, guide.keys(path))
        path = (*path, key)
        data = data[key] if isinstance(key, int) else (data or {}).get(key)
    if isinstance(data, dict | list) or guide.holds_values(path):
        raise _UnusableError(
            f"{shown(data or {})} at {dotted(path)}", "the name of a single value", "add __ and a name"
        )
    return path


def _index(items: list[Any], part: str, path: Where) -> int:
    if part.isdecimal() and int(part) < len(items):
        return int(part)
    expected = f"an item of the list {dotted(path)} by its number, 0 to {len(items) - 1}"
    raise _UnusableError(f"{dotted(path)}.{part.lower()}", expected)


def _key(mapping: Mapping[str, Any], part: str, known: tuple[str, ...]) -> str:
    wanted = _plain(part)
    found = sorted({key for key in (*mapping, *known) if _plain(key) == wanted})
    if len(found) > 1:
        raise _UnusableError(f"a name that means {' and '.join(found)}", "one of them", "set it in the file")
    return found[0] if found else part.lower()


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", key.lower())


def _put(document: Document, path: Where, value: str, position: Position) -> None:
    if not isinstance(document.data, dict):
        document.data = {}
    holder = document.data
    for end, part in enumerate(path[:-1], start=1):
        if isinstance(part, str) and holder.get(part) is None:
            holder[part] = {}
            document.positions.keys[path[:end]] = document.positions.values[path[:end]] = position
        holder = holder[part]
    holder[path[-1]] = value
    document.positions.keys.setdefault(path, position)
    document.positions.values[path] = position
