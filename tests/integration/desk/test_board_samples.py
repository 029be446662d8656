"""The samples of a day: one writer a minute, bounded, kept over restarts; and the feed is counted once by many."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from trunkline.config.errors import EngineUnavailable
from trunkline.config.settings import Settings
from trunkline.desk.board.board_query import BoardQuery
from trunkline.desk.board.board_service import BoardService
from trunkline.desk.board.feed_counts import LINES, RING, FeedCounts
from trunkline.desk.board.samples import DAY, KEPT, Sample
from trunkline.gateway.channels import policy_of
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.queue.work import MAX_ATTEMPTS
from trunkline.router.policy import Policy
from trunkline.router.ticket_requests import TicketChanges

from ...conftest import StartServer
from .conftest import ENGINE, board_service

if TYPE_CHECKING:
    from ..conftest import Desk

MINUTE = 60_000


async def test_of_many_processes_one_writes_the_sample_of_a_minute(desk: "Desk") -> None:
    processes = [BoardQuery(desk.engine, {}) for _ in range(8)]
    written = await asyncio.gather(*(each.keep_sample(Sample(100, (n, 0, 0, 0))) for n, each in enumerate(processes)))
    assert sum(written) == 1
    assert (await processes[0].samples()) == {100: [written.index(True), 0, 0, 0]}


async def test_a_minute_that_is_over_is_not_written_again(desk: "Desk") -> None:
    query = BoardQuery(desk.engine, {})
    assert await query.keep_sample(Sample(KEPT + 3, (1, 2, 3, 4)))
    assert not await query.keep_sample(Sample(3, (9, 9, 9, 9)))
    assert await query.has_sample(KEPT + 3)
    assert not await query.has_sample(KEPT + 4)


async def test_the_day_is_kept_and_no_more(desk: "Desk") -> None:
    query = BoardQuery(desk.engine, {})
    for minute in range(1, KEPT + 200):
        await query.keep_sample(Sample(minute, (minute, 0, 0, 0)))
    assert sorted(await query.samples()) == list(range(200, KEPT + 200))


async def test_the_job_of_every_process_samples_each_minute_once(desk: "Desk") -> None:
    processes = [board_service(desk) for _ in range(2)]
    begun = desk.clock.now() // MINUTE
    for turn in range(40):
        await asyncio.gather(*(each.run_once() for each in processes))
        if turn == 10:
            await desk.write("hello")
            await desk.settle()
        desk.clock.advance(MINUTE // 4)
    samples = await BoardQuery(desk.engine, {}).samples()
    assert sorted(samples) == list(range(begun, begun + 10))
    assert [samples[begun + minute][0] for minute in range(10)] == [0, 0, 0, *[1] * 7]


async def test_a_new_process_compares_with_the_same_time_yesterday(desk: "Desk") -> None:
    minute, query = desk.clock.now() // MINUTE, BoardQuery(desk.engine, {})
    await query.keep_sample(Sample(minute - DAY - 2, (7, 60, 1, 3)))
    for before in range(1, 90):
        await query.keep_sample(Sample(minute - before, (before % 5, 0, 0, 2)))
    numbers = (await board_service(desk).see()).board.numbers
    assert (numbers.waiting.yesterday, numbers.waiting.typical) == (7, 2)
    assert (numbers.oldest.yesterday, numbers.available.yesterday) == (60, 3)


async def test_each_line_of_the_feed_is_counted_once_whoever_counts(desk: "Desk") -> None:
    for number in range(3 * LINES // 2):
        await desk.write("hello", sender=f"f{number}@example.org")
    await desk.settle()
    for ticket in (await desk.tickets())[:20]:
        await desk.actions.change(ticket.id, TicketChanges(status="solved"), actor="test")
    counts = [FeedCounts(desk.engine, desk.clock, lambda: desk.policy) for _ in range(6)]
    done = await asyncio.gather(*(each.run_once(rounds=1) for each in counts))
    assert not all(done)
    assert await counts[0].run_once()
    seen = await BoardQuery(desk.engine, {}).look(desk.policy.settings, desk.clock.now())
    kinds = Counter(line.kind for line in await desk.lines())
    assert seen.arrived[0] is not None
    assert seen.handled[0] is not None
    assert seen.arrived[0].counts == {"support": kinds["ticket.created"]}
    assert seen.handled[0].counts == {"support": 20}


async def test_a_line_that_cannot_be_counted_is_given_up_after_a_while_and_those_around_it_count(desk: "Desk") -> None:
    await desk.write("hello")
    await desk.settle()
    position = await desk.feed.last() + 1
    data = r'{"a": "\ud800"}'  # which the engine's reader of JSON refuses
    broken = ("type", "ticket.created", "subject", "s", "sequence", 1, "time", desk.clock.now(), "data", data)
    await desk.engine.call("XADD", desk.feed.keys["lines"], f"{position}-0", *broken)
    await desk.engine.call("SET", desk.feed.keys["position"], position)
    await desk.write("hello again", sender="n@example.org")
    await desk.settle()
    counts = FeedCounts(desk.engine, desk.clock, lambda: desk.policy)
    turns = 0
    while not await counts.run_once():
        turns += 1
        desk.clock.advance(6 * MINUTE)
    assert turns == MAX_ATTEMPTS - 1
    assert [letter.sequence for letter in await counts.follower.place.dead()] == [position]
    assert int(await desk.engine.call("HLEN", counts.active)) == 2


async def test_a_rebuild_counts_the_same_again(desk: "Desk") -> None:
    for number in range(5):
        await desk.write("hello", sender=f"r{number}@example.org")
    await desk.settle()
    await desk.actions.change("T-1", TicketChanges(status="solved"), actor="test")
    counts = FeedCounts(desk.engine, desk.clock, lambda: desk.policy)
    await counts.run_once()
    before = await desk.engine.call("HGETALL", counts.rates), await desk.engine.call("HGETALL", counts.active)
    await counts.follower.place.rebuild()
    assert await desk.engine.call("HGETALL", counts.rates) == []
    await counts.run_once()
    assert (
        await desk.engine.call("HGETALL", counts.rates),
        await desk.engine.call("HGETALL", counts.active),
    ) == before


async def test_what_is_counted_stays_bounded(desk: "Desk") -> None:
    counts = FeedCounts(desk.engine, desk.clock, lambda: desk.policy)
    for number in range(2 * RING):
        await desk.write("hello", sender=f"g{number}@example.org")
        await desk.settle()
        await desk.actions.change(f"T-{number + 1}", TicketChanges(status="solved"), actor="test")
        desk.clock.advance(MINUTE)
    await counts.run_once()
    assert int(await desk.engine.call("HLEN", counts.rates)) == 2 * RING + 1
    assert int(await desk.engine.call("HLEN", counts.active)) == 0


async def test_an_engine_that_is_away_is_said_and_nothing_is_lost(start_server: StartServer, keys: Keys) -> None:
    with start_server() as server:
        engine = Engine(server.url, keys)
        clock = ManualClock()
        counts = FeedCounts(engine, clock, _policy)
        board = BoardService(BoardQuery(engine, {}), counts, clock, policy=_policy, facts=lambda: ENGINE)
        assert (await board.see()).board.verdict.level == "good"
        server.kill()
        with pytest.raises(EngineUnavailable):
            await board.see()
        await engine.close()


def _policy() -> Policy:
    settings = Settings.model_validate({"queues": {"support": {"fallback": True}}})
    return policy_of(settings)
