"""A follower takes every line once and in order, whoever dies; a line that fails does not stand in its way for ever."""

import asyncio

import pytest

from trunkline.config.errors import EngineUnavailable, NotFound, Unreadable
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.feed import FeedLine
from trunkline.queue.feed_follower import FeedFollower
from trunkline.queue.feed_place import LEASE_MS, FeedPlace
from trunkline.queue.work import MAX_ATTEMPTS

MINUTE = 60_000


class Consumer:
    """Notes what it is given; raises what a test puts at a position."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.trouble: dict[int, Exception] = {}
        self.news = asyncio.Event()

    async def __call__(self, line: FeedLine) -> None:
        if line.position in self.trouble:
            raise self.trouble[line.position]
        self.taken.append(line.position)
        self.news.set()


async def write(engine: Engine, first: int, last: int) -> None:
    """Lines of the feed, as the scripts write them."""
    for position in range(first, last + 1):
        fields = ("type", "ticket.created", "subject", "s", "sequence", position, "time", 1000 * position, "data", "{}")
        await engine.call("XADD", engine.keys("feed"), f"{position}-0", *fields)
        await engine.call("SET", engine.keys("feed", "position"), position)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def place(engine: Engine) -> FeedPlace:
    return FeedPlace(engine, "archive")


async def test_lines_are_taken_in_order_and_none_twice_over_restarts(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    await write(engine, 1, 250)
    assert await FeedFollower(place, clock, consumer).run_once() == 250
    await write(engine, 251, 260)
    assert (await place.lag()).lines == 10
    assert (await place.lag()).since == 251_000
    assert await FeedFollower(place, clock, consumer).run_once() == 10
    assert consumer.taken == list(range(1, 261))
    assert (await place.lag()).lines == 0
    assert (await place.lag()).since is None


async def test_one_process_holds_the_place_and_another_goes_on_when_it_dies(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    await write(engine, 1, 3)
    dead = await place.claim(clock.now(), "a process that dies")
    assert not isinstance(dead, int)
    assert await place.moved(dead, 2, clock.now())
    other = FeedFollower(place, clock, consumer)
    assert await other.run_once() == 0
    clock.advance(LEASE_MS)
    assert await other.run_once() == 1
    assert consumer.taken == [3]
    assert not await place.moved(dead, 3, clock.now())
    assert not await place.kept(dead, clock.now())


async def test_a_hindrance_is_waited_for_and_nothing_overtakes(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    consumer.trouble[2] = EngineUnavailable("the helpdesk is away")
    await write(engine, 1, 3)
    follower = FeedFollower(place, clock, consumer)
    for _ in range(3 * MAX_ATTEMPTS):
        await follower.run_once()
        clock.advance(6 * MINUTE)
    assert consumer.taken == [1]
    assert not await place.dead()
    consumer.trouble.clear()
    await follower.run_once()
    assert consumer.taken == [1, 2, 3]


async def test_a_failed_line_is_not_tried_again_before_its_pause_is_over(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    consumer.trouble[1] = EngineUnavailable("away")
    await write(engine, 1, 1)
    follower = FeedFollower(place, clock, consumer)
    await follower.run_once()
    consumer.trouble.clear()
    assert await follower.run_once() == 0
    clock.advance(2_000)
    assert await follower.run_once() == 1


async def test_a_line_that_fails_for_good_is_a_dead_letter_and_the_next_ones_come(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    consumer.trouble[2] = Unreadable("nobody can read it")
    consumer.trouble[3] = RuntimeError("a mistake of ours")
    await write(engine, 1, 4)
    follower = FeedFollower(place, clock, consumer)
    for _ in range(MAX_ATTEMPTS):
        await follower.run_once()
        clock.advance(6 * MINUTE)
    assert consumer.taken == [1, 4]
    letters = {letter.sequence: letter for letter in await place.dead()}
    assert {position: letter.cause for position, letter in letters.items()} == {
        2: "nobody can read it",
        3: "RuntimeError: a mistake of ours",
    }
    assert (letters[2].attempts, letters[3].attempts) == (1, MAX_ATTEMPTS)
    assert b'"cursor": "3"' in letters[3].payload


async def test_a_dead_letter_is_tried_again_or_dropped_when_a_person_says_so(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    consumer.trouble = {position: Unreadable("not yet") for position in (1, 2)}
    await write(engine, 1, 3)
    follower = FeedFollower(place, clock, consumer)
    await follower.run_once()
    await place.redrive(1, "retry")
    await follower.run_once()
    assert sorted(letter.sequence for letter in await place.dead()) == [1, 2]
    consumer.trouble.clear()
    await place.redrive(1, "retry")
    await place.redrive(2, "drop")
    await follower.run_once()
    assert consumer.taken == [3, 1]
    assert not await place.dead()
    with pytest.raises(NotFound):
        await place.redrive(1, "retry")


async def test_a_rebuild_begins_with_the_first_line_and_whoever_held_the_place_has_lost_it(
    engine: Engine, clock: ManualClock
) -> None:
    made = engine.keys("made")
    place = FeedPlace(engine, "archive", made=[made])
    consumer = Consumer()
    await write(engine, 1, 3)
    await FeedFollower(place, clock, consumer).run_once()
    await engine.call("SET", made, "something")
    held = await place.claim(clock.now(), "before")
    assert not isinstance(held, int)
    await place.rebuild()
    assert not await place.moved(held, 3, clock.now())
    assert await engine.call("EXISTS", made) == 0
    await FeedFollower(place, clock, consumer).run_once()
    assert consumer.taken == [1, 2, 3, 1, 2, 3]


async def test_lines_that_are_gone_are_skipped(engine: Engine, place: FeedPlace, clock: ManualClock) -> None:
    consumer = Consumer()
    await write(engine, 1, 9)
    await engine.call("XTRIM", engine.keys("feed"), "MINID", "5-0")
    assert await FeedFollower(place, clock, consumer).run_once() == 9
    assert consumer.taken == [5, 6, 7, 8, 9]


async def test_a_running_follower_takes_lines_as_they_come_and_lets_go_when_it_stops(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    follower = FeedFollower(place, clock, consumer)
    await follower.start()
    await write(engine, 1, 1)
    await asyncio.wait_for(consumer.news.wait(), 10)
    await follower.stop()
    assert consumer.taken == [1]
    await write(engine, 2, 2)
    assert await FeedFollower(place, clock, consumer).run_once() == 1
