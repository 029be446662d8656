"""Which earlier rules could take all that a later one would match: an index, so that ten thousand are looked through.

Of every rule one thing that it asks for is noted, by each value; whoever implies it must ask for something within one
of these values. So of all earlier rules only those are compared that share a value with the later one, and the few of
which nothing of the kind can be said. No rule that takes the other is left out (implication.py compares).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from .implication import ADDRESSES, WIDER, WORDS, All, AnyOf, Leaf, is_ordered

Key = tuple[str, Any]


class EarlierRules:
    """The conditions of rules in their order, found by those that might imply them."""

    def __init__(self) -> None:
        self._by_key: dict[Key, list[int]] = defaultdict(list)
        self._loose: list[int] = []

    def add(self, number: int, condition: All) -> None:
        """Note a rule; the numbers rise."""
        noted = self._noted(condition)
        for key in noted or ():
            self._by_key[key].append(number)
        if noted is None:
            self._loose.append(number)

    def that_may_take(self, condition: All) -> list[int]:
        """Those whose condition this one may imply, in their order."""
        found = set(self._loose)
        for key in set(_within(condition)):
            found.update(self._by_key.get(key, ()))
        return sorted(found)

    def _noted(self, condition: All) -> set[Key] | None:
        """The values of the part that is the rarest so far; none where no part has any."""
        each = [keys for part in condition if (keys := self._noted_values(part)) is not None]
        return min(each, key=lambda keys: sum(len(self._by_key.get(key, ())) for key in keys), default=None)

    def _noted_values(self, part: Any) -> set[Key] | None:
        if isinstance(part, Leaf):
            return set(_values(part))
        if isinstance(part, AnyOf):
            each = [self._noted(alternative) for alternative in part.alternatives]
            return None if None in each else {key for keys in each for key in keys or ()}
        return None


def _values(leaf: Leaf) -> Iterator[Key]:
    values = (None,) if is_ordered(leaf.name) else leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    yield from ((leaf.name, value) for value in values)


def _within(condition: All) -> Iterator[Key]:
    """The values of which a rule must ask for one in each of its parts, for this condition to imply it."""
    for part in condition:
        if isinstance(part, AnyOf):
            yield from _within(part.alternatives[0])
        elif isinstance(part, Leaf):
            name, value = next(_values(part))
            for wider in {name, WIDER.get(name, name)}:
                yield from ((wider, each) for each in _wider(wider, value))


def _wider(name: str, value: Any) -> Iterable[Any]:
    """The values that take this one in."""
    if name in WORDS:
        return [value, *(f"{value[:end]}*" for end in range(1, len(value) + 1))]
    if name in ADDRESSES:
        below = (f"@*{value[at:]}" for at, letter in enumerate(value) if letter == ".")
        return [value, value[value.rfind("@") :], *below]
    return [value]
