"""Calendars: the business hours of a desk in its own time zone.

    calendars:
      office:
        zone: Europe/Tallinn
        hours:
          monday-friday: [09:00-12:30, 13:30-18:00]
          saturday: 10:00-14:00
        holidays: [2026-12-28]
        public_holidays: EE
        special_days: { 2026-12-23: 09:00-12:00 }

Hours are wall-clock times, so daylight saving time moves nothing. A span that ends before it begins runs past midnight
and belongs to the day on which it begins, also where holidays are concerned. What is said of a special day stands above
holidays.
"""

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from .fields import listed, not_empty, one_or_many
from .public_holidays import known_place
from .section import Section, wrong

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_A_DAY = 24 * 60

Span = tuple[int, int]
"""From and to in minutes after midnight; `to` is over 1440 when the span runs past midnight."""

_SPAN = re.compile(r"([0-9]{2}):([0-5][0-9]) ?- ?([0-9]{2}):([0-5][0-9])\Z")


def parse_span(text: str) -> Span:
    """`09:00-17:30` as minutes after midnight."""
    found = _SPAN.match(text)
    if found:
        hour, minute, end_hour, end_minute = map(int, found.groups())
        begin, end = hour * 60 + minute, end_hour * 60 + end_minute
        if begin < MINUTES_A_DAY >= end and begin != end:
            return begin, end if end > begin else end + MINUTES_A_DAY
    raise wrong("a span of time such as 09:00-17:30, or 22:00-06:00 past midnight")


def parse_days(key: str) -> tuple[int, ...]:
    """`monday` or `monday-friday` as weekdays, Monday being 0."""
    first, dash, last = key.partition("-")
    if first in DAYS and (last in DAYS or not dash):
        begin = DAYS.index(first)
        end = DAYS.index(last) if dash else begin
        return tuple((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    raise wrong("a weekday such as monday, or a range such as monday-friday")


def _days(key: str) -> str:
    parse_days(key)
    return key


def _span(text: str) -> str:
    parse_span(text)
    return text


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (ValueError, OSError, KeyError):  # the last for a zone unknown, the others for odd names
        close = get_close_matches(str(value), available_timezones(), n=1)
        raise wrong("a time zone such as Europe/Tallinn or UTC", f"did you mean {close[0]}?" if close else "") from None


Spans = Annotated[
    tuple[Annotated[str, AfterValidator(_span)], ...],
    BeforeValidator(listed),
    AfterValidator(not_empty),
    one_or_many({"type": "string", "examples": ["09:00-17:30"]}),
]


class CalendarSettings(Section):
    """The business hours of one desk."""

    zone: Annotated[
        ZoneInfo,
        BeforeValidator(_zone),
        PlainSerializer(str, return_type=str),
        WithJsonSchema({"type": "string", "examples": ["Europe/Tallinn", "UTC"]}),
    ] = Field(description="The time zone in which the hours are meant, by its IANA name.")
    hours: Mapping[Annotated[str, AfterValidator(_days)], Spans] = Field(
        min_length=1, description="Weekdays (monday, or monday-friday) and the spans of time in which the desk is open."
    )
    holidays: tuple[date, ...] = Field(default=(), description="Dates on which it is closed all day, as 2026-12-25.")
    public_holidays: Annotated[
        tuple[Annotated[str, AfterValidator(known_place)], ...],
        BeforeValidator(listed),
        one_or_many({"type": "string", "examples": ["EE", "DE-BY"]}, at_least=0),
    ] = Field(
        default=(),
        description="Countries (ISO 3166: EE) or parts of them (DE-BY) on whose public holidays it is closed all day.",
    )
    special_days: Mapping[date, Spans] = Field(
        default_factory=dict, description="Dates with hours of their own, whatever weekday or holiday they are."
    )

    def spans_on(self, weekday: int) -> tuple[Span, ...]:
        """The open spans that begin on this weekday (Monday is 0)."""
        texts = (text for key, values in self.hours.items() if weekday in parse_days(key) for text in values)
        return tuple(sorted(parse_span(text) for text in texts))

    def special_spans(self) -> Mapping[date, tuple[Span, ...]]:
        """The open spans of the days that have hours of their own."""
        return {day: tuple(sorted(map(parse_span, texts))) for day, texts in self.special_days.items()}

    def minutes_a_week(self) -> int:
        """How long it is open in a week without holidays; what two spans share counts once."""
        total, open_until = 0, 0
        spans = [(7 * week + day, span) for week in (0, 1) for day in range(7) for span in self.spans_on(day)]
        for day, (begin, end) in sorted(spans, key=lambda each: each[0] * MINUTES_A_DAY + each[1][0]):
            first, last = day * MINUTES_A_DAY + begin, day * MINUTES_A_DAY + end
            if day >= 7:  # the second week, in which the first one's nights are there too
                total += max(0, last - max(first, open_until))
            open_until = max(open_until, last)
        return total
