"""The words and patterns of all rules, looked for once in each message, however many rules ask.

Conditions register what they look for and get a number; a `View` answers whether it is there. Keywords are looked for
in the folded subject and text, regular expressions in subject and text as written (Unicode normalisation form C).
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Literal

from ..config.patterns import Pattern, translate
from ..normalizer.folding import fold
from .business_hours import BusinessHours
from .facts import Facts
from .keywords import keyword, line_of_words
from .pattern_set import PatternSet, within_limit

Part = Literal["subject", "text"]


class Vocabulary:
    """Everything that any rule looks for in words; numbers are given while rules are compiled, searches come after."""

    def __init__(self) -> None:
        self._words = _Numbered()
        self._signs = _Numbered()
        self._patterns = _Numbered()

    def keyword(self, written: str) -> int:
        """The number of a keyword; those with signs have negative ones."""
        made = keyword(written)
        return ~self._signs.number(made.pattern) if made.signs else self._words.number(made.pattern)

    def pattern(self, pattern: str) -> int:
        """The number of a regular expression."""
        return self._patterns.number(translate(_composed(pattern)))

    def keywords_in(self, text: str) -> frozenset[int]:
        """The numbers of the keywords that are in this text."""
        folded = fold(within_limit(text))
        words = self._words.matching(line_of_words(folded)) if self._words else frozenset()
        return words | {~number for number in self._signs.matching(folded)} if self._signs else words

    def patterns_in(self, text: str) -> frozenset[int]:
        """The numbers of the regular expressions that match in this text."""
        return self._patterns.matching(_composed(within_limit(text))) if self._patterns else frozenset()


class _Numbered(dict[Pattern, int]):
    """Patterns in the order in which they were first asked for, and all of them as a set."""

    def number(self, pattern: Pattern) -> int:
        return self.setdefault(pattern, len(self))

    @cached_property
    def matching(self) -> Callable[[str], frozenset[int]]:
        return PatternSet(tuple(self)).matching


class View:
    """One message as the conditions look at it; what is costly is worked out when it is first asked for."""

    def __init__(self, facts: Facts, vocabulary: Vocabulary, calendars: Mapping[str, BusinessHours]) -> None:
        self.facts = facts
        self._vocabulary = vocabulary
        self._calendars = calendars
        self._compared: dict[str, frozenset[str]] = {}
        self._keywords: dict[tuple[Part, ...], frozenset[int]] = {}
        self._patterns: dict[tuple[Part, ...], frozenset[int]] = {}

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


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
