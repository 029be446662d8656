"""A follower takes every line once and in order, whoever dies; a line that fails does not stand in its way for ever."""

import asyncio
from pathlib import Path

import pytest

from trunkline import queue
from trunkline.config.errors import Conflict, EngineUnavailable, NotFound, ScriptFailed, Unreadable
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.feed import FeedLine
from trunkline.queue.feed_follower import FeedFollower
from trunkline.queue.feed_place import LEASE_MS, FeedPlace
from trunkline.queue.scripted_follower import ScriptedFollower
from trunkline.queue.scripts import Script, ScriptKeys
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


async def test_a_running_follower_takes_what_is_redriven_once_while_lines_go_on(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    consumer.trouble[1] = Unreadable("not yet")
    follower = FeedFollower(place, clock, consumer)
    await follower.start()
    await write(engine, 1, 2)
    await asyncio.wait_for(consumer.news.wait(), 10)
    assert [letter.sequence for letter in await place.dead()] == [1]
    consumer.trouble.clear()
    consumer.news.clear()
    await place.redrive(1, "retry")
    await asyncio.wait_for(consumer.news.wait(), 10)
    consumer.news.clear()
    await write(engine, 3, 3)
    await asyncio.wait_for(consumer.news.wait(), 10)
    await follower.stop()
    assert consumer.taken == [2, 1, 3]
    assert not await place.again()


async def test_a_dead_letter_whose_line_is_gone_is_listed_and_dropped_and_harms_nobody(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    consumer = Consumer()
    consumer.trouble[1] = Unreadable("nobody can read it")
    await write(engine, 1, 9)
    await FeedFollower(place, clock, consumer).run_once()
    await engine.call("XTRIM", engine.keys("feed"), "MINID", "5-0")
    (letter,) = await place.dead()
    assert (letter.cause, letter.payload) == ("nobody can read it", b"")
    with pytest.raises(Conflict, match="can only be dropped"):
        await place.redrive(1, "retry")
    assert await FeedFollower(place, clock, consumer).run_once() == 0
    assert consumer.taken == list(range(2, 10))
    await place.redrive(1, "drop")
    assert not await place.dead()


async def test_a_failure_that_is_told_late_does_not_set_the_place_back(
    engine: Engine, place: FeedPlace, clock: ManualClock
) -> None:
    await write(engine, 1, 5)
    held = await place.claim(clock.now(), "holder")
    assert not isinstance(held, int)
    assert await place.moved(held, 5, clock.now())
    for _ in range(MAX_ATTEMPTS):
        assert await place.failed(None, 2, ScriptFailed("seen by another process"), clock.now())
        clock.advance(6 * MINUTE)
    assert await place.position() == 5
    assert not await place.dead()


class Taker:
    """A follower whose script notes what it takes, and fails at positions that a test names."""

    def __init__(self, engine: Engine, clock: ManualClock, folder: Path) -> None:
        (folder / "take.lua").write_text(f"""#!lua
--#keys place: feed_place, feed, trouble: SET, taken: LIST
--#args most: number
--#include {Path(next(iter(queue.__path__))).absolute()}/feed_place.lua
local lines = place_lines(place, feed, most)
for _, line in ipairs(lines) do
  if redis.call('SISMEMBER', trouble, line[1]) == 1 then error('it cannot be read') end
end
for _, line in ipairs(lines) do redis.call('RPUSH', taken, line[1]) end
place_move(place, lines)
return #lines
""")
        self.place = FeedPlace(engine, "scripted")
        self.trouble, self._taken = engine.keys("trouble"), engine.keys("taken")
        self._engine = engine
        self._script = Script.beside(str(folder / "here"), "take.lua")
        self.follower = ScriptedFollower(self.place, clock, self._take, lines=4)

    async def _take(self, most: int) -> int:
        place = {"place": self.place.keys, "feed": self.place.feed.keys}
        keys: ScriptKeys = {**place, "trouble": self.trouble, "taken": self._taken}
        return int(await self._engine.run(self._script, keys, {"most": most}))

    async def taken(self) -> list[int]:
        """Positions, in the order in which their effect was made."""
        return [int(line.split(b"-")[0]) for line in await self._engine.call("LRANGE", self._taken, 0, -1)]


async def test_what_a_script_could_not_take_is_carried_through_once_when_it_is_redriven(
    engine: Engine, clock: ManualClock, tmp_path: Path
) -> None:
    taker = Taker(engine, clock, tmp_path)
    await engine.call("SADD", taker.trouble, "2-0", "3-0")
    await write(engine, 1, 9)
    for _ in range(2 * MAX_ATTEMPTS):
        await taker.follower.catch_up(20)
        clock.advance(6 * MINUTE)
    assert await taker.taken() == [1, 4, 5, 6, 7, 8, 9]
    assert sorted(letter.sequence for letter in await taker.place.dead()) == [2, 3]
    await engine.call("SREM", taker.trouble, "2-0")
    for position in (2, 3):
        await taker.place.redrive(position, "retry")
    await write(engine, 10, 10)
    assert await taker.follower.catch_up(20)
    assert await taker.taken() == [1, 4, 5, 6, 7, 8, 9, 2, 10]
    assert [letter.sequence for letter in await taker.place.dead()] == [3]
    with pytest.raises(NotFound):
        await taker.place.redrive(2, "retry")
    assert await taker.follower.catch_up(20)
    assert (await taker.place.position(), len(await taker.taken())) == (10, 9)
