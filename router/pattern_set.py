"""Many patterns against one text in one pass: RE2's set matching, in time linear in the text.

RE2 answers "no match" when a set outgrows its memory while it searches, which must not pass for a decision. So patterns
are taken in groups, each with a pattern that always matches; where that one is missing from the answer, the group is
tried pattern by pattern. A text is looked at up to 64 KiB.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import re2

from ..config.patterns import options

TEXT_BYTES = 64 * 1024
_GROUP = 250
_MEMORY = 64 << 20


class PatternSet:
    """Compiled patterns; their place in the sequence is their number."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._options = options()
        self._options.max_mem = _MEMORY
        self._groups = [
            (first, self._set(group), group)
            for first in range(0, len(patterns), _GROUP)
            for group in [tuple(patterns[first : first + _GROUP])]
        ]

    def matching(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match somewhere in the text."""
        content = within_limit(text).encode("utf-8", "replace")
        return frozenset(number for group in self._groups for number in self._in_group(group, content))

    def _set(self, patterns: Sequence[str]) -> Any:
        made = re2.Set.SearchSet(self._options)
        for pattern in (*patterns, ""):
            made.Add(pattern)
        try:
            made.Compile()
        except re2.error:
            return None
        return made

    def _in_group(self, group: tuple[int, Any, Sequence[str]], content: bytes) -> Iterator[int]:
        first, made, patterns = group
        found = set(made.Match(content) or ()) if made else set()
        if len(patterns) in found:
            return (first + number for number in found if number < len(patterns))
        return (first + number for number, pattern in enumerate(patterns) if self._alone(pattern, content))

    def _alone(self, pattern: str, content: bytes) -> bool:
        return re2.compile(pattern, self._options).search(content) is not None


def within_limit(text: str) -> str:
    """The text up to the limit, cut between characters."""
    if len(text) * 4 <= TEXT_BYTES:
        return text
    return text.encode("utf-8", "replace")[:TEXT_BYTES].decode("utf-8", "ignore")
