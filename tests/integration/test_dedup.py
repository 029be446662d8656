"""What was seen stays known for as long as it should, whatever the clock does."""

from typing import TYPE_CHECKING

import pytest

from trunkline.queue.dedup import DedupSweep, DedupSweeper
from trunkline.router.open_ticket import NewTicket

if TYPE_CHECKING:
    from .conftest import Desk

KEEP_MS = 35 * 86_400_000


def sweeper(desk: "Desk") -> DedupSweeper:
    return DedupSweeper(desk.engine, desk.clock, keep_ms=KEEP_MS, intake_state=desk.intake.queue.keys["state"])


async def test_a_message_is_forgotten_when_its_time_is_over_and_not_before(desk: "Desk") -> None:
    await desk.write("x", external_id="e1")
    await desk.settle()
    sweeps = sweeper(desk)
    await sweeps.run_once()
    for _ in range(34 * 24 + 23):
        desk.clock.advance(3_600_000)
        await sweeps.run_once()
    assert (await desk.write("x", external_id="e1")).duplicate
    for _ in range(3):
        desk.clock.advance(3_600_000)
        await sweeps.run_once()
    assert not (await desk.write("x", external_id="e1")).duplicate


async def test_a_step_of_the_clock_stops_the_sweep_until_somebody_has_looked(desk: "Desk") -> None:
    await desk.write("x", external_id="e1")
    await desk.settle()
    sweeps = sweeper(desk)
    await sweeps.run_once()
    desk.clock.advance(400 * 86_400_000)
    sweep = DedupSweep(desk.engine)
    for restarted in (sweeps, sweeps, sweeper(desk), sweeper(desk)):
        desk.clock.advance(300_000)
        assert await restarted.run_once() == 0
        assert await sweep.stopped_at() is not None
    assert (await desk.write("x", external_id="e1")).duplicate
    await sweep.resume(desk.clock.now())
    assert await sweep.stopped_at() is None
    assert await sweeper(desk).run_once() > 0
    await sweeps.run_once()
    assert await sweep.stopped_at() is None


async def test_once_somebody_has_looked_no_process_stops_again(desk: "Desk") -> None:
    one, other, sweep = sweeper(desk), sweeper(desk), DedupSweep(desk.engine)
    for each in (one, other):
        await each.run_once()
    desk.clock.advance(400 * 86_400_000)
    await one.run_once()
    await sweep.resume(desk.clock.now())
    for each in (other, one, other, sweeper(desk)):
        await each.run_once()
        assert await sweep.stopped_at() is None


@pytest.mark.parametrize("back_ms", [2 * 3_600_000, KEEP_MS])
async def test_a_clock_that_is_set_back_stops_no_sweep_and_forgets_nothing_early(desk: "Desk", back_ms: int) -> None:
    sweeps, sweep = sweeper(desk), DedupSweep(desk.engine)
    await sweeps.run_once()
    desk.clock.advance(-back_ms)
    await desk.write("x", external_id="e1")
    await desk.settle()
    for _ in range(34 * 24 + 23):
        for each in (sweeps, sweeper(desk)):
            await each.run_once()
        assert await sweep.stopped_at() is None
        desk.clock.advance(3_600_000)
    assert (await desk.write("x", external_id="e1")).duplicate


async def test_a_start_under_a_clock_that_is_far_ahead_forgets_nothing(desk: "Desk") -> None:
    await desk.write("x", external_id="e1")
    await desk.settle()
    await sweeper(desk).run_once()
    desk.clock.advance(400 * 86_400_000)
    await sweeper(desk).run_once()
    assert (await desk.write("x", external_id="e1")).duplicate


async def test_a_ticket_opened_by_hand_is_remembered_as_long_as_a_message(desk: "Desk") -> None:
    await desk.write("x")
    await desk.settle()
    sweeps = sweeper(desk)
    await sweeps.run_once()
    for _ in range(36 * 24):
        desk.clock.advance(3_600_000)
        await sweeps.run_once()
    new = NewTicket(text="called", email="maria@example.org")
    first = await desk.actions.open(new, actor="ada", key="k")
    await sweeps.run_once()
    assert await desk.actions.open(new, actor="ada", key="k") == first
