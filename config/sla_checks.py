"""Promises that cannot be kept because of how they are configured: each is refused with its place and the remedy.

Looked at once everything is readable, because it takes a policy together with its calendar.
"""

from collections.abc import Iterator
from datetime import timedelta

from .positions import Document
from .problems import Problem, shown
from .quantities import format_duration
from .settings import Settings
from .sla_settings import SlaSettings

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
