"""Open time is what one counts minute by minute, in every zone and over every change of the clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunkline.config.calendars import CalendarSettings
from trunkline.router.business_hours import BusinessHours
from trunkline.router.open_time import OpenTime

MINUTE = 60_000
HOUR = 60 * MINUTE
OFFICE = {"monday-friday": ["09:00-12:30", "13:30-18:00"]}


def calendar(hours: dict[str, Any], zone: str = "Europe/Berlin", **more: Any) -> BusinessHours:
    return BusinessHours(CalendarSettings.model_validate({"zone": zone, "hours": hours, **more}))


def at(text: str, zone: str = "Europe/Berlin") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_a_break_a_night_and_a_weekend_have_none() -> None:
    time = OpenTime(calendar(OFFICE))
    assert time.after(at("2026-11-27T17:30"), HOUR) == at("2026-11-30T09:30")
    assert time.after(at("2026-11-30T12:00"), HOUR) == at("2026-11-30T14:00")
    assert time.between(at("2026-11-27T00:00"), at("2026-12-01T00:00")) == 16 * HOUR


def test_a_holiday_has_none_and_a_special_day_has_its_own() -> None:
    time = OpenTime(
        calendar(OFFICE, holidays=["2026-12-23"], public_holidays="DE-BY", special_days={"2026-12-24": "09:00-12:00"})
    )
    assert time.between(at("2026-12-23T00:00"), at("2026-12-28T00:00")) == 3 * HOUR  # 25th and 26th are holidays
    assert time.between(at("2026-01-06T00:00"), at("2026-01-07T00:00")) == 0  # Epiphany, in Bavaria alone
    assert OpenTime(calendar(OFFICE, public_holidays=["DE"])).between(at("2026-01-06T00:00"), at("2026-01-07T00:00"))


def test_time_that_stands_does_not_count() -> None:
    time = OpenTime(calendar(OFFICE))
    pauses = [(at("2026-11-30T09:30"), at("2026-11-30T17:00"))]
    assert time.after(at("2026-11-30T09:00"), HOUR, pauses) == at("2026-11-30T17:30")
    assert OpenTime().after(1_000, 50, [(1_010, 1_020), (1_015, 1_030)]) == 1_070


def test_what_never_opens_again_is_told() -> None:
    never = CalendarSettings.model_validate({"zone": "UTC", "hours": {"monday": "09:00-10:00"}})
    assert OpenTime(BusinessHours(never)).after(0, 10_000 * HOUR) is None


@pytest.mark.parametrize(
    ("hours", "minutes"), [(OFFICE, 2400), ({"monday-sunday": ["22:00-06:00", "05:00-07:00"]}, 3780)]
)
def test_a_week_has_so_many_minutes(hours: dict[str, Any], minutes: int) -> None:
    assert CalendarSettings.model_validate({"zone": "UTC", "hours": hours}).minutes_a_week() == minutes


_TIMES = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
_SPANS = st.lists(
    st.tuples(_TIMES, _TIMES).filter(lambda span: span[0] != span[1]).map("-".join), min_size=1, max_size=3
)
_WEEKS = st.dictionaries(st.sampled_from(["monday-friday", "saturday", "sunday", "wednesday"]), _SPANS, min_size=1)
_CHANGES = {
    "Europe/Berlin": ["2026-03-28T20:00", "2026-10-24T20:00"],
    "America/Havana": ["2026-03-07T12:00", "2026-10-31T12:00"],
    "Asia/Beirut": ["2026-03-28T12:00", "2026-10-24T12:00"],
    "Australia/Lord_Howe": ["2026-04-04T12:00", "2026-10-03T12:00"],
}
_MOMENTS = st.sampled_from([(zone, start) for zone, starts in _CHANGES.items() for start in starts])


@settings(max_examples=60, deadline=None)
@given(hours=_WEEKS, moment=_MOMENTS, special=_SPANS, length=st.integers(1, 2 * 24 * 60), rest=st.integers(0, 1500))
@example(
    hours={"sunday": ["02:15-02:45"]},
    moment=("Europe/Berlin", "2026-03-28T20:00"),
    special=["00:00-00:15"],
    length=2000,
    rest=0,
)
def test_it_is_what_one_counts_minute_by_minute(
    hours: dict[str, Any], moment: tuple[str, str], special: list[str], length: int, rest: int
) -> None:
    zone, start = moment
    since = at(start, zone)
    second = (datetime.fromtimestamp(since / 1000, UTC) + timedelta(days=2)).date()
    week = calendar(hours, zone, special_days={second: special})
    pauses = [(since + 300 * MINUTE, since + (300 + rest) * MINUTE)]
    opened = [week.is_open(since + minute * MINUTE) and not (300 <= minute < 300 + rest) for minute in range(length)]
    time = OpenTime(week)
    assert time.between(since, since + length * MINUTE, pauses) == sum(opened) * MINUTE
    if sum(opened):
        reached = time.after(since, sum(opened) * MINUTE, pauses)
        last = max(minute for minute, is_open in enumerate(opened) if is_open)
        assert reached == since + (last + 1) * MINUTE
