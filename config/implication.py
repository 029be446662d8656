"""Whether one condition implies another: what the linter needs to see that a rule can never be reached.

The answer is sound and not complete: `implies` says yes only where every message that meets the first condition meets
the second as well; it may say no where it is so all the same, for instance with regular expressions.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from .rule_settings import ConditionSettings

Leaf = tuple[str, Any]

_ONE_OF = frozenset({"channel", "account", "language", "automation", "customer.segment"})
_SETS = _ONE_OF | {"recipient", "sender", "regex", "subject_regex", "text_regex"}
_KEYWORDS = frozenset({"keywords", "subject_keywords", "text_keywords"})
_WIDER = {
    "subject_keywords": "keywords",
    "text_keywords": "keywords",
    "subject_regex": "regex",
    "text_regex": "regex",
}


def implies(first: ConditionSettings | None, second: ConditionSettings | None) -> bool:
    """Every message that meets the first meets the second; None is met by all."""
    if second is None:
        return True
    if first is None:
        return False
    return all(_implied(first, wanted) for wanted in _conjuncts(second))


def contradictory(condition: ConditionSettings) -> bool:
    """No message can meet it."""
    parts = list(_conjuncts(condition))
    if any(isinstance(part, tuple) and _disjoint(part, other) for part in parts for other in parts):
        return True
    alternatives = [part for part in parts if isinstance(part, list)]
    denied = [part for part in parts if isinstance(part, ConditionSettings)]
    return any(all(map(contradictory, each)) for each in alternatives) or any(implies(condition, each) for each in denied)


Part = Leaf | list[ConditionSettings] | ConditionSettings
"""What all must hold: a leaf, one of several conditions, or the opposite of a condition."""


def _conjuncts(condition: ConditionSettings) -> Iterator[Part]:
    yield from _leaves(condition)
    for inner in condition.all_of or ():
        yield from _conjuncts(inner)
    if condition.any_of is not None:
        if len(condition.any_of) == 1:
            yield from _conjuncts(condition.any_of[0])
        else:
            yield list(condition.any_of)
    if condition.none_of is not None:
        yield condition.none_of


def _leaves(condition: ConditionSettings) -> Iterator[Leaf]:
    skipped = {"any_of", "all_of", "none_of", "customer", "hours"}
    for name in type(condition).model_fields:
        value = getattr(condition, name)
        if value is not None and name not in skipped:
            yield name, value
    for calendar, state in (condition.hours or {}).items():
        yield f"hours.{calendar}", state
    if condition.customer is not None:
        if condition.customer.known is not None:
            yield "customer.known", condition.customer.known
        if condition.customer.segment is not None:
            yield "customer.segment", condition.customer.segment
        for name, values in condition.customer.attributes.items():
            yield f"customer.attributes.{name}", values


def _implied(first: ConditionSettings, wanted: Part) -> bool:
    """Some part of the first condition is enough for the wanted part."""
    return any(_enough(part, wanted) for part in _conjuncts(first))


def _enough(part: Part, wanted: Part) -> bool:
    if isinstance(part, list):
        return all(_implied(alternative, wanted) for alternative in part)
    if isinstance(wanted, list):
        alone = _alone(part)
        return alone is not None and any(implies(alone, alternative) for alternative in wanted)
    if isinstance(part, ConditionSettings) or isinstance(wanted, ConditionSettings):
        both = isinstance(part, ConditionSettings) and isinstance(wanted, ConditionSettings)
        return both and implies(wanted, part)
    return _leaf_implies(part, wanted)


