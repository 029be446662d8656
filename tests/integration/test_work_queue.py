"""Work queues: nothing is lost, one holder a lane, whoever lost the lease is told, poison goes aside."""

import asyncio

import pytest

from trunkline.config.errors import DeliveryDeferred, NotFound, Unreadable
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.work import LEASE_MS, MAX_ATTEMPTS, WORKER_DIED, Batch, Entry, WorkQueue
from trunkline.queue.work_drop import drop_where
from trunkline.queue.worker import Worker


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def queue(engine: Engine) -> WorkQueue:
    return WorkQueue(engine, "test")


def payloads(lanes: object) -> list[list[bytes]]:
    return [[entry.payload for entry in lane] for lane in lanes]  # type: ignore[attr-defined]


async def test_entries_of_a_lane_come_in_order_and_lanes_by_who_waits_longest(
    queue: WorkQueue, clock: ManualClock
) -> None:
    for lane, text in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        await queue.push(lane, text)
    batch = await queue.claim(clock.now(), lanes=10)
    assert payloads(batch.lanes) == [[b"1", b"3"], [b"2"]]


async def test_a_lane_has_one_holder_and_what_comes_meanwhile_waits_for_it(
    queue: WorkQueue, clock: ManualClock
) -> None:
    await queue.push("a", b"1")
    ((entry,),) = (await queue.claim(clock.now(), lanes=10)).lanes
    await queue.push("a", b"2")
    assert (await queue.claim(clock.now(), lanes=10)).lanes == []
    assert await queue.finish(entry, clock.now())
    assert payloads((await queue.claim(clock.now(), lanes=10)).lanes) == [[b"2"]]


async def test_a_lane_whose_name_begins_another_is_kept_apart(queue: WorkQueue, clock: ManualClock) -> None:
    await queue.push("a", b"1")
    await queue.push("aa", b"2")
    assert payloads((await queue.claim(clock.now(), lanes=1)).lanes) == [[b"1"]]


async def test_the_lane_of_a_dead_holder_is_free_again_and_the_old_holder_is_told(
    queue: WorkQueue, clock: ManualClock
) -> None:
    await queue.push("a", b"1")
    ((old,),) = (await queue.claim(clock.now(), lanes=1)).lanes
    clock.advance(LEASE_MS + 1)
    ((new,),) = (await queue.claim(clock.now(), lanes=1)).lanes
    assert (new.attempts, new.failures) == (0, 1)
    assert not await queue.finish(old, clock.now())
    assert await queue.finish(new, clock.now())
    assert (await queue.counts())["entries"] == 0


async def test_a_lease_that_is_extended_holds(queue: WorkQueue, clock: ManualClock) -> None:
    await queue.push("a", b"1")
    ((entry,),) = (await queue.claim(clock.now(), lanes=1)).lanes
    clock.advance(LEASE_MS - 1)
    assert await queue.extend(entry, clock.now())
    clock.advance(LEASE_MS - 1)
    assert (await queue.claim(clock.now(), lanes=1)).lanes == []


async def test_an_entry_that_kills_its_workers_goes_to_the_dead_letters_and_the_rest_of_its_lane_flows(
    queue: WorkQueue, clock: ManualClock
) -> None:
    await queue.push("a", b"poison")
    await queue.push("a", b"fine")
    for _ in range(MAX_ATTEMPTS):
        assert (await queue.claim(clock.now(), lanes=1)).lanes
        clock.advance(LEASE_MS + 1)
    assert payloads((await queue.claim(clock.now(), lanes=1)).lanes) == [[b"fine"]]
    (letter,) = await queue.dead()
    assert (letter.payload, letter.cause, letter.attempts) == (b"poison", WORKER_DIED, MAX_ATTEMPTS)


async def test_a_delayed_entry_is_not_there_before_its_time(queue: WorkQueue, clock: ManualClock) -> None:
    await queue.push("a", b"later", due=clock.now() + 500)
    batch = await queue.claim(clock.now(), lanes=1)
    assert (batch.lanes, batch.due_in) == ([], 500)
    clock.advance(500)
    assert payloads((await queue.claim(clock.now(), lanes=1)).lanes) == [[b"later"]]


