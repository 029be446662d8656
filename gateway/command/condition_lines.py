"""How a condition came out, as lines: each part with what it asks for and what was found."""

from collections.abc import Iterator

from ...router.facts import ConditionTrace


def condition_lines(trace: ConditionTrace, margin: str) -> Iterator[str]:
    """The lines of a condition and, further to the right, of its parts."""
    seen = f"; found {trace.found}" if trace.found else ""
    yield f"{margin}{yes_or_no(trace.held):<3} {trace.condition}: {trace.expected}{seen}".rstrip(": ")
    for part in trace.parts:
        yield from condition_lines(part, margin + "  ")


def yes_or_no(value: bool) -> str:
    """In a word."""
    return "yes" if value else "no"
