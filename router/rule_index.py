"""Which rules can match a message at all: an index by what they need.

Of most rules it can be said what a message must have for them to match: one of these recipients, one of these
words. Each fact is a dimension with a set of rules for every value; a set is one whole number, its bits the rules. The
sets of the values that a message has, together with the rules that do not ask for the fact, are intersected over all
dimensions. What is left is tried in order. So a decision costs about the same with ten rules and with ten thousand.

The index never leaves a rule out that would match; what it lets through is tried as before. Facts that are costly to
find out are asked last, and only when more than a few rules are left that need them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from .vocabulary import View

_MOST_FACTS = 48
_FEW = 8


@dataclass(frozen=True, kw_only=True)
class Need:
    """A message must have one of these keys of a fact; `has` tells which a message has, or more."""

    fact: str
    keys: frozenset[Hashable]
    has: Callable[[View], Collection[Hashable]]
    costly: bool = False


def either(needs: Sequence[Need]) -> Need:
    """One of several needs."""
    by_fact = {need.fact: need for need in needs}
    if len(by_fact) == 1:
        return Need(
            fact=needs[0].fact,
            keys=frozenset[Hashable]().union(*(need.keys for need in needs)),
            has=needs[0].has,
            costly=needs[0].costly,
        )
    facts = tuple(by_fact[fact] for fact in sorted(by_fact))
    return Need(
        fact=" or ".join(need.fact for need in facts),
        keys=frozenset((need.fact, key) for need in needs for key in need.keys),
        has=lambda view: {(need.fact, key) for need in facts for key in need.has(view)},
        costly=any(need.costly for need in facts),
    )


@dataclass
class _Dimension:
    """One fact: which rules need it at all, and which each of its keys lets through."""

    has: Callable[[View], Collection[Hashable]]
    costly: bool
    asking: int = 0
    by_key: dict[Hashable, int] = field(default_factory=dict)

    def add(self, rule: int, keys: Collection[Hashable]) -> None:
        bit = 1 << rule
        self.asking |= bit
        for key in keys:
            self.by_key[key] = self.by_key.get(key, 0) | bit

    def narrowed(self, rules: int, view: View) -> int:
        through = rules & ~self.asking
        for key in self.by_key.keys() & self.has(view):
            through |= self.by_key[key]
        return rules & through


class RuleIndex:
    """The needs of rules; a rule's number is its place."""

    def __init__(self, rules: Sequence[Sequence[Need]]) -> None:
        self._all = (1 << len(rules)) - 1
        counted = Counter(need.fact for needs in rules for need in needs)
        taken = {fact for fact, _ in counted.most_common(_MOST_FACTS)}
        dimensions: dict[str, _Dimension] = {}
        for number, needs in enumerate(rules):
            for fact, need in {need.fact: need for need in reversed(needs) if need.fact in taken}.items():
                dimensions.setdefault(fact, _Dimension(need.has, need.costly)).add(number, need.keys)
        self._dimensions = sorted(dimensions.values(), key=lambda dimension: dimension.costly)

    def candidates(self, view: View) -> Iterator[int]:
        """The rules that can match, in their order."""
        left = self._all
        for dimension in self._dimensions:
            asking = left & dimension.asking
            if asking and not (dimension.costly and asking.bit_count() <= _FEW):
                left = dimension.narrowed(left, view)
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest
