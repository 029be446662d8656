"""Promises that cannot be kept because of how they are configured: each is refused with its place and the remedy.

Looked at once everything is readable, because it takes a policy together with its calendar.
"""

from collections.abc import Iterator
from datetime import timedelta

from .positions import Document
from .problems import Problem, shown
from .quantities import format_duration
from .settings import Settings
from .sla_settings import HOUSE, SlaSettings

WEEKS = 52


def impossible_promises(settings: Settings, document: Document) -> Iterator[Problem]:
    """What no desk could do."""
    seen = dict[str, int]()
    for index, policy in enumerate(settings.sla):
        if policy.name in seen:
            position = document.positions.of(("sla", index, "name"))
            remedy = f"the policy in line {document.positions.of(('sla', seen[policy.name])).line} has it"
            yield Problem(position, f"the policy name {shown(policy.name)} again", "a name of its own", remedy)
        seen.setdefault(policy.name, index)
        yield from _too_long(settings, document, index, policy)
        yield from _never(document, index, policy)


def _too_long(settings: Settings, document: Document, index: int, policy: SlaSettings) -> Iterator[Problem]:
    """Targets beyond a year of open time."""
    calendar = settings.calendars.get(policy.calendar) if policy.calendar else None
    week = timedelta(minutes=calendar.minutes_a_week()) if calendar else timedelta(weeks=1)
    year = WEEKS * week
    for kind, target in policy.targets.items():
        longest = max(target.values())
        if longest > year:
            hours = f"{policy.calendar} has in a year" if calendar else "a year has"
            expected = f"at most the {year // timedelta(hours=1)}h of open time that {hours}"
            remedy = "targets count open time: a working day of eight hours is 8h, not 1d"
            position = document.positions.of(("sla", index, "targets", kind))
            yield Problem(position, shown(format_duration(longest)), expected, remedy)


def _never(document: Document, index: int, policy: SlaSettings) -> Iterator[Problem]:
    """Steps whose time never comes, and steps for clocks that the policy does not have."""
    for number, step in enumerate(policy.escalation):
        path = ("sla", index, "escalation", number)
        owed = {*HOUSE, *policy.targets}
        for each, name in enumerate(step.clock or ()):
            if name not in owed:
                expected = f"a clock that the policy has ({', '.join(sorted(owed))})"
                place = (*path, "clock", each)  # of a list, or the one that stands there
                position = document.positions.of(place if place in document.positions.values else place[:-1])
                yield Problem(position, f"the clock {shown(name)}", expected, "give it a target in `targets`")
        targets = [target for kind, target in policy.targets.items() if step.clock is None or kind in step.clock]
        longest = max((max(target.values()) for target in targets), default=None)
        if step.before is not None and longest is not None and step.before >= longest:
            expected = f"less than the longest target, {format_duration(longest)}"
            remedy = "the step would be due before its clock begins"
            position = document.positions.of((*path, "before"))
            yield Problem(position, shown(format_duration(step.before)), expected, remedy)
