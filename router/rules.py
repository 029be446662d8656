"""The rules: from the facts of a message to queue, priority, tags and the rest.

Rules are tried in order, those only that can match by what they need (rule_index.py). The first that matches ends the
search, unless it says `continue: true`. What a rule has decided stands: a later rule adds tags and skills, and decides
only what is still open. Rules stand in stages, one after another; a match ends its stage, and with `stop: true` all of
them. What stays open at the end is the fallback queue, and the queue's own priority.

`decide` is what routing runs; `explain` gives the same verdict with the trace of every rule, at any later time, from
the same facts and configuration.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.rule_actions import ActionSettings
from ..config.rule_settings import RuleSettings
from ..config.settings import Settings
from .business_hours import BusinessHours
from .condition import Condition
from .conditions import compile_condition, groups_of
from .facts import Explanation, Facts, RuleTrace, Verdict
from .priority import priority_of
from .rule_index import Need, RuleIndex
from .variables import LONGEST, filled
from .vocabulary import Part, View, Vocabulary

__all__ = ["Explanation", "Facts", "RuleTrace", "Rules", "Verdict"]

ADDED = ("tags", "require_skills", "prefer_skills", "clocks")
"""That to which each further rule adds."""
DECIDED_ONCE = ("queue", "priority", "impact", "urgency", "language", "acknowledge", "suspend")
"""What the first rule that says it decides, in the words of `then`."""
_EVERY_STAGE = 1 << 30


@dataclass(frozen=True)
class _Rule:
    name: str
    when: Condition | None
    then: ActionSettings
    stage: int
    continues: bool
    stops: bool
    groups: Sequence[tuple[tuple[Part, ...], Any]]

    @property
    def needs(self) -> Sequence[Need]:
        return self.when.needs if self.when else ()

    @classmethod
    def of(cls, rule: RuleSettings, stage: int, vocabulary: Vocabulary) -> "_Rule":
        when = compile_condition(rule.when, vocabulary) if rule.when else None
        groups = groups_of(rule.when) if rule.when else ()
        return cls(rule.name, when, rule.then, stage, rule.continues, rule.stop, groups)

    def decide(self, view: View, decided: dict[str, Any]) -> dict[str, Any]:
        """Add what it decides; returns what is new."""
        found = view.found_groups(self.groups) if self.groups else {}
        found = {name: text.strip()[:LONGEST] for name, text in found.items()}
        return _add(decided, self.then, found)

    def matches(self, view: View) -> bool:
        return self.when is None or self.when.holds(view)


class Rules:
    """The rules of one configuration, ready to run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vocabulary = Vocabulary()
        stages = {name: place for place, name in enumerate(dict.fromkeys(rule.stage for rule in settings.rules))}
        self._rules = tuple(_Rule.of(rule, stages[rule.stage], self._vocabulary) for rule in settings.rules)
        self.asks_for_history = any(
            condition.history for rule in settings.rules if rule.when for _, condition in rule.when.each()
        )
        self._index = RuleIndex([rule.needs for rule in self._rules])
        self._calendars = {name: BusinessHours(calendar) for name, calendar in settings.calendars.items()}

    def decide(self, facts: Facts) -> Verdict:
        """What is to be done with this message if it opens a ticket."""
        decided: dict[str, Any] = {}
        view, matched = self._view(facts, decided), []
        for rule in self._matching(view):
            rule.decide(view, decided)
            matched.append(rule.name)
        return self._verdict(decided, matched)

    def explain(self, facts: Facts) -> Explanation:
        """The same verdict, and how each rule came out."""
        decided: dict[str, Any] = {}
        view, traces, ended = self._view(facts, decided), list[RuleTrace](), -1
        for rule in self._rules:
            reached = rule.stage > ended
            traces.append(_trace(rule, view, decided) if reached else RuleTrace(rule=rule.name, outcome="not_reached"))
            if traces[-1].outcome == "matched":
                ended = _ended_by(rule, ended)
        matched = [trace.rule for trace in traces if trace.outcome == "matched"]
        return Explanation(verdict=self._verdict(decided, matched), rules=tuple(traces))

    def _view(self, facts: Facts, decided: Mapping[str, Any]) -> View:
        return View(facts, self._vocabulary, self._calendars, decided)

    def _matching(self, view: View) -> Iterator[_Rule]:
        ended = -1
        for number in self._index.candidates(view):
            rule = self._rules[number]
            if rule.stage > ended and rule.matches(view):
                yield rule
                ended = _ended_by(rule, ended)

    def _verdict(self, decided: Mapping[str, Any], matched: list[str]) -> Verdict:
        queue = decided.get("queue") or self._settings.fallback_queue
        of_both = priority_of(decided.get("impact"), decided.get("urgency"))
        priority = decided.get("priority") or of_both or self._settings.queues[queue].priority
        complete = dict(decided) | {"queue": queue, "priority": priority}
        return Verdict(**complete, matched=tuple(matched), config=self._settings.version)


def _ended_by(rule: _Rule, ended: int) -> int:
    """The last stage in which no further rule is tried, after this one has matched."""
    return _EVERY_STAGE if rule.stops else ended if rule.continues else rule.stage


def _trace(rule: _Rule, view: View, decided: dict[str, Any]) -> RuleTrace:
    when = rule.when.trace(view) if rule.when else None
    if when is not None and not when.held:
        return RuleTrace(rule=rule.name, outcome="failed", when=when)
    return RuleTrace(rule=rule.name, outcome="matched", when=when, decided=rule.decide(view, decided))


def _add(decided: dict[str, Any], then: ActionSettings, found: Mapping[str, str]) -> dict[str, Any]:
    """Add what a rule decides to what was decided before it; returns what is new."""
    known = {**found, **decided.get("variables", {})}
    said = {name: filled(text, known) for name, text in then.fields.items()}
    pairs = {"variables": found, "fields": {name: text for name, text in said.items() if text}}
    new: dict[str, Any] = {
        name: value for name in DECIDED_ONCE if name not in decided and (value := getattr(then, name)) is not None
    }
    for name in ADDED:
        before = decided.get(name, ())
        if fresh := tuple(value for value in dict.fromkeys(_given(then, name)) if value not in before):
            new[name] = fresh
            decided[name] = before + fresh
    for name, values in pairs.items():
        before = decided.get(name, {})
        if fresh_pairs := {key: text for key, text in values.items() if key not in before}:
            new[name] = fresh_pairs
            decided[name] = {**before, **fresh_pairs}
    decided |= {name: value for name, value in new.items() if name in DECIDED_ONCE}
    return new


def _given(then: ActionSettings, name: str) -> Sequence[str]:
    if name == "clocks":
        return then.clocks.start if then.clocks else ()
    return getattr(then, name)  # type: ignore[no-any-return]
