"""What a test makes go wrong: by method, or by `*` for all methods.

`refusals`, `pauses` and `failures` are used up one after another by the next calls: errors by name, 429 with so many
seconds in Retry-After, and statuses such as 503. `loses` takes what is asked and breaks off before it answers, `breaks`
breaks off before it takes anything. `holds` waits for its event before it answers, after it has taken what was asked.
"""

import asyncio
from dataclasses import dataclass, field
from typing import TypeVar

ALL = "*"
T = TypeVar("T")


@dataclass
class Switches:
    """All of them; nothing goes wrong at first."""

    refusals: dict[str, list[str]] = field(default_factory=dict)
    pauses: dict[str, list[int]] = field(default_factory=dict)
    failures: dict[str, list[int]] = field(default_factory=dict)
    loses: set[str] = field(default_factory=set)
    breaks: set[str] = field(default_factory=set)
    holds: dict[str, asyncio.Event] = field(default_factory=dict)

    def next_of(self, kind: dict[str, list[T]], method: str) -> T | None:
        """The next that is meant for a call of the method."""
        for name in (method, ALL):
            if kind.get(name):
                return kind[name].pop(0)
        return None

    def is_on(self, kind: set[str], method: str) -> bool:
        """Whether it goes wrong so."""
        return method in kind or ALL in kind

    async def wait(self, method: str) -> None:
        """As long as an answer is held back."""
        held = self.holds.get(method) or self.holds.get(ALL)
        if held is not None:
            await held.wait()
