"""Values that nobody expects where they stand, and how to put them there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

GONE = object()
ODD: Mapping[str, Any] = {
    "gone": GONE,
    "null": None,
    "true": True,
    "a number": -7,
    "a huge number": 10**300,
    "no number": float("nan"),
    "a list": [[], {}],
    "an object": {"": {}},
    "nothing": "",
    "NUL and half a character": "a\0\ud83d",
    "long": "x" * 70_000,
    "deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],
}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to everything in a value."""
    below: Sequence[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = list(enumerate(value))
    for name, each in below:
        yield (*path, name)
        yield from places(each, (*path, name))


def changed(value: Any, path: tuple[str | int, ...], odd: Any) -> Any:
    """The same value with something else at this place."""
    if not path:
        return odd
    copy = value.copy()
    below = changed(value[path[0]], path[1:], odd)
    if below is GONE:
        del copy[path[0]]
    else:
        copy[path[0]] = below
    return copy
