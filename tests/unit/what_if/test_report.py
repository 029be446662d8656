"""A report tells what differs and whether it is more than chance, and its page loads nothing."""

import re
from dataclasses import replace

from trunkline.what_if.attendance import Attendance
from trunkline.what_if.charts import HEIGHT, chart
from trunkline.what_if.comparison import Difference, compare
from trunkline.what_if.history import History, Passage
from trunkline.what_if.measures import Measures, measure, waiting_by_time
from trunkline.what_if.report_lines import interval_words, report_lines
from trunkline.what_if.report_page import report_page
from trunkline.what_if.simulation import Simulated
from trunkline.what_if.stretches import CLASSES, class_of, wait_of

from .made_history import BILLING, HOUR, MINUTE, SUPPORT, T0, history, passage, presence, regimes, taken

DAYS = 28 * 60


def waiting(minutes: int, kind: tuple[object, ...] = SUPPORT) -> list[Passage]:
    """A ticket every ten minutes, each of which waits so long."""
    return [
        passage(number, taken(SUPPORT if kind == SUPPORT else BILLING, at, "ada", at + minutes, at + minutes + 5))
        for number, at in enumerate(range(0, DAYS - 60, 10))
    ]


def measured(days: History, passages: list[Passage]) -> Measures:
    there = Attendance(days.presences, days.since, days.until)
    return measure(days, {each.id: each for each in passages}, regimes(), there)


def simulated(before: list[Passage], after: list[Passage]) -> Simulated:
    days = history(before, [presence(0, "ada")], minutes=DAYS)
    found = compare(days, measured(days, before), measured(days, before), measured(days, after))
    return Simulated(comparison=found, placed={}, alike={}, notes=("a <note>",))


def test_a_difference_everywhere_is_more_than_chance_and_none_is_none() -> None:
    found = simulated(waiting(2), waiting(20)).comparison
    mean = found.waits[1]
    assert (mean.before, mean.after) == (2 * MINUTE, 20 * MINUTE)
    assert mean.is_more_than_chance
    assert simulated(waiting(2), waiting(2)).comparison.waits[1].is_more_than_chance is False


def test_a_difference_in_one_stretch_may_be_chance() -> None:
    after = waiting(2)
    late = after[70].episodes[0]
    late.taken_at, late.ended_at = late.wanted_at + 10 * HOUR, late.wanted_at + 11 * HOUR

    mean = simulated(waiting(2), after).comparison.waits[1]

    assert mean.change > 0
    assert mean.is_more_than_chance is False


def test_an_interval_may_be_chance_only_if_it_holds_0_whatever_is_rounded_to_it() -> None:
    wait = Difference(name="wait", unit="ms", happened=0, before=0, after=4_000, low=300.0, high=9_000.0)
    assert interval_words(wait) == "above 0 to +9 s"
    assert interval_words(replace(wait, low=1_000.0)) == "+1 s to +9 s"
    assert interval_words(replace(wait, low=0.0)) == "0 to +9 s, may be chance"
    assert interval_words(replace(wait, low=-300.0)) == "below 0 to +9 s, may be chance"
    assert interval_words(replace(wait, low=-9_000.0, high=-300.0)) == "−9 s to below 0"
    assert interval_words(replace(wait, low=200.0, high=400.0)) == "less than 1 s"
    assert interval_words(replace(wait, low=0.0, high=0.0)) == "no difference"


def test_promises_that_are_missed_are_counted_and_moves_told() -> None:
    found = simulated(waiting(2), waiting(300, BILLING))

    missed = {each.name: each for each in found.comparison.missed}["assignment"]
    assert (missed.before, missed.after) == (0, len(waiting(2)))
    assert found.comparison.moves.queues == {("support", "billing"): len(waiting(2))}
    lines = list(report_lines(found))
    assert any(line.startswith("  support → billing: ") for line in lines)
    assert any("promises of an agent missed: 0 → " in line for line in lines)


def test_the_page_holds_everything_and_loads_nothing() -> None:
    page = report_page(simulated(waiting(2), waiting(300, BILLING)))

    assert "a &lt;note&gt;" in page
    assert page.count("<td>support → billing</td>") == len(waiting(2))
    assert not re.search(r"(src|href)=|url\(|@import|<script", page)
    assert page.count('<path class="changed"') == 2
    assert "default-src 'none'" in page


def test_who_waits_is_counted_at_each_moment() -> None:
    passages = [passage(1, taken(SUPPORT, 10, "ada", 30, 40)), passage(2, taken(SUPPORT, 20, "ada", 45, 50))]
    assert waiting_by_time(passages, T0, T0 + 60 * MINUTE, 6) == [0, 1, 2, 1, 1, 0]


def test_a_line_lies_in_its_box() -> None:
    made = chart({"one": [0, 5, 13]}, T0, T0 + 3 * 24 * HOUR)
    down = [float(each) for each in re.findall(r" ([\d.]+)", made.paths["one"])]
    assert all(0 <= each <= HEIGHT for each in down)
    assert [tick.words for tick in made.up] == ["0", "5", "10", "15", "20"]
    assert [tick.words for tick in made.across] == ["12:00", "00:00"] * 3
    assert [each.words for each in chart({"one": [0]}, T0, T0 + 5 * MINUTE).across][:2] == ["08:00", "08:01"]


def test_classes_of_waits_hold_their_waits() -> None:
    for wait in (0, 900, 1_000, 5_000, 3_600_000, 86_400_000):
        assert wait_of(class_of(wait)) >= wait - 1_000
        assert wait_of(class_of(wait)) <= wait * 1.06 + 1
    assert class_of(10**12) == CLASSES - 1
