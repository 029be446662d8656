"""Many patterns against one text in one pass: RE2's set matching, in time linear in the text.

RE2 answers "no match" when a set outgrows its memory while it searches, which must not pass for a decision. So patterns
are taken in groups, each with a pattern that always matches; where that one is missing from the answer, the group is
tried pattern by pattern. The set is made of the wider patterns; what it finds is tried once more with the exact one. A
text is looked at up to 64 KiB.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import re2

from ..config.patterns import Pattern, options

TEXT_BYTES = 64 * 1024
_GROUP = 250
_MEMORY = 64 << 20


class PatternSet:
    """Compiled patterns; their place in the sequence is their number."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._options = options()
        self._options.max_mem = _MEMORY
        self._patterns = patterns
        self._wider = frozenset(number for number, pattern in enumerate(patterns) if pattern.wider != pattern.exact)
        self._exact: dict[int, Any] = {}

    @cached_property
    def _groups(self) -> list[tuple[range, Any]]:
        """The sets, made when all are first looked for."""
        return [
            (range(first, min(first + _GROUP, len(self._patterns))), self._set(self._patterns[first : first + _GROUP]))
            for first in range(0, len(self._patterns), _GROUP)
        ]

    def matching(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match somewhere in the text."""
        content = within_limit(text).encode("utf-8", "replace")
        return frozenset(number for group in self._groups for number in self._in_group(*group, content))

    def matches(self, number: int, text: str) -> bool:
        """Whether this one does, without looking for the others."""
        return self._alone(number, within_limit(text).encode("utf-8", "replace"))

    def _set(self, patterns: Sequence[Pattern]) -> Any:
        made = re2.Set.SearchSet(self._options)
        for pattern in (*(pattern.wider for pattern in patterns), ""):
            made.Add(pattern)
        try:
            made.Compile()
        except re2.error:
            return None
        return made

    def _in_group(self, numbers: range, made: Any, content: bytes) -> list[int]:
        found = set(made.Match(content) or ()) if made else set()
        if len(numbers) not in found:
            return [number for number in numbers if self._alone(number, content)]
        candidates = (numbers[place] for place in found if place < len(numbers))
        return [number for number in candidates if number not in self._wider or self._alone(number, content)]

    def _alone(self, number: int, content: bytes) -> bool:
        if number not in self._exact:
            self._exact[number] = re2.compile(self._patterns[number].exact, self._options)
        return self._exact[number].search(content) is not None


def within_limit(text: str) -> str:
    """The text up to the limit, cut between characters."""
    if len(text) * 4 <= TEXT_BYTES:
        return text
    return text.encode("utf-8", "replace")[:TEXT_BYTES].decode("utf-8", "ignore")