async def test_a_dead_letter_is_retried_in_its_lane_or_dropped(queue: WorkQueue, clock: ManualClock) -> None:
    for text in (b"1", b"2"):
        await queue.push("a", text)
    (first, second) = (await queue.claim(clock.now(), lanes=1)).lanes[0]
    await queue.give_up(first, clock.now(), cause="unreadable")
    await queue.give_up(second, clock.now(), cause="unreadable")
    await queue.redrive(first.sequence, "retry")
    assert payloads((await queue.claim(clock.now(), lanes=1)).lanes) == [[b"1"]]
    await queue.redrive(second.sequence, "drop")
    assert await queue.dead() == []
    with pytest.raises(NotFound):
        await queue.redrive(second.sequence, "retry")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Unreadable("no"), {"entries": 1, "later": 0, "dead": 1}),
        (DeliveryDeferred("not now"), {"entries": 1, "later": 1, "dead": 0}),
        (RuntimeError("bug"), {"entries": 1, "later": 1, "dead": 0}),
    ],
)
async def test_what_becomes_of_a_failed_entry_depends_on_the_error(
    queue: WorkQueue, clock: ManualClock, error: Exception, outcome: dict[str, int]
) -> None:
    async def fail(entry: Entry) -> bool:
        raise error

    await queue.push("a", b"1")
    await Worker(queue, clock, fail).run_once()
    assert await queue.counts() == outcome


async def test_an_entry_that_fails_again_and_again_goes_to_the_dead_letters(
    queue: WorkQueue, clock: ManualClock
) -> None:
    async def fail(entry: Entry) -> bool:
        raise RuntimeError("bug")

    await queue.push("a", b"1")
    for _ in range(MAX_ATTEMPTS):
        await Worker(queue, clock, fail).run_once()
        clock.advance(600_000)
    (letter,) = await queue.dead()
    assert letter.cause == "RuntimeError: bug"


async def test_a_running_worker_is_woken_by_the_bell(queue: WorkQueue, clock: ManualClock) -> None:
    done: asyncio.Queue[bytes] = asyncio.Queue()

    async def work(entry: Entry) -> bool:
        done.put_nowait(entry.payload)
        return False

    worker = Worker(queue, clock, work)
    await worker.start()
    for text in (b"1", b"2", b"3"):
        await queue.push("a", text)
        assert await asyncio.wait_for(done.get(), 10) == text
    await worker.stop()
    assert (await queue.counts())["entries"] == 0


async def test_stopping_waits_for_what_is_under_way(queue: WorkQueue, clock: ManualClock) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(entry: Entry) -> bool:
        begun.set()
        await go_on.wait()
        return False

    worker = Worker(queue, clock, work)
    await worker.start()
    await queue.push("a", b"1")
    await begun.wait()
    stopping = asyncio.create_task(worker.stop())
    go_on.set()
    await stopping
    assert (await queue.counts())["entries"] == 0


async def test_a_claim_says_whether_more_is_ready_and_else_the_next_entry_rings(
    queue: WorkQueue, clock: ManualClock
) -> None:
    for lane in ("a", "b"):
        await queue.push(lane, b"1")
    assert (await queue.claim(clock.now(), lanes=1)).more
    async with await queue.engine.client(blocking=True) as client, client.pubsub() as bell:
        await bell.subscribe(queue.bell)
        assert not (await queue.claim(clock.now(), lanes=1)).more
        await queue.push("c", b"1")
        assert [(await anext(bell.listen()))["type"] for _ in range(2)] == ["subscribe", "message"]


