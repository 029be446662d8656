"""The triggers of one configuration, ready to run: which fire on an event, and which when time goes by.

Unlike rules, all that match fire, in their order. Those that can match are found by an index, as rules are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from ..config.settings import Settings
from ..config.trigger_settings import TriggerSettings
from .business_hours import BusinessHours
from .condition import Condition
from .conditions import compile_condition, groups_of
from .facts import ConditionTrace, Facts
from .rule_index import RuleIndex
from .variables import LONGEST
from .vocabulary import Part, View, Vocabulary

# Lines of the feed by kind, and what triggers call what they tell.
KINDS: Mapping[str, Sequence[str]] = {
    "message.received": ("message",),
    "message.edited": ("edited",),
    "message.queued": ("reply",),
    "message.note_added": ("note",),
    "message.delivery_failed": ("undelivered",),
    "message.delivery_unknown": ("undelivered",),
    "ticket.status_changed": ("status",),
    "ticket.closed": ("status",),
    "ticket.reopened": ("status", "reopened"),
    "ticket.moved": ("queue",),
    "ticket.assigned": ("assigned",),
    "ticket.updated": ("changed",),
}


@dataclass(frozen=True)
class Trigger:
    """One trigger."""

    settings: TriggerSettings
    when: Condition | None
    groups: Sequence[tuple[tuple[Part, ...], Any]]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.settings.name

    @property
    def after_ms(self) -> int:
        """How long a status lasts before it fires."""
        return (self.settings.after or timedelta()) // timedelta(milliseconds=1)

    def is_timed_in(self, status: str) -> bool:
        """Whether it fires by time while a ticket is in this status."""
        return status in (self.settings.in_ or ())


@dataclass
class _OnEvent:
    triggers: list[Trigger] = field(default_factory=list)

    @cached_property
    def index(self) -> RuleIndex:
        return RuleIndex([trigger.when.needs if trigger.when else () for trigger in self.triggers])


class TriggerSet:
    """All triggers of a configuration."""

    def __init__(self, settings: Settings) -> None:
        self._vocabulary = Vocabulary()
        self._calendars = {name: BusinessHours(calendar) for name, calendar in settings.calendars.items()}
        self.all = {each.name: self._compiled(each) for each in settings.triggers}
        self._on: dict[str, _OnEvent] = {}
        for trigger in self.all.values():
            for event in trigger.settings.event or ():
                self._on.setdefault(event, _OnEvent()).triggers.append(trigger)
        self.asks_for_history = any(
            condition.history for each in settings.triggers if each.when for _, condition in each.when.each()
        )

    def _compiled(self, settings: TriggerSettings) -> Trigger:
        when = compile_condition(settings.when, self._vocabulary) if settings.when else None
        return Trigger(settings, when, groups_of(settings.when) if settings.when else ())

    def matching(self, events: Sequence[str], facts: Facts) -> list[Trigger]:
        """Those that fire on one of these events, in their order."""
        view = View(facts, self._vocabulary, self._calendars)
        found = {trigger.name for event in events for trigger in self._of_event(event, view)}
        return [trigger for trigger in self.all.values() if trigger.name in found]

    def holds(self, trigger: Trigger, facts: Facts) -> bool:
        """Whether what it asks is so."""
        return trigger.when is None or trigger.when.holds(View(facts, self._vocabulary, self._calendars))

    def trace(self, trigger: Trigger, facts: Facts) -> ConditionTrace | None:
        """How what it asks comes out, with the reasons; None when it asks nothing."""
        return trigger.when.trace(View(facts, self._vocabulary, self._calendars)) if trigger.when else None

    def variables(self, trigger: Trigger, facts: Facts) -> dict[str, str]:
        """What the named groups of its patterns find."""
        found = View(facts, self._vocabulary, self._calendars).found_groups(trigger.groups)
        return {name: text.strip()[:LONGEST] for name, text in found.items()}

    @property
    def kinds(self) -> dict[str, list[str]]:
        """The kinds of lines that some trigger waits for, with its events."""
        waited = {*self._on, *(("message",) if "arrival" in self._on else ())}
        wanted = {kind: [event for event in events if event in waited] for kind, events in KINDS.items()}
        return {kind: events for kind, events in wanted.items() if events}

    @property
    def timed(self) -> dict[str, list[tuple[str, int]]]:
        """By status, the triggers that fire when it has lasted, with their milliseconds."""
        by_status: dict[str, list[tuple[str, int]]] = {}
        for trigger in self.all.values():
            for status in trigger.settings.in_ or ():
                by_status.setdefault(status, []).append((trigger.name, trigger.after_ms))
        return by_status

    def _of_event(self, event: str, view: View) -> Iterator[Trigger]:
        on = self._on.get(event)
        for number in on.index.candidates(view) if on else ():
            trigger = on.triggers[number] if on else None
            if trigger and (trigger.when is None or trigger.when.holds(view)):
                yield trigger
