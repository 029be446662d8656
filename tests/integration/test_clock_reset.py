"""After a wrong clock: the workspace stays ahead until a person sets it back, and then every process follows."""

import pytest

from trunkline.config.errors import ClockAstray
from trunkline.queue.clock import TOLERANCE_MS, Clock
from trunkline.queue.clock_reset import reset_clock
from trunkline.queue.connection import Engine
from trunkline.queue.work import LEASE_MS, WorkQueue

HOUR = 3_600_000


async def nobody_to_wait_for() -> None:
    """No other process runs."""


async def ahead_by(engine: Engine, milliseconds: int) -> Clock:
    """A process that has seen a host's clock so far ahead, which is right again now."""
    clock = Clock(engine)
    await clock.start()
    clock._set(clock.now() + milliseconds)
    await clock.run_once()
    return clock


async def test_the_workspace_stays_ahead_over_restarts_and_says_so(engine: Engine) -> None:
    await ahead_by(engine, HOUR)
    restarted = Clock(engine)
    await restarted.start()
    assert HOUR - 60_000 < restarted.ahead <= HOUR
    assert "trunkline clock reset" in restarted.trouble
    with pytest.raises(ClockAstray):
        restarted.demand_agreement()
    assert restarted.now() - restarted.true_now() == restarted.ahead


async def test_a_small_difference_is_no_trouble(engine: Engine) -> None:
    clock = await ahead_by(engine, TOLERANCE_MS - 10_000)
    assert clock.trouble == ""
    clock.demand_agreement()


async def test_every_process_follows_a_reset_and_none_raises_the_mark_again(engine: Engine) -> None:
    one, other = await ahead_by(engine, HOUR), Clock(engine)
    await other.start()
    done = await reset_clock(engine, ["intake"], one.true_now(), followed=nobody_to_wait_for)
    assert HOUR - 60_000 < done.by <= HOUR
    for _ in range(2):
        for clock in (one, other):
            await clock.run_once()
            assert clock.trouble == ""
            assert clock.ahead < 60_000
    late = Clock(engine)
    await late.start()
    assert late.ahead < 60_000


async def test_what_waits_keeps_the_time_that_is_left_to_it(engine: Engine) -> None:
    clock, queue = await ahead_by(engine, HOUR), WorkQueue(engine, "outbox")
    await queue.push("ticket:1", b"{}", due=clock.now() + 60_000)
    await queue.push("ticket:2", b"{}")
    held = (await queue.claim(clock.now(), lanes=1)).lanes[0][0]
    done = await reset_clock(engine, ["outbox"], clock.true_now(), followed=nobody_to_wait_for)
    assert done.entries == 2
    await clock.run_once()
    batch = await queue.claim(clock.now(), lanes=9)
    assert not batch.lanes
    assert batch.due_in is not None
    assert batch.due_in < 2 * LEASE_MS
    assert await queue.finish(held, clock.now())
    assert len((await queue.claim(clock.now() + 61_000, lanes=9)).lanes) == 1


async def test_a_process_that_has_not_followed_yet_takes_nothing_early_and_nothing_from_others(engine: Engine) -> None:
    clock, queue = await ahead_by(engine, HOUR), WorkQueue(engine, "outbox")
    await queue.push("ticket:1", b"{}", due=clock.now() + 60_000)
    await queue.push("ticket:2", b"{}")
    held = (await queue.claim(clock.now(), lanes=1)).lanes[0][0]
    late = Clock(engine)
    await late.start()
    assert late.ahead > HOUR - 60_000

    async def before_they_follow() -> None:
        assert not (await queue.claim(late.now(), lanes=9)).lanes
        await late.run_once()

    await reset_clock(engine, ["outbox"], clock.true_now(), followed=before_they_follow)
    assert not (await queue.claim(late.now(), lanes=9)).lanes
    assert await queue.finish(held, late.now())


async def test_a_reset_that_was_broken_off_is_finished_by_the_next_one(engine: Engine) -> None:
    clock, queue = await ahead_by(engine, HOUR), WorkQueue(engine, "outbox")
    await queue.push("ticket:1", b"{}", due=clock.now() + 60_000)

    async def killed() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await reset_clock(engine, ["outbox"], clock.true_now(), followed=killed)
    await clock.run_once()
    assert clock.trouble == ""
    done = await reset_clock(engine, ["outbox"], clock.true_now(), followed=nobody_to_wait_for)
    assert done.entries == 1
    assert HOUR - 60_000 < done.by <= HOUR
    assert len((await queue.claim(clock.now() + 61_000, lanes=9)).lanes) == 1
    assert (await reset_clock(engine, ["outbox"], clock.true_now())).by == 0


async def test_what_was_due_stays_due_and_leases_taken_meanwhile_stay(engine: Engine) -> None:
    clock, queue = await ahead_by(engine, HOUR), WorkQueue(engine, "outbox")
    await queue.push("ticket:1", b"{}", due=clock.now() - 1_000)
    held = []

    async def one_follows_and_works() -> None:
        await clock.run_once()
        held.extend((await queue.claim(clock.now(), lanes=9)).lanes)

    await reset_clock(engine, ["outbox"], clock.true_now(), followed=one_follows_and_works)
    assert len(held) == 1
    assert not (await queue.claim(clock.now(), lanes=9)).lanes
    assert (await queue.claim(clock.now() + LEASE_MS + 1_000, lanes=9)).lanes


async def test_a_clock_that_is_right_is_not_touched(engine: Engine) -> None:
    clock = Clock(engine)
    await clock.start()
    await clock.run_once()
    done = await reset_clock(engine, ["intake"], clock.true_now() + 1_000)
    assert (done.by, done.entries) == (0, 0)
    await clock.run_once()
    assert clock.ahead < 60_000