async def test_a_worker_that_took_all_does_not_claim_again_when_it_is_done(
    queue: WorkQueue, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.queue.worker.POLL_SECONDS", 3600)
    claims, done, claim = asyncio.Queue[Batch](), asyncio.Event(), queue.claim

    async def claimed(now: int, *, lanes: int) -> Batch:
        batch = await claim(now, lanes=lanes)
        claims.put_nowait(batch)
        return batch

    async def work(entry: Entry) -> bool:
        assert await queue.finish(entry, clock.now())
        done.set()
        return True

    monkeypatch.setattr(queue, "claim", claimed)
    worker = Worker(queue, clock, work)
    await worker.start()
    for _ in ("at once", "when it hears the bell"):
        assert not (await claims.get()).lanes
    await queue.push("a", b"1")
    await asyncio.wait_for(done.wait(), 10)
    await queue.engine.call("PING")
    await worker.stop()
    assert len((await claims.get()).lanes) == 1
    assert claims.empty()


async def test_a_running_worker_claims_on_while_lanes_come_free_one_by_one(
    queue: WorkQueue, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.queue.worker.POLL_SECONDS", 3600)  # a worker that rests on polling never gets done
    for n in range(200):
        await queue.push(f"lane{n}", b"1")
    left, done = set(range(200)), asyncio.Event()

    async def work(entry: Entry) -> bool:
        for _ in range(entry.sequence % 7):
            await queue.engine.call("PING")
        left.discard(entry.sequence - 1)
        if not left:
            done.set()
        return False

    worker = Worker(queue, clock, work, width=8)
    await worker.start()
    await asyncio.wait_for(done.wait(), 60)
    await worker.stop()


async def test_an_entry_that_the_engine_refuses_again_and_again_goes_to_the_dead_letters(
    queue: WorkQueue, clock: ManualClock
) -> None:
    async def work(entry: Entry) -> bool:
        await queue.engine.call("INCR", queue.engine.keys("text"))
        return False

    await queue.engine.call("SET", queue.engine.keys("text"), "no number")
    await queue.push("a", b"1")
    for _ in range(MAX_ATTEMPTS):
        await Worker(queue, clock, work).run_once()
        clock.advance(600_000)
    assert len(await queue.dead()) == 1


async def test_stopping_leaves_no_lane_leased_to_nobody(queue: WorkQueue, clock: ManualClock) -> None:
    async def work(entry: Entry) -> bool:
        await queue.engine.call("PING")
        return False

    for turn in range(10):
        for n in range(20):
            await queue.push(f"lane{turn}-{n}", b"1")
        worker = Worker(queue, clock, work, width=4)
        await worker.start()
        for _ in range(turn):
            await queue.engine.call("PING")
        await worker.stop()
        assert await queue.engine.call("ZCARD", queue.settling["leases"]) == 0


async def test_entries_are_dropped_by_what_is_in_them_in_whatever_state_and_the_others_go_on(
    queue: WorkQueue, clock: ManualClock
) -> None:
    for lane, text in (("a", b"dead hers"), ("b", b"under way hers"), ("b", b"b theirs"), ("c", b"waits hers")):
        await queue.push(lane, text)
    dead, under_way, theirs, waits = [
        entry for lane in (await queue.claim(clock.now(), lanes=9)).lanes for entry in lane
    ]
    await queue.give_up(dead, clock.now(), cause="broken")
    await queue.park(waits, clock.now(), due=clock.now() + 50, cause="not yet", failed=False)
    for lane, text in (("c", b"c theirs"), ("d", b"lined up hers"), ("d", b"d theirs"), ("e", b"alone hers")):
        await queue.push(lane, text)
    await queue.push("f", b"later hers", due=clock.now() + 50)
    assert sorted(await drop_where(queue, lambda payload, _: b"hers" in payload)) == [
        b"alone hers",
        b"dead hers",
        b"later hers",
        b"lined up hers",
        b"under way hers",
        b"waits hers",
    ]
    assert not await queue.finish(under_way, clock.now())
    assert await queue.finish(theirs, clock.now())
    clock.advance(60)
    assert payloads((await queue.claim(clock.now(), lanes=9)).lanes) == [[b"c theirs"], [b"d theirs"]]
    assert await queue.counts() == {"entries": 2, "later": 0, "dead": 0}
    assert await drop_where(queue, lambda _, dead: dead) == []
