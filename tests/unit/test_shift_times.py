"""When a shift ends, by the calendars of an agent."""

from datetime import datetime

import pytest

from trunkline.config.calendars import CalendarSettings
from trunkline.router.business_hours import BusinessHours
from trunkline.router.open_time import OpenTime
from trunkline.router.shift_times import Shift, shift_at

MINUTE = 60_000


def calendar(zone: str, *hours: str, **more: object) -> OpenTime:
    given = {"zone": zone, "hours": {"monday-sunday": list(hours)}, **more}
    return OpenTime(BusinessHours(CalendarSettings.model_validate(given)))


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


EARLY, LATE = calendar("Europe/Tallinn", "08:00-16:00"), calendar("Europe/Tallinn", "16:00-22:00")
NIGHT = calendar("Europe/Tallinn", "22:00-06:00")


@pytest.mark.parametrize(
    ("calendars", "now", "ends"),
    [
        ([EARLY], "2027-01-15T12:00+02:00", "2027-01-15T16:00+02:00"),
        ([EARLY], "2027-01-15T16:00+02:00", "2027-01-16T16:00+02:00"),
        ([EARLY, LATE], "2027-01-15T12:00+02:00", "2027-01-15T22:00+02:00"),
        ([NIGHT], "2027-01-15T03:00+02:00", "2027-01-15T06:00+02:00"),
        ([EARLY, calendar("Asia/Manila", "09:00-15:00")], "2027-01-15T01:00+00:00", "2027-01-15T16:00+02:00"),
    ],
)
def test_the_shift_of_now_ends_or_else_the_next(calendars: list[OpenTime], now: str, ends: str) -> None:
    assert shift_at(calendars, at(now), 10 * MINUTE) == Shift(at(ends) - 10 * MINUTE, at(ends))


def test_a_night_in_which_the_clocks_change_ends_by_the_clock_on_the_wall() -> None:
    assert shift_at([NIGHT], at("2027-03-28T01:00+02:00"), 0).ends_at == at("2027-03-28T06:00+03:00")


def test_who_is_always_on_shift_has_none_that_ends() -> None:
    assert shift_at([calendar("UTC", "00:00-24:00")], at("2027-01-15T12:00+00:00"), 0) == Shift()
