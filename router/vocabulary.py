"""The words and patterns of all rules, looked for once in each message, however many rules ask.

Conditions register what they look for and get a number; a `View` answers whether it is there. Keywords are looked for
in the folded subject and text, regular expressions in subject and text as written (Unicode normalisation form C). A few
patterns are tried by themselves; where more are asked for, all are looked for at once.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from ..config.patterns import Pattern, translate
from ..normalizer.folding import fold
from .business_hours import BusinessHours
from .facts import Facts
from .keywords import keyword, line_of_words
from .pattern_set import PatternSet, within_limit
from .word_index import WordIndex

Part = Literal["subject", "text"]

_ALONE = 16

Sought = TypeVar("Sought")
Made = TypeVar("Made")


class Vocabulary:
    """Everything that any rule looks for in words; numbers are given while rules are compiled, searches come after."""

    def __init__(self) -> None:
        self._words = _Numbered[str, WordIndex](WordIndex)
        self._signs = _Numbered[Pattern, PatternSet](PatternSet)
        self._patterns = _Numbered[Pattern, PatternSet](PatternSet)

    def keyword(self, written: str) -> int:
        """The number of a keyword; those with signs have negative ones."""
        made = keyword(written)
        return ~self._signs.number(made.signs) if made.signs else self._words.number(made.piece)

    def pattern(self, pattern: str) -> int:
        """The number of a regular expression."""
        return self._patterns.number(translate(_composed(pattern)))

    def keywords_in(self, text: str) -> frozenset[int]:
        """The numbers of the keywords that are in this text."""
        folded = fold(within_limit(text))
        words = self._words.made.matching(line_of_words(folded)) if self._words else frozenset()
        return words | {~number for number in self._signs.made.matching(folded)} if self._signs else words

    def patterns_in(self, text: str) -> frozenset[int]:
        """The numbers of the regular expressions that match in this text."""
        return self._patterns.made.matching(_composed(within_limit(text))) if self._patterns else frozenset()

    def pattern_in(self, number: int, text: str) -> bool:
        """Whether this one matches in this text."""
        return self._patterns.made.matches(number, _composed(within_limit(text)))


class _Numbered(dict[Sought, int], Generic[Sought, Made]):
    """What is looked for, in the order in which it was first asked for, and what looks for all of it."""

    def __init__(self, make: Callable[[Sequence[Sought]], Made]) -> None:
        super().__init__()
        self._make = make

    def number(self, sought: Sought) -> int:
        return self.setdefault(sought, len(self))

    @cached_property
    def made(self) -> Made:
        return self._make(tuple(self))


class View:
    """One message as the conditions look at it; what is costly is worked out when it is first asked for."""

    def __init__(
        self,
        facts: Facts,
        vocabulary: Vocabulary,
        calendars: Mapping[str, BusinessHours],
        decided: Mapping[str, Any] | None = None,
    ) -> None:
        self.facts = facts
        self._decided = {} if decided is None else decided
        self._vocabulary = vocabulary
        self._calendars = calendars
        self._compared: dict[str, frozenset[str]] = {}
        self._keywords: dict[tuple[Part, ...], frozenset[int]] = {}
        self._patterns: dict[tuple[Part, ...], frozenset[int]] = {}
        self._alone = _ALONE

    @property
    def queue(self) -> str:
        """The ticket's queue, as rules so far have it."""
        return self._decided.get("queue") or self.facts.state.queue

    @property
    def priority(self) -> int | None:
        """Its priority, as rules so far have it."""
        return self._decided.get("priority") or self.facts.state.priority

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags, with those that rules so far have added."""
        return (*self.facts.state.tags, *self._decided.get("tags", ()))

    def found_groups(self, patterns: Iterable[tuple[tuple[Part, ...], Any]]) -> dict[str, str]:
        """What the named groups of these patterns find: the first match of each, in the first part that has one."""
        groups = dict[str, str]()
        for parts, pattern in patterns:
            texts = (_composed(within_limit(getattr(self.facts, part))) for part in parts)
            match = next(filter(None, map(pattern.search, texts)), None)
            found = match.groupdict() if match else {}
            groups = {name: text for name, text in found.items() if text} | groups
        return groups

    def compared(
        self, name: str, values: Callable[["View"], Iterable[str]], spelling: Callable[[str], str]
    ) -> frozenset[str]:
        """The values that the message has under this name, spelled as they are compared."""
        if name not in self._compared:
            self._compared[name] = frozenset(map(spelling, values(self)))
        return self._compared[name]

    def keywords(self, parts: tuple[Part, ...]) -> frozenset[int]:
        """The keywords that are in any of these parts of the message."""
        return self._in(parts, self._keywords, self._vocabulary.keywords_in)

    def has_keyword(self, parts: tuple[Part, ...], wanted: frozenset[int]) -> bool:
        """Whether one of these is in any of these parts."""
        return not wanted.isdisjoint(self.keywords(parts))

    def has_pattern(self, parts: tuple[Part, ...], wanted: frozenset[int]) -> bool:
        """Whether one of these matches in any of these parts; so long as few are asked for, without the others."""
        if parts in self._patterns or len(wanted) > self._alone:
            return not wanted.isdisjoint(self.patterns(parts))
        self._alone -= len(wanted)
        texts = [getattr(self.facts, part) for part in parts]
        return any(self._vocabulary.pattern_in(number, text) for number in wanted for text in texts)

    def patterns(self, parts: tuple[Part, ...]) -> frozenset[int]:
        """The regular expressions that match in any of these parts of the message."""
        return self._in(parts, self._patterns, self._vocabulary.patterns_in)

    def is_open(self, calendar: str) -> bool:
        """Whether the desk with these hours is open."""
        return self._calendars[calendar].is_open(self.facts.at)

    def _in(
        self,
        parts: tuple[Part, ...],
        known: dict[tuple[Part, ...], frozenset[int]],
        look: Callable[[str], frozenset[int]],
    ) -> frozenset[int]:
        if parts not in known:
            each = (self._in((part,), known, look) for part in parts)
            known[parts] = frozenset[int]().union(*each) if len(parts) > 1 else look(getattr(self.facts, parts[0]))
        return known[parts]


def composed_pattern(pattern: str) -> str:
    """A regular expression as RE2 has it, with every edge of a word."""
    return translate(_composed(pattern)).exact


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
