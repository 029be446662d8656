"""Business hours are wall-clock times of the desk's own zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.calendars import CalendarSettings
from trunkline.router.business_hours import BusinessHours


def _hours(zone: str = "Europe/Tallinn", holidays: tuple[str, ...] = (), **hours: str | list[str]) -> BusinessHours:
    days = {day.replace("_", "-"): spans for day, spans in hours.items()}
    return BusinessHours(CalendarSettings.model_validate({"zone": zone, "hours": days, "holidays": holidays}))


def _at(text: str, zone: str = "Europe/Tallinn") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T12:29:59", True),
        ("2026-11-23T12:30:00", False),
        ("2026-11-23T13:30:00", True),
        ("2026-11-23T18:00:00", False),
        ("2026-11-27T10:00:00", True),
        ("2026-11-28T10:00:00", False),
        ("2026-11-29T10:00:00", False),
    ],
)
def test_a_desk_with_a_lunch_break(moment: str, is_open: bool) -> None:
    assert _hours(monday_friday=["09:00-12:30", "13:30-18:00"]).is_open(_at(moment)) is is_open


def test_the_zone_decides_and_not_the_server() -> None:
    moment = _at("2026-11-23T09:30:00", "Asia/Tokyo")
    assert _hours("Asia/Tokyo", monday="09:00-17:00").is_open(moment)
    assert not _hours("Europe/Tallinn", monday="09:00-17:00").is_open(moment)


def test_summer_time_moves_no_hours() -> None:
    hours = _hours(monday_sunday="09:00-17:00")
    for day in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        assert hours.is_open(_at(f"{day}T09:00:00"))
        assert not hours.is_open(_at(f"{day}T08:59:59"))


def test_an_hour_that_comes_twice_counts_twice() -> None:
    hours = _hours(sunday="03:00-04:00")
    first = round(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp() * 1000)
    assert hours.is_open(first)
    assert hours.is_open(first + 3_600_000)
    assert not hours.is_open(first + 7_200_000)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-27T22:00:00", True),
        ("2026-11-27T23:59:59", True),
        ("2026-11-28T05:59:59", True),
        ("2026-11-28T06:00:00", False),
        ("2026-11-27T05:00:00", False),
    ],
)
def test_a_night_shift_runs_into_the_next_day(moment: str, is_open: bool) -> None:
    assert _hours(friday="22:00-06:00").is_open(_at(moment)) is is_open


def test_a_holiday_is_closed_and_a_night_shift_still_runs_into_it() -> None:
    hours = _hours(holidays=("2026-12-24",), monday_sunday="20:00-04:00")
    assert hours.is_open(_at("2026-12-24T03:00:00"))
    assert not hours.is_open(_at("2026-12-24T21:00:00"))
    assert not hours.is_open(_at("2026-12-25T03:00:00"))


def test_a_range_of_days_can_run_over_the_end_of_the_week() -> None:
    hours = _hours(saturday_monday="10:00-11:00")
    opened = [day for day in range(23, 30) if hours.is_open(_at(f"2026-11-{day}T10:30:00"))]
    assert opened == [23, 28, 29]


def test_midnight_can_be_an_end() -> None:
    hours = _hours(monday="00:00-24:00")
    assert hours.is_open(_at("2026-11-23T00:00:00"))
    assert hours.is_open(_at("2026-11-23T23:59:59"))
    assert not hours.is_open(_at("2026-11-24T00:00:00"))


_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moment=_MOMENTS, begin=st.integers(0, 1439), length=st.integers(1, 1439))
def test_a_span_on_every_day_is_open_just_as_long_after_its_beginning(
    moment: datetime, begin: int, length: int
) -> None:
    end = (begin + length) % 1440
    span = f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
    local = moment.astimezone(ZoneInfo("America/Sao_Paulo"))
    since = (local.hour * 60 + local.minute - begin) % 1440
    hours = _hours("America/Sao_Paulo", monday_sunday=span)
    assert hours.is_open(round(moment.timestamp() * 1000)) == (since < length)


def test_times_before_1970_do_no_harm() -> None:
    before = round((datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=400)).timestamp() * 1000)
    assert _hours(monday_sunday="00:00-24:00").is_open(before)
