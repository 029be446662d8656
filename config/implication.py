"""Whether one condition implies another: what the linter needs to see that a rule can never be reached.

The answers are sound, not complete: a yes means that every message which meets the first condition meets the second; a
no may be wrong, for instance about regular expressions that mean the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .field_comparisons import FieldCondition
from .rule_settings import ConditionSettings, CustomerCondition, SpamCondition


@dataclass(frozen=True)
class Leaf:
    """One key and what it asks for."""

    name: str
    value: Any


@dataclass(frozen=True)
class AnyOf:
    """One of several conditions."""

    alternatives: tuple["All", ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    inner: "All"


Part = Leaf | AnyOf | Not
All = tuple[Part, ...]

WORDS = frozenset({"keywords", "subject_keywords", "text_keywords"})
ADDRESSES = frozenset({"recipient", "sender"})
WIDER = {f"{part}_{kind}": kind for part in ("subject", "text") for kind in ("keywords", "regex")}
_LOWER, _UPPER = (
    (" at_least", " more_than", " after"),
    (" at_most", " less_than", " before", " last_days", " next_days"),
)
_AT_LEAST = frozenset({"assurance_at_least", "spam.score", "in_status_for"})
_EXCLUSIVE = frozenset(
    {"channel", "language", "automation", "came_as", "says", "attachments", "customer.known", "spam.verdict", "status"}
)
_EVOLVING = ("queue", "priorities", "tags")


def is_ordered(name: str) -> bool:
    """Whether what a leaf of this name asks for is above or below a value."""
    return name in _AT_LEAST or name.endswith((*_LOWER, *_UPPER))


def parts_of(condition: ConditionSettings | None) -> All:
    """A condition as the parts that must all hold; None always holds."""
    return tuple(_parts(condition)) if condition else ()


def asks_for_what_rules_change(condition: All) -> bool:
    """Whether it can come out otherwise when another rule has matched in between."""
    for part in condition:
        inner = part.alternatives if isinstance(part, AnyOf) else (part.inner,) if isinstance(part, Not) else ()
        if any(map(asks_for_what_rules_change, inner)) or (isinstance(part, Leaf) and part.name in _EVOLVING):
            return True
    return False


def implies(first: All, second: All) -> bool:
    """Every message that meets the first meets the second."""
    return all(_implied(first, part) for part in second)


def contradictory(condition: All) -> bool:
    """No message can meet it."""
    leaves = [part for part in condition if isinstance(part, Leaf)]
    if any(_exclude(one, other) for one in leaves for other in leaves):
        return True
    for part in condition:
        match part:
            case AnyOf(alternatives) if all(map(contradictory, alternatives)):
                return True
            case Not(inner) if implies(condition, inner):
                return True
    return False


def _parts(condition: ConditionSettings) -> Iterator[Part]:
    for name in type(condition).model_fields:
        value = getattr(condition, name)
        match name:
            case _ if value is None:
                continue
            case "any_of":
                yield AnyOf(tuple(map(parts_of, value)))
            case "all_of":
                yield from (part for inner in value for part in _parts(inner))
            case "none_of":
                yield Not(parts_of(value))
            case "hours":
                yield from (Leaf(f"hours.{calendar}", state) for calendar, state in value.items())
            case _:
                yield from _leaves(name, value)


def _leaves(name: str, value: Any) -> Iterator[Leaf]:
    match name:
        case "customer":
            yield from _customer(value)
        case "spam":
            yield from _spam(value)
        case "ticket" | "counts":
            yield from _fields(name, value)
        case "history":
            yield from _fields(name, value.asked)
        case _:
            yield Leaf(name, _folded(name, value))


def _folded(name: str, value: Any) -> Any:
    """Texts in the spelling in which they are compared, but for patterns."""
    if not isinstance(value, tuple) or "regex" in name:
        return value
    return tuple(each.casefold() if isinstance(each, str) else each for each in value)


def _customer(condition: CustomerCondition) -> Iterator[Leaf]:
    if condition.known is not None:
        yield Leaf("customer.known", condition.known)
    if condition.segment is not None:
        yield from _fields("customer", {"segment": condition.segment})
    if condition.company is not None:
        yield from _fields("customer", {"company": condition.company})
    yield from _fields("customer", condition.fields)


def _fields(of: str, fields: Mapping[str, FieldCondition]) -> Iterator[Leaf]:
    for name, condition in fields.items():
        for comparison, value in condition.comparisons():
            yield Leaf(f"{of}.{name} {comparison}", _folded(name, value))


def _spam(condition: SpamCondition) -> Iterator[Leaf]:
    if condition.verdict is not None:
        yield Leaf("spam.verdict", condition.verdict)
    if condition.score is not None:
        yield Leaf("spam.score", condition.score)


def _implied(first: All, wanted: Part) -> bool:
    if isinstance(wanted, AnyOf) and any(implies(first, each) for each in wanted.alternatives):
        return True
    return any(_enough(part, wanted) for part in first)


def _enough(part: Part, wanted: Part) -> bool:
    if isinstance(part, AnyOf):
        return all(_implied(each, wanted) for each in part.alternatives)
    if isinstance(part, Not):
        return isinstance(wanted, Not) and implies(wanted.inner, part.inner)
    if not isinstance(wanted, Leaf) or wanted.name not in (part.name, WIDER.get(part.name)):
        return False
    return _covers(wanted, part.value)


def _covers(wanted: Leaf, value: Any) -> bool:
    """Whether what the wanted leaf asks for takes in everything that has the value."""
    if wanted.name in _AT_LEAST or wanted.name.endswith(_LOWER):
        return bool(value >= wanted.value)
    if wanted.name.endswith(_UPPER):
        return bool(value <= wanted.value)
    if not isinstance(value, tuple):
        return bool(value == wanted.value)
    if wanted.name in WORDS:
        return all(any(_word_covers(each, one) for each in wanted.value) for one in value)
    if wanted.name in ADDRESSES:
        return all(any(_address_covers(each, one) for each in wanted.value) for one in value)
    return set(value) <= set(wanted.value)


def _word_covers(wanted: str, word: str) -> bool:
    prefix = wanted.removesuffix("*")
    return wanted == word or (prefix != wanted and not prefix.startswith("*") and word.startswith(prefix))


def _address_covers(wanted: str, address: str) -> bool:
    if wanted.startswith("@*."):
        return address == wanted or (not address.startswith("@*.") and address.endswith(wanted[2:]))
    return address == wanted or (wanted.startswith("@") and address.endswith(wanted))


def _exclude(one: Leaf, other: Leaf) -> bool:
    if one.name != other.name or not (one.name in _EXCLUSIVE or one.name.startswith("hours.")):
        return False
    if isinstance(one.value, tuple):
        return set(one.value).isdisjoint(other.value)
    return bool(one.value != other.value)
