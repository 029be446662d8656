"""What a rule's comparisons with a field mean to the value that is there, and how they are said. Pure.

A value that is none of the type (the field was declared otherwise once) meets no comparison.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..config.field_comparisons import FieldCondition
from ..normalizer.field_values import text_of
from ..normalizer.folding import fold

Test = Callable[[Any, Collection[str], date], bool]
"""Of a value, its texts under the one fold, and the day on which the message arrived."""


def tests_of(condition: FieldCondition) -> Iterator[tuple[str, Test]]:
    """Each comparison: how it is said, and whether it holds."""
    for name, asked in condition.comparisons():
        words, test = _COMPARISONS[name](asked)
        yield words, test


def day_of(at: int) -> date:
    """The day of a time in milliseconds, UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).date()


def texts_of(value: Any) -> list[str]:
    """A value as texts: several of choices, none of nothing; true and false are yes and no."""
    several = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [_SWITCH.get(text, text) for text in map(text_of, several)]


def wanted_texts(asked: Sequence[str]) -> frozenset[str]:
    """The values of which one must be there, as texts are compared."""
    return frozenset(fold(_SWITCH.get(each.lower(), each)) for each in asked)


def _one_of(asked: Sequence[str]) -> tuple[str, Test]:
    wanted = wanted_texts(asked)
    return ", ".join(asked), lambda _, spelled, __: not wanted.isdisjoint(spelled)


def _contains(asked: Sequence[str]) -> tuple[str, Test]:
    wanted = frozenset(map(fold, asked))

    def test(value: Any, spelled: Collection[str], _: date) -> bool:
        if isinstance(value, list | tuple):
            return not wanted.isdisjoint(spelled)
        return any(each in text for text in spelled for each in wanted)

    return f"contains {' or '.join(asked)}", test


def _empty(asked: bool) -> tuple[str, Test]:
    return "empty" if asked else "not empty", lambda _, spelled, __: (not spelled) is asked


def _number(words: str, holds: Callable[[float, float], bool]) -> Callable[[float], tuple[str, Test]]:
    def made(asked: float) -> tuple[str, Test]:
        return (
            f"{words} {text_of(asked)}",
            lambda value, _, __: isinstance(value, int | float) and not isinstance(value, bool) and holds(value, asked),
        )

    return made


def _date(words: str, holds: Callable[[date, date], bool]) -> Callable[[str], tuple[str, Test]]:
    def made(asked: str) -> tuple[str, Test]:
        other = date.fromisoformat(asked)
        return f"{words} {asked}", lambda value, _, __: (day := _day(value)) is not None and holds(day, other)

    return made


def _days(words: str, direction: int) -> Callable[[int], tuple[str, Test]]:
    def made(asked: int) -> tuple[str, Test]:
        def test(value: Any, _: Collection[str], today: date) -> bool:
            day = _day(value)
            return day is not None and timedelta() <= (day - today) * direction <= timedelta(days=asked)

        return f"in the {words} {asked} days", test

    return made


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


_SWITCH = {"true": "yes", "false": "no"}
_COMPARISONS: Mapping[str, Callable[[Any], tuple[str, Test]]] = {
    "one_of": _one_of,
    "less_than": _number("less than", lambda value, asked: value < asked),
    "at_most": _number("at most", lambda value, asked: value <= asked),
    "more_than": _number("more than", lambda value, asked: value > asked),
    "at_least": _number("at least", lambda value, asked: value >= asked),
    "before": _date("before", lambda day, asked: day < asked),
    "after": _date("after", lambda day, asked: day > asked),
    "last_days": _days("last", -1),
    "next_days": _days("next", 1),
    "contains": _contains,
    "empty": _empty,
}
