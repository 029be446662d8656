"""Erlang's formula has its known values, work counts where it is done, and a plan keeps what it is to keep."""

from datetime import UTC

import pytest

from trunkline.what_if.demand import A_WEEK, INTERVAL, Pool, half_hour, offered_load
from trunkline.what_if.erlang import late_probability, slots_for, wait_probability
from trunkline.what_if.history import Kind, PresenceChange
from trunkline.what_if.plan_lines import plan_json, plan_lines
from trunkline.what_if.staffing import Staffing

from .made_history import BILLING, HOUR, MINUTE, SUPPORT, T0, history, passage, regime, taken

MINUTES_A_WEEK = 7 * 24 * 60


def test_the_formula_has_its_known_values() -> None:
    assert wait_probability(2, 1.0) == pytest.approx(1 / 3)
    assert wait_probability(20, 18.0) * 8 / 2 == pytest.approx(2.203, abs=0.001)  # the mean wait of M/M/20 at 0.9
    assert wait_probability(1, 0.5) == pytest.approx(0.5)
    assert wait_probability(3, 3.0) == 1.0
    assert wait_probability(3, 0.0) == 0.0


def test_the_fewest_slots_are_found() -> None:
    found = slots_for(18.0, 8.0, 5.0, 0.95)
    assert late_probability(found, 18.0, 8.0, 5.0) <= 0.05 < late_probability(found - 1, 18.0, 8.0, 5.0)
    assert slots_for(0.0, 8.0, 5.0, 0.95) == 0


def test_all_work_that_comes_is_in_the_load() -> None:
    items = [0.0] * A_WEEK
    items[20] = 6.0
    load = offered_load(items, 2 * HOUR)

    assert sum(load) * INTERVAL == pytest.approx(6 * 2 * HOUR, rel=0.01)
    assert load[19] < 0.01
    assert load[20] > 0.5
    assert load[21] > load[24] > load[28] > 0


def test_a_half_hour_of_the_week_begins_on_monday_in_the_zone() -> None:
    assert half_hour(4 * 24 * HOUR, UTC) == 0  # 5 January 1970 was a Monday
    assert half_hour(4 * 24 * HOUR + 24 * HOUR + 45 * MINUTE, UTC) == 49


def test_a_plan_names_who_is_needed_where_it_is_needed() -> None:
    """Every ten minutes somebody comes for two hours of each day, whose work takes twenty: load two, one slot each."""
    recorded = []
    for day in range(7):
        for minute in range(0, 120, 10):
            at = day * 1440 + 600 + minute
            kind = BILLING if minute == 0 and day == 3 else SUPPORT
            recorded.append(passage(len(recorded), taken(kind, at, "ada", at, at + 20)))
    days = history(recorded, (), minutes=MINUTES_A_WEEK)

    plans = Staffing(days, regime(), share=0.95, zone=UTC).plan()

    support = next(plan for plan in plans if plan.pool == Pool("support"))
    wanted = {half_hour(each.arrived_at, UTC) for each in recorded}
    assert all(support.half_hours[at].needed >= support.half_hours[at].load for at in wanted)
    assert support.kept >= 0.95
    assert sum(each.needed for each in support.half_hours) < 6 * len(wanted)
    assert support.half_hours[(min(wanted) + 24) % A_WEEK].needed == 0
    assert [plan.pool.queue for plan in plans] == ["billing", "support"]
    assert any("support: work 20 min, an agent within 4 h, 1 at once" in line for line in plan_lines(plans, 0.95))
    assert {each["queue"] for each in plan_json(plans)} == {"billing", "support"}


def test_how_many_one_agent_has_at_once_follows_from_what_the_pool_itself_gets() -> None:
    """Billing gets calls, which weigh two; the many others of support weigh one."""
    lamps = [passage(n, taken(SUPPORT, n, "ada", n, n + 10)) for n in range(9)]
    calls = [passage(n, taken(BILLING, n, "bea", n, n + 10)) for n in (10, 11)]
    for call in calls:
        call.channel = "phone"
    agents = {id_: {"name": id_, "queues": ["support", "billing"], "capacity": 4} for id_ in ("ada", "bea")}

    planned = regime(agents=agents, handling={"phone": {"weight": 2}})
    plans = Staffing(history([*lamps, *calls], ()), planned, share=0.9, zone=UTC).plan()

    assert {plan.pool.queue: plan.slots for plan in plans} == {"support": 4, "billing": 2}


def test_too_few_by_the_formula_become_enough_by_trying() -> None:
    """A hundred come in one minute, once a week: the formula sees a mean half hour, the replay a crowd."""
    urgent = Kind("support", 1)
    recorded = [passage(n, taken(urgent, 600, "ada", 600, 610)) for n in range(60)]

    (plan,) = Staffing(history(recorded, (), minutes=MINUTES_A_WEEK), regime(), share=0.9, zone=UTC).plan()

    at = half_hour(T0 + 600 * MINUTE, UTC)
    assert plan.half_hours[at].needed > plan.half_hours[at].formula
    assert plan.kept >= 0.9


def test_where_the_formula_asks_for_more_than_is_needed_fewer_are_tried_and_those_to_spare_are_told() -> None:
    """Every ten minutes nine minutes of work, one after another: one agent does it, where the formula wants two."""
    wanted = [day * 1440 + 540 + minute for day in range(7) for minute in range(0, 480, 10)]
    recorded = [passage(n, taken(SUPPORT, at, "ada", at, at + 9)) for n, at in enumerate(wanted)]
    there = [PresenceChange(T0, "ada", "available"), PresenceChange(T0, "bea", "available")]

    plans = Staffing(history(recorded, there, minutes=MINUTES_A_WEEK), regime(), share=0.95, zone=UTC).plan()

    busy = plans[0].half_hours[half_hour(T0 + 600 * MINUTE, UTC)]
    assert (busy.formula, busy.needed, plans[0].kept) == (2, 1, 1.0)
    assert busy.spare == pytest.approx(1.0)
    assert any(
        "1 (had 2.0, 1.0 to spare)" in line and "0 (had 2.0, 2.0 to spare)" in line for line in plan_lines(plans, 0.95)
    )
    assert {each["spare"] for each in plan_json(plans)[0]["half_hours"]} == {1.0, 2.0}


def test_one_less_is_not_taken_where_promises_are_kept_only_with_all() -> None:
    """Two come at once each hour of a week, who are promised somebody at once."""
    urgent = Kind("support", 1)
    recorded = [
        passage(2 * n + k, taken(urgent, 60 * n, "ada", 60 * n, 60 * n + 20)) for n in range(168) for k in (0, 1)
    ]
    at_once = regime(sla=[{"name": "now", "targets": {"assignment": "1min"}}])

    (plan,) = Staffing(history(recorded, (), minutes=MINUTES_A_WEEK), at_once, share=0.9, zone=UTC).plan()

    assert {each.needed for each in plan.half_hours if each.items} == {2}
    assert plan.kept >= 0.9
