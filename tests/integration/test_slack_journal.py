"""The journal of what Slack hands to the desk: kept once, in Slack's order, and refused while the engine is away."""

import asyncio

import pytest

from trunkline.config.errors import EngineUnavailable
from trunkline.desk.stores.slack_journal import NAME, Journal, Kept, kept
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.dedup import DedupSweeper, dedup_register
from trunkline.queue.keys import Keys
from trunkline.queue.work import WorkQueue

DAY_MS = 86_400_000


async def keep(journal: Journal, at: int, body: bytes = b"{}", thread: str = "1.0") -> bool:
    key = ("event", "T1", f"{thread} {at}")
    return await journal.keep(body, kind="event", key=key, lane=f"slack_desk:T1:C1:{thread}", at=at)


async def sweep_for_two_days(sweeper: DedupSweeper, clock: ManualClock) -> None:
    for _ in range(96):
        clock.advance(DAY_MS // 48)
        await sweeper.run_once()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def journal(engine: Engine, clock: ManualClock) -> Journal:
    return Journal(engine, clock)


async def read(journal: Journal, clock: ManualClock) -> list[list[Kept]]:
    return [[kept(entry) for entry in lane] for lane in (await journal.queue.claim(clock.now(), lanes=10)).lanes]


async def test_what_was_kept_is_read_as_it_came(journal: Journal, clock: ManualClock) -> None:
    assert await keep(journal, 5, b'{"a":\n1}')
    assert await read(journal, clock) == [[Kept(5, "event", b'{"a":\n1}')]]


async def test_of_many_repeats_at_once_one_is_kept(journal: Journal, clock: ManualClock) -> None:
    taken = await asyncio.gather(*(keep(journal, 5) for _ in range(20)))
    assert sorted(taken) == [False] * 19 + [True]
    assert len((await read(journal, clock))[0]) == 1


async def test_a_thread_is_read_in_the_order_of_slacks_times_however_it_came(
    journal: Journal, clock: ManualClock
) -> None:
    for at in (30, 10, 50, 20, 40):
        await keep(journal, at, b"%d" % at)
        await keep(journal, 100 - at, b"%d" % (100 - at), "2.0")
    one, two = await read(journal, clock)
    assert [each.body for each in one] == [b"10", b"20", b"30", b"40", b"50"]
    assert [each.at for each in two] == [50, 60, 70, 80, 90]


async def test_what_was_handed_out_is_not_exchanged_for_what_came_late(journal: Journal, clock: ManualClock) -> None:
    await keep(journal, 30, b"30")
    ((entry,),) = (await journal.queue.claim(clock.now(), lanes=10)).lanes
    await keep(journal, 10, b"10")
    assert await journal.queue.finish(entry, clock.now())
    assert await read(journal, clock) == [[Kept(10, "event", b"10")]]


async def test_what_has_no_time_of_slack_gets_ours(journal: Journal, clock: ManualClock) -> None:
    await journal.keep(b"{}", kind="command", key=("command", "1"), lane="slack_desk:T1:U1", at=None)
    assert (await read(journal, clock))[0][0].at == clock.true_now() * 1_000


async def test_a_repeat_is_known_after_a_sweep_and_forgotten_when_it_is_old(
    journal: Journal, engine: Engine, clock: ManualClock
) -> None:
    intake = WorkQueue(engine, "intake")
    sweeper = DedupSweeper(engine, clock, keep_ms=DAY_MS, intake_state=intake.keys["state"])
    await sweep_for_two_days(sweeper, clock)
    await keep(journal, 5)
    await sweeper.run_once()
    assert not await keep(journal, 5)
    await intake.push("mail:a", b"later than it")
    await sweep_for_two_days(sweeper, clock)
    assert await engine.call("HLEN", dedup_register(engine, NAME)["records"]) == 0


async def test_while_the_engine_is_away_nothing_is_taken(keys: Keys, clock: ManualClock) -> None:
    away = Engine("redis://127.0.0.1:1", keys)
    with pytest.raises(EngineUnavailable):
        await keep(Journal(away, clock), 5)
    await away.close()
