"""Business hours: whether a desk is open at an instant.

Spans are wall-clock times of the calendar's zone. On the day that summer time begins, a span that lies in the missing
hour is not there; on the day it ends, the doubled hour counts twice. A span past midnight belongs to the day on which
it begins, so it runs into a holiday but does not begin on one. A special day has the spans that are said of it.
"""

from datetime import UTC, date, datetime, time, timedelta

from ..config.calendars import MINUTES_A_DAY, CalendarSettings, Span
from ..config.public_holidays import public_holidays


class BusinessHours:
    """The hours of one calendar."""

    def __init__(self, calendar: CalendarSettings) -> None:
        self.zone = calendar.zone
        self._closed = (frozenset(calendar.holidays), *map(public_holidays, calendar.public_holidays))
        self._special = calendar.special_spans()
        self._spans = tuple(calendar.spans_on(weekday) for weekday in range(7))

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The open spans that begin on this day, in minutes after its midnight."""
        if day in self._special:
            return self._special[day]
        return () if any(day in closed for closed in self._closed) else self._spans[day.weekday()]

    def is_open(self, at: int) -> bool:
        """Whether it is open at this instant, in milliseconds since 1970."""
        local = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return self._covers(local, minute) or self._covers(local - timedelta(days=1), minute + MINUTES_A_DAY)

    def opens_at(self, at: int) -> int | None:
        """When it opens next after this instant, in milliseconds; None when it does not within three weeks."""
        today = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).astimezone(self.zone).date()
        for ahead in range(22):
            day = today + timedelta(days=ahead)
            for begin, _ in self.spans_on(day):
                opening = datetime.combine(day, time(begin // 60, begin % 60), self.zone)
                instant = int(opening.timestamp() * 1000)
                if instant > at and self.is_open(instant):
                    return instant
        return None

    def _covers(self, day: datetime, minute: int) -> bool:
        return any(begin <= minute < end for begin, end in self.spans_on(day.date()))
