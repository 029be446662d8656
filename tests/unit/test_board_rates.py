"""Rates, trends, days and lines of the board: plain arithmetic."""

import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.desk.board.feed_counts import day_beginnings
from trunkline.desk.board.rates import MINUTE, RECENT, SPAN, WINDOW, counts_of, rate, trend
from trunkline.desk.board.samples import DAY, SLOTS, day_of
from trunkline.desk.board.snapshot import SeenMinute
from trunkline.desk.board.sparkline import HEIGHT, MARGIN, WIDTH, sparkline

NOW = 30_000_000 * MINUTE


def test_a_rate_is_over_fifteen_minutes_and_what_has_passed_of_the_sixteenth() -> None:
    counts = [3, *[6] * WINDOW, *[100] * WINDOW]  # what is older is not asked for, and would not count
    assert rate(counts, NOW, 1) == pytest.approx(93 / 15)
    assert rate(counts, NOW + MINUTE // 2, 1) == pytest.approx(93 / 15.5)


def test_a_rate_counts_from_the_beginning_of_counting_and_at_least_a_minute() -> None:
    assert rate([4, 4], NOW, NOW - 2 * MINUTE) == 4.0
    assert rate([4], NOW, NOW - 1) == 4.0
    assert rate([0], NOW, 0) == 0.0


@pytest.mark.parametrize(
    ("lately", "before", "expected"),
    [
        (0, 0, "steady"),
        (5, 0, "steady"),
        (6, 0, "rising"),
        (0, 12, "steady"),
        (0, 21, "falling"),
        (10, 10, "steady"),
        (15, 10, "steady"),
        (18, 10, "rising"),
        (50, 100, "steady"),
        (120, 100, "rising"),
        (15_600, 30_000, "steady"),
    ],
)
def test_a_trend_is_what_chance_does_not_explain_and_a_quarter_at_least(
    lately: int, before: int, expected: str
) -> None:
    counts = [99, lately, *[0] * (RECENT - 1), before, *[0] * (WINDOW - RECENT - 1)]
    assert len(counts) == SPAN
    assert trend(counts, NOW, NOW - WINDOW * MINUTE) == expected


def test_a_desk_that_has_just_begun_has_no_trend() -> None:
    counts = [2] * 14 + [0] * (SPAN - 14)
    assert trend(counts, NOW, NOW - 14 * MINUTE) == "steady"
    assert trend([0] + [9] * RECENT + [0] * (WINDOW - RECENT), NOW, NOW - WINDOW * MINUTE + 1) == "steady"
    assert trend([0] + [9] * RECENT + [0] * (WINDOW - RECENT), NOW, 0) == "steady"


def test_steady_arrivals_hardly_ever_have_a_trend() -> None:
    dice = random.Random(5)
    told = 0
    for _ in range(4_000):
        counts = [sum(dice.random() < 0.1 for _ in range(20)) for _ in range(SPAN)]
        told += trend(counts, NOW, 1) != "steady"
    assert told < 4_000 // 200


def test_a_slot_of_an_earlier_round_counts_nothing() -> None:
    newest = NOW // MINUTE
    slots = [
        SeenMinute(minute=newest, counts={"a": 2, "b": 1}),
        None,
        SeenMinute(minute=newest - 66, counts={"a": 9}),
        SeenMinute(minute=newest - 3, counts={"b": 4}),
    ]
    assert counts_of(slots, "a", NOW) == [2, 0, 0, 0]
    assert counts_of(slots, "b", NOW) == [1, 0, 0, 4]


def test_days_begin_at_midnight_of_the_zone_also_when_they_have_23_hours() -> None:
    zone, hour = ZoneInfo("Europe/Berlin"), 3_600_000
    noon = 1_774_778_400_000  # 2026-03-29 12:00 in Berlin, the day on which the clocks went forward
    yesterday, today, tomorrow = day_beginnings(noon, zone)
    assert (today - yesterday, tomorrow - today) == (24 * hour, 23 * hour)
    assert noon - today == 11 * hour
    assert day_beginnings(today, zone)[1] == today
    assert day_beginnings(today - 1, zone)[1] == yesterday


def test_a_line_shows_an_hour_until_more_is_known() -> None:
    day = day_of({1000: [5, 0, 0, 0]}, "waiting", 1002, 7)
    assert (day.span, len(day.points), day.points[-3:]) == (60, 60, (5, None, 7))
    assert (day.yesterday, day.typical) == (None, None)
    assert day_of({1000 - 60: [5, 0, 0, 0]}, "waiting", 1000, 7).span == 180


def test_a_day_has_the_worst_of_each_quarter_of_an_hour() -> None:
    minute = 100_000
    samples = {minute - before: [before % 15, 0, 0, before % 15] for before in range(1, DAY)}
    waiting, available = (day_of(samples, name, minute, 3) for name in ("waiting", "available"))
    assert (waiting.span, len(waiting.points)) == (DAY, SLOTS)
    assert set(waiting.points) == {14}
    assert set(available.points[:-1]) == {0}
    assert waiting.typical == 7


def test_yesterday_is_the_nearest_sample_within_five_minutes() -> None:
    minute = 100_000
    assert day_of({minute - DAY + 4: [4, 0, 0, 0]}, "waiting", minute, 0).yesterday == 4
    assert day_of({minute - DAY - 6: [4, 0, 0, 0]}, "waiting", minute, 0).yesterday is None


def test_a_line_without_points_is_empty() -> None:
    assert sparkline([]).last is None
    assert sparkline([None, None]).line == ""


def test_a_line_has_gaps_where_nothing_is_known() -> None:
    line = sparkline([1, 2, None, 4])
    assert line.line.count("M") == 2
    assert line.area.count("Z") == 1
    assert (line.lowest, line.highest) == (1, 4)
    assert line.last == (WIDTH - MARGIN, MARGIN)


@given(st.lists(st.none() | st.integers(0, 10**9), max_size=120))
def test_a_line_stays_in_its_box(points: list[int | None]) -> None:
    line = sparkline(points)
    known = [point for point in points if point is not None]
    assert (line.last is None) == (not known)
    if line.last:
        assert line.highest == max(known)
        assert 0 <= line.last[0] <= WIDTH
        assert 0 <= line.last[1] <= HEIGHT
