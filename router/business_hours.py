"""Business hours: whether a desk is open at an instant.

Spans are wall-clock times of the calendar's zone. On the day that summer time begins, a span that lies in the missing
hour is not there; on the day it ends, the doubled hour counts twice. A span past midnight belongs to the day on which
it begins, so it runs into a holiday but does not begin on one.
"""

from datetime import UTC, datetime, time, timedelta

from ..config.calendars import MINUTES_A_DAY, CalendarSettings


class BusinessHours:
    """The hours of one calendar."""

    def __init__(self, calendar: CalendarSettings) -> None:
        self._zone = calendar.zone
        self._holidays = frozenset(calendar.holidays)
        self._spans = tuple(calendar.spans_on(weekday) for weekday in range(7))

    def is_open(self, at: int) -> bool:
        """Whether it is open at this instant, in milliseconds since 1970."""
        local = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).astimezone(self._zone)
        minute = local.hour * 60 + local.minute
        return self._covers(local, minute) or self._covers(local - timedelta(days=1), minute + MINUTES_A_DAY)

    def opens_at(self, at: int) -> int | None:
        """When it opens next after this instant, in milliseconds; None when it does not within three weeks."""
        today = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).astimezone(self._zone).date()
        for ahead in range(22):
            day = today + timedelta(days=ahead)
            for begin, _ in self._spans[day.weekday()]:
                opening = datetime.combine(day, time(begin // 60, begin % 60), self._zone)
                instant = int(opening.timestamp() * 1000)
                if instant > at and self.is_open(instant):
                    return instant
        return None

    def _covers(self, day: datetime, minute: int) -> bool:
        if day.date() in self._holidays:
            return False
        return any(begin <= minute < end for begin, end in self._spans[day.weekday()])
