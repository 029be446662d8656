"""The rules: from the facts of a message to queue, priority, tags and the rest.

Rules are tried in order, those only that can match by what they need (rule_index.py). The first that matches ends the
search, unless it says `continue: true`. What a rule has decided stands: a later rule adds tags and skills, and decides
only what is still open. What stays open at the end is the fallback queue, and the queue's own priority.

`decide` is what routing runs; `explain` gives the same verdict with the trace of every rule, at any later time, from
the same facts and configuration.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.rule_settings import ActionSettings, RuleSettings
from ..config.settings import Settings
from .business_hours import BusinessHours
from .conditions import Condition, compile_condition
from .facts import Explanation, Facts, RuleTrace, Verdict
from .rule_index import Need, RuleIndex
from .vocabulary import View, Vocabulary

__all__ = ["Explanation", "Facts", "RuleTrace", "Rules", "Verdict"]

_ADDED = ("tags", "require_skills", "prefer_skills")
_DECIDED_ONCE = ("queue", "priority", "language", "acknowledge", "suspend")


@dataclass(frozen=True)
class _Rule:
    name: str
    when: Condition | None
    then: ActionSettings
    continues: bool

    @property
    def needs(self) -> Sequence[Need]:
        return self.when.needs if self.when else ()

    @classmethod
    def of(cls, rule: RuleSettings, vocabulary: Vocabulary) -> "_Rule":
        when = compile_condition(rule.when, vocabulary) if rule.when else None
        return cls(rule.name, when, rule.then, rule.continues)

    def matches(self, view: View) -> bool:
        return self.when is None or self.when.holds(view)


class Rules:
    """The rules of one configuration, ready to run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vocabulary = Vocabulary()
        self._rules = tuple(_Rule.of(rule, self._vocabulary) for rule in settings.rules)
        self._index = RuleIndex([rule.needs for rule in self._rules])
        self._calendars = {name: BusinessHours(calendar) for name, calendar in settings.calendars.items()}

    def decide(self, facts: Facts) -> Verdict:
        """What is to be done with this message if it opens a ticket."""
        decided: dict[str, Any] = {}
        matched = []
        for rule in self._matching(self._view(facts)):
            _add(decided, rule.then)
            matched.append(rule.name)
        return self._verdict(decided, matched)

    def explain(self, facts: Facts) -> Explanation:
        """The same verdict, and how each rule came out."""
        view, decided, traces, ended = self._view(facts), dict[str, Any](), list[RuleTrace](), False
        for rule in self._rules:
            traces.append(RuleTrace(rule=rule.name, outcome="not_reached") if ended else _trace(rule, view, decided))
            ended = ended or (traces[-1].outcome == "matched" and not rule.continues)
        matched = [trace.rule for trace in traces if trace.outcome == "matched"]
        return Explanation(verdict=self._verdict(decided, matched), rules=tuple(traces))

    def _view(self, facts: Facts) -> View:
        return View(facts, self._vocabulary, self._calendars)

    def _matching(self, view: View) -> Iterator[_Rule]:
        for number in self._index.candidates(view):
            rule = self._rules[number]
            if rule.matches(view):
                yield rule
                if not rule.continues:
                    return

    def _verdict(self, decided: Mapping[str, Any], matched: list[str]) -> Verdict:
        queue = decided.get("queue") or self._settings.fallback_queue
        priority = decided.get("priority") or self._settings.queues[queue].priority
        complete = dict(decided) | {"queue": queue, "priority": priority}
        return Verdict(**complete, matched=tuple(matched), config=self._settings.version)


def _trace(rule: _Rule, view: View, decided: dict[str, Any]) -> RuleTrace:
    when = rule.when.trace(view) if rule.when else None
    if when is not None and not when.held:
        return RuleTrace(rule=rule.name, outcome="failed", when=when)
    return RuleTrace(rule=rule.name, outcome="matched", when=when, decided=_add(decided, rule.then))


def _add(decided: dict[str, Any], then: ActionSettings) -> dict[str, Any]:
    """Add what a rule decides to what was decided before it; returns what is new."""
    new: dict[str, Any] = {
        name: value for name in _DECIDED_ONCE if name not in decided and (value := getattr(then, name)) is not None
    }
    for name in _ADDED:
        before = decided.get(name, ())
        if fresh := tuple(value for value in dict.fromkeys(getattr(then, name)) if value not in before):
            new[name] = fresh
            decided[name] = before + fresh
    decided |= {name: value for name, value in new.items() if name in _DECIDED_ONCE}
    return new
