"""One condition, ready to be tried: a test, the words to explain it, and what a message needs to meet it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..config.field_comparisons import FieldCondition
from ..normalizer.folding import fold
from .facts import ConditionTrace
from .field_conditions import Test, day_of, tests_of, texts_of, wanted_texts
from .rule_index import Need
from .vocabulary import View


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A test, and what to say about it."""

    name: str
    holds: Callable[[View], bool]
    expected: str = ""
    found: Callable[[View], str] = lambda _: ""
    parts: Sequence["Condition"] = ()
    needs: Sequence[Need] = ()
    """What a message must have for it to hold, each of them; nothing where that cannot be said."""

    def trace(self, view: View) -> ConditionTrace:
        """How it comes out, with the reasons."""
        parts = tuple(part.trace(view) for part in self.parts)
        return ConditionTrace(
            condition=self.name, held=self.holds(view), expected=self.expected, found=self.found(view), parts=parts
        )


def field_conditions_of(name: str, asked: FieldCondition, get: Callable[[View], Any]) -> Iterator[Condition]:
    """What is asked of one field, each comparison by itself."""

    def there(view: View) -> list[str]:
        return texts_of(get(view))

    def holds(test: Test, view: View) -> bool:
        return test(get(view), view.compared(name, there, fold), day_of(view.facts.at))

    values = wanted_texts(asked.one_of or ())
    needs = [Need(fact=name, keys=values, has=lambda view: view.compared(name, there, fold))] if values else []
    for words, test in tests_of(asked):
        yield Condition(
            name=name, holds=partial(holds, test), expected=words, found=lambda view: listed(there(view)), needs=needs
        )


def listed(values: Iterable[str]) -> str:
    """Several values as they are shown."""
    return ", ".join(values)
