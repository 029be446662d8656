"""Times of the coming week in which a promise of a queue runs and nobody of it is on shift; `trunkline check` warns.

Only of queues all of whose agents have shifts, and of agreements that have a calendar: what is promised round the clock
without one is hardly meant to be served so. It looks at a week, so holidays are seen when they are near.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from ..config.findings import Finding
from ..config.rule_lint import members_of
from ..config.settings import Settings
from ..config.sla_settings import SlaSettings
from ..router.business_hours import BusinessHours
from ..router.open_time import Interval, OpenTime

WEEK = 7 * 86_400_000
HOUR = 3_600_000


def shift_gaps(settings: Settings, now: int | None = None) -> Iterator[Finding]:
    """One warning for each queue and agreement, at the agreement's calendar. `now` in ms; none: of the clock."""
    since = time.time_ns() // 1_000_000 if now is None else now
    hours = {name: OpenTime(BusinessHours(calendar)) for name, calendar in settings.calendars.items()}
    for queue in settings.queues:
        members = members_of(settings, queue)
        if not members or not all(member.shifts for member in members):
            continue
        names = sorted({name for member in members for name in member.shifts})
        shifts = [interval for name in names for interval in _week(hours[name], since)]
        for number, agreement in enumerate(settings.sla):
            if agreement.calendar is None or not _is_for(agreement, queue):
                continue
            if gaps := list(_week(hours[agreement.calendar], since, shifts)):
                zone = settings.calendars[agreement.calendar].zone
                message = (
                    f'nobody of {queue} is on shift {_told(gaps, zone)}, when "{agreement.name}" promises something'
                )
                remedy = "give an agent another shift, or the agreement another calendar"
                yield Finding(settings.where("sla", number, "calendar"), "warning", message, remedy)


def _week(calendar: OpenTime, since: int, without: list[Interval] | None = None) -> Iterator[Interval]:
    for begin, end in calendar.intervals(since, without or ()):
        if begin >= since + WEEK:
            return
        yield begin, min(end, since + WEEK)


def _is_for(agreement: SlaSettings, queue: str) -> bool:
    asked = agreement.asked().get("queue")
    return asked is None or queue in asked


def _told(gaps: list[Interval], zone: ZoneInfo) -> str:
    total = sum(end - begin for begin, end in gaps) / HOUR
    begin, end = (datetime.fromtimestamp(at / 1000, tz=zone) for at in gaps[0])
    return f"for {total:.3g} h of the coming week (first {begin:%A %H:%M} to {end:%H:%M}, {zone.key})"
