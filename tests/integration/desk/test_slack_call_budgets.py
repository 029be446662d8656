"""Budgets of calls to Slack, on a single engine and on a cluster."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from trunkline.desk.stores.slack_call_budgets import GRACE_MS, LONGEST_PARKED_MS, CallBudgets, Urgency
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys

POST, UPDATE, VIEW = "chat.postMessage", "chat.update", "views.open"


@pytest.fixture(params=["engine_url", pytest.param("cluster_url", marks=pytest.mark.cluster)])
async def some_engine(request: pytest.FixtureRequest, keys: Keys) -> AsyncIterator[Engine]:
    connected = Engine(request.getfixturevalue(request.param), keys)
    yield connected
    await connected.close()


async def test_of_many_processes_one_posts_into_a_channel_and_others_post_elsewhere(some_engine: Engine) -> None:
    clock = ManualClock()
    processes = [CallBudgets(some_engine, clock) for _ in range(5)]
    waits = await asyncio.gather(*(each.take(POST, Urgency.CARD, team="T1", channel="C1") for each in processes))
    assert sorted(waits) == [0, 1000, 1000, 1000, 1000]
    assert await processes[0].take(POST, Urgency.CARD, team="T1", channel="C2") == 0
    assert await processes[0].take(POST, Urgency.CARD, team="T2", channel="C1") == 0


async def test_in_no_minute_there_are_more_edits_than_slack_allows(some_engine: Engine) -> None:
    clock = ManualClock()
    budgets = CallBudgets(some_engine, clock)
    taken = list[int]()
    while clock.now() < 1_800_000_000_000 + 180_000:
        wait = await budgets.take(UPDATE, Urgency.EDIT, team="T1")
        if wait:
            clock.advance(wait)
        else:
            taken.append(clock.now())
    busiest = max(sum(start <= at < start + 60_000 for at in taken) for start in taken)
    assert busiest == 50
    assert len(taken) >= 3 * 41  # and most of it is used


async def test_what_was_refused_in_its_channel_takes_nothing_from_the_team(some_engine: Engine) -> None:
    clock = ManualClock()
    budgets = CallBudgets(some_engine, clock)
    assert await budgets.take(POST, Urgency.CARD, team="T1", channel="C0") == 0
    for _ in range(300):
        assert await budgets.take(POST, Urgency.CARD, team="T1", channel="C0") > 0
    assert await budgets.take(POST, Urgency.CARD, team="T1", channel="C1") == 0


async def test_what_a_person_waits_for_goes_before_what_waited_longer(some_engine: Engine) -> None:
    clock = ManualClock()
    budgets = CallBudgets(some_engine, clock)

    async def take(urgency: Urgency) -> int:
        return await budgets.take(POST, urgency, team="T1", channel="C1")

    assert await take(Urgency.CARD) == 0
    assert await take(Urgency.CARD) == 1000
    assert await take(Urgency.PERSON) == 1000
    clock.advance(1000)
    assert await take(Urgency.CARD) > 0
    assert await take(Urgency.PERSON) == 0


async def test_a_person_who_waits_in_one_channel_holds_up_no_other(some_engine: Engine) -> None:
    budgets = CallBudgets(some_engine, ManualClock())
    await budgets.take(POST, Urgency.PERSON, team="T1", channel="C1")
    assert await budgets.take(POST, Urgency.PERSON, team="T1", channel="C1") > 0
    assert await budgets.take(POST, Urgency.EDIT, team="T1", channel="C2") == 0


async def test_whoever_never_comes_again_holds_up_nobody_for_long(some_engine: Engine) -> None:
    clock = ManualClock()
    budgets = CallBudgets(some_engine, clock)
    await budgets.take(POST, Urgency.PERSON, team="T1", channel="C1")
    wait = await budgets.take(POST, Urgency.PERSON, team="T1", channel="C1")
    clock.advance(wait + GRACE_MS)
    assert await budgets.take(POST, Urgency.EDIT, team="T1", channel="C1") == 0


async def test_retry_after_parks_the_channel_for_every_process_and_no_other_channel(some_engine: Engine) -> None:
    clock = ManualClock()
    told, other = CallBudgets(some_engine, clock), CallBudgets(some_engine, clock)
    await told.park(POST, 30, team="T1", channel="C1")
    await told.park(POST, 5, team="T1", channel="C1")
    assert await other.take(POST, Urgency.PERSON, team="T1", channel="C1") == 30_000
    assert await other.take(POST, Urgency.CARD, team="T1", channel="C2") == 0
    assert await other.take(VIEW, Urgency.PERSON, team="T1") == 0
    clock.advance(30_000)
    assert await other.take(POST, Urgency.PERSON, team="T1", channel="C1") == 0


async def test_a_clock_that_was_set_back_shuts_no_bucket(some_engine: Engine) -> None:
    ahead, right = ManualClock(1_800_000_000_000 + 10 * LONGEST_PARKED_MS), ManualClock()
    await CallBudgets(some_engine, ahead).take(POST, Urgency.PERSON, team="T1", channel="C1")
    wait = await CallBudgets(some_engine, right).take(POST, Urgency.PERSON, team="T1", channel="C1")
    assert 0 < wait <= 1_000
    right.advance(wait)
    again = await CallBudgets(some_engine, right).take(POST, Urgency.PERSON, team="T1", channel="C1")
    assert again == 0


async def test_buckets_that_are_full_again_leave_nothing_in_the_engine(some_engine: Engine) -> None:
    clock = ManualClock()
    budgets = CallBudgets(some_engine, clock)
    for n in range(20):
        await budgets.take(POST, Urgency.CARD, team="T1", channel=f"C{n}")
        await budgets.take(POST, Urgency.CARD, team="T1", channel=f"C{n}")
    await budgets.park(UPDATE, 60, team="T1")
    clock.advance(120_000)
    await budgets.take(VIEW, Urgency.PERSON, team="T1")
    left = [some_engine.keys("slack", "calls", name) for name in ("spent", "parked", "wanted")]
    assert [await some_engine.call("ZCARD", key) for key in left] == [1, 0, 0]
