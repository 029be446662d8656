"""Lines of the feed lose what they told of somebody: nothing of it is left in the engine, and readers miss no line."""

from typing import Any

import pytest

from trunkline.queue.connection import Engine
from trunkline.queue.feed import Feed, FeedLine
from trunkline.queue.feed_place import FeedPlace
from trunkline.queue.scripts import Script, ScriptArguments

from .test_feed_reading import fill

LINES = 700


async def dumped(engine: Engine, feed: Feed) -> bytes:
    """What the engine would write to its files of the whole feed, without compression."""
    await engine.call("CONFIG", "SET", "rdbcompression", "no")
    found = [await engine.call("DUMP", key) for key in feed.keys.flat]
    return b"".join(each for each in found if each)


async def told(feed: Feed, after: int = 0, limit: int = 10_000) -> dict[int, Any]:
    return {line.position: line.data["text"] for line in await feed.read(after, limit)}


async def named_lines(engine: Engine) -> dict[int, str]:
    """A feed whose lines each have a text of their own."""
    feed = Feed(engine)
    texts = {number: f"secret-{number:04d}-words" for number in range(1, LINES + 1)}
    for number, text in texts.items():
        fields = (
            "type",
            "ticket.changed",
            "subject",
            "t",
            "sequence",
            number,
            "time",
            5,
            "data",
            f'{{"text":"{text}"}}',
        )
        await engine.call("XADD", feed.keys["lines"], f"{number}-0", *fields)
    await engine.call("SET", feed.keys["position"], LINES)
    return texts


@pytest.mark.parametrize("erased", [[1], [350], [LINES], [3, 4, 90, 91, 400, 650], list(range(1, LINES + 1))])
async def test_no_byte_of_an_erased_line_remains_and_all_others_are_read_as_before(
    engine: Engine, erased: list[int]
) -> None:
    feed, texts = Feed(engine), await named_lines(engine)
    await feed.erase({at: {"text": ""} for at in erased})
    expected = {at: "" if at in erased else text for at, text in texts.items()}
    left = await dumped(engine, feed)
    assert [at for at in erased if texts[at].encode() in left] == []
    assert all(text.encode() in left for text in expected.values())
    assert await told(feed) == expected
    assert await told(feed, after=LINES - 2) == {at: expected[at] for at in (LINES - 1, LINES)}
    assert list(await told(feed, after=300, limit=60)) == list(range(301, 361))
    assert (await feed.earliest(), await feed.last()) == (1, LINES)
    line = await feed.line(erased[0])
    assert line == FeedLine(
        position=erased[0], kind="ticket.changed", subject="t", sequence=erased[0], time=5, data={"text": ""}
    )


async def test_a_line_that_went_to_the_shelf_as_a_neighbour_can_be_erased_later(engine: Engine) -> None:
    feed, texts = Feed(engine), await named_lines(engine)
    await feed.erase({350: {"text": ""}})
    await feed.erase({340: {"text": ""}, 430: {"text": ""}, 500: {"text": ""}})
    left = await dumped(engine, feed)
    assert [at for at in (340, 350, 430, 500) if texts[at].encode() in left] == []
    assert await told(feed) == {at: "" if at in (340, 350, 430, 500) else text for at, text in texts.items()}


async def test_new_lines_follow_an_erased_end_of_the_feed(engine: Engine) -> None:
    feed, _ = Feed(engine), await named_lines(engine)
    await feed.erase({LINES: {"text": ""}})
    fields = ("type", "ticket.changed", "subject", "t", "sequence", 1, "time", 5, "data", '{"text":"new"}')
    await engine.call("XADD", feed.keys["lines"], f"{LINES + 1}-0", *fields)
    await engine.call("SET", feed.keys["position"], LINES + 1)
    assert await told(feed, after=LINES - 1) == {LINES: "", LINES + 1: "new"}


async def test_a_follower_within_the_engine_takes_every_line_once_over_the_shelf(engine: Engine) -> None:
    feed, place = Feed(engine), FeedPlace(engine, "counts")
    await fill(engine, 250, 10)
    await feed.erase({120: {"text": ""}})
    script = Script.beside(str(gateway_file()), "count_kinds.lua")
    keys, taken = {"place": place.keys, "feed": feed.keys, "kinds": engine.keys("kinds")}, []
    args: ScriptArguments = {"most": 40}
    while count := await engine.run(script, keys, args):
        taken.append(count)
    assert (sum(taken), await place.position()) == (250, 250)


def gateway_file() -> Any:
    from trunkline.gateway import workspace_counters

    return workspace_counters.__file__
