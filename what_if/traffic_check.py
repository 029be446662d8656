"""What recorded traffic says of the rules: those that never match, that match in vain, and that contradict each other.

A rule can be right and still be for messages that nobody writes; only traffic tells. Of two rules that match the same
message the first decides; where the second says another queue or priority, and neither was meant to give way, one of
them is wrong. Pure but for what it is told.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ..config.findings import Finding
from ..config.rule_settings import RuleSettings
from ..config.settings import Settings
from ..router import rules
from ..router.facts import Facts
from ..router.rules import DECIDED_ONCE, Rules

ADDED = (*rules.ADDED, "fields")


class TrafficCheck:
    """Is told what the rules saw of one ticket after another."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rules = Rules(settings)
        self._named = {rule.name: (number, rule) for number, rule in enumerate(settings.rules)}
        self._matched: Counter[str] = Counter()
        self._effective: set[str] = set()
        self._contradictions: Counter[tuple[str, str, str]] = Counter()
        self.tickets = 0

    def add(self, facts: Facts) -> None:
        """One more."""
        self.tickets += 1
        decided: dict[str, tuple[str, Any]] = {}
        for name in self._rules.decide(facts).matched:
            self._matched[name] += 1
            said = _said(self._named[name][1])
            if any(field in ADDED for field in said):
                self._effective.add(name)
            for field in [each for each in DECIDED_ONCE if each in said]:
                first, value = decided.setdefault(field, (name, said[field]))
                if first == name:
                    self._effective.add(name)
                elif value != said[field]:
                    self._contradictions[first, name, field] += 1

    def findings(self) -> Iterator[Finding]:
        """What was found, in the order of the rules; nothing where there was no traffic."""
        if not self.tickets:
            return
        of = f"of {self.tickets:,} recorded tickets"
        for name, (number, _) in self._named.items():
            position = self._settings.where("rules", number)
            if not self._matched[name]:
                yield Finding(position, "warning", f'the rule "{name}" matches none {of}', "see what it asks for")
            elif name not in self._effective:
                message = f'the rule "{name}" matches {self._matched[name]:,} {of} and decides nothing for any of them'
                yield Finding(position, "warning", message, "what it says was decided before it; move it up")
        for (first, second, field), count in sorted(self._contradictions.items(), key=lambda each: -each[1]):
            position = self._settings.where("rules", self._named[second][0], "then", field)
            mine, other = (_said(self._named[name][1])[field] for name in (second, first))
            yield Finding(
                position,
                "warning",
                f'the rule "{second}" says {field} {mine} for {count:,} {of}, for which "{first}" said {other} before',
                "leave it out of one of them, or move up the one that is to hold",
            )


def _said(rule: RuleSettings) -> Mapping[str, Any]:
    """What a rule says."""
    values = {name: getattr(rule.then, name, None) for name in (*DECIDED_ONCE, *ADDED)}
    return {name: value for name, value in values.items() if value not in (None, "", (), {})}
