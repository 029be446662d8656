"""A conversation over sockets: stored before it is acknowledged, in order, once, and taken up again anywhere."""

import asyncio

import pytest

from trunkline.config.errors import EngineFull, EngineUnavailable
from trunkline.queue.conversation_log import conversation_name

from .conftest import World

ID = "message-number-{:04d}"


async def test_a_new_visitor_is_welcomed_and_what_they_write_is_stored_and_shown(world: World) -> None:
    process = await world.process()
    visitor = await process.visit(language="de", page="https://shop.example/lamps")
    welcome = visitor.heard[0]
    assert (welcome["position"], welcome["online"], welcome["email"]) == (0, True, None)
    assert welcome["limits"] == {"text": 8000, "file": 10 * 1024 * 1024, "files": 5}
    assert await visitor.write(ID.format(1), "My lamp is broken.") == 1
    line = next((frame for frame in visitor.heard if frame["type"] == "line"), None) or await visitor.until("line")
    assert (line["position"], line["id"], line["from"], line["text"]) == (
        1,
        ID.format(1),
        "visitor",
        "My lamp is broken.",
    )


async def test_an_answer_reaches_every_socket_on_every_process_in_order(world: World) -> None:
    first, second = await world.process(), await world.process()
    one = await first.visit()
    two = await second.visit(one.token)
    await one.write(ID.format(1), "Hello?")
    for number in range(5):
        await first.answer(one.id, number, f"answer {number}")
    for visitor in (one, two):
        await visitor.until("line", position=6)
        assert visitor.lines() == [1, 2, 3, 4, 5, 6]
    assert two.heard[-1]["name"] == "Ada"
    assert two.heard[-1]["from"] == "agent"
    assert "ticket" not in two.heard[-1]


async def test_a_message_sent_again_from_another_page_is_the_first_one(world: World) -> None:
    process = await world.process()
    visitor = await process.visit(language="de", page="https://shop.example/lamps")
    again = await process.visit(visitor.token, language="en", page="https://shop.example/checkout")
    assert await visitor.write(ID.format(1), "My lamp is broken.") == 1
    assert await again.write(ID.format(1), "  My lamp is broken.\r\n") == 1
    assert (await again.write(ID.format(2), "Hello?")) == 2


async def test_another_message_under_a_known_id_is_refused_for_good_and_the_connection_stays(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "My lamp is broken.")
    await visitor.say("message", id=ID.format(1), text="My chair is broken, too.")
    refused = await visitor.until("refused")
    assert (refused["id"], refused["code"], "retry_after" in refused) == (ID.format(1), "conflict", False)
    assert await visitor.write(ID.format(2), "My chair is broken, too.") == 2


@pytest.mark.parametrize("after", [0, 1, 3, 6, 99])
async def test_a_connection_goes_on_after_any_line(world: World, after: int) -> None:
    process = await world.process()
    visitor = await process.visit()
    for number in range(6):
        await visitor.write(ID.format(number), f"line {number}")
    await visitor.socket.close()
    again = await process.visit(visitor.token, after=after)
    await again.write(ID.format(6), "and one more")
    await again.until("line", position=7)
    assert again.lines() == list(range(min(after, 6) + 1, 8))


async def test_a_client_far_behind_hears_of_the_gap_and_asks_for_what_is_before_it(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    conversation = conversation_name("web", visitor.id)
    for number in range(260):
        await process.logs.append(conversation, {"id": str(number), "from": "agent", "text": "x"}, key=str(number))
    again = await process.visit(visitor.token)
    await again.until("line", position=260)
    assert again.heard[1]["type"] == "gap"
    assert again.lines() == list(range(61, 261))
    await again.say("before", position=61)
    history = await again.until("history")
    assert [line["position"] for line in history["lines"]] == list(range(11, 61))
    assert history["more"] is True
    await again.say("before", position=11)
    assert (await again.until("history"))["more"] is False


async def test_a_message_sent_again_is_the_first_one_whoever_hears_it(world: World) -> None:
    first, second = await world.process(), await world.process()
    one = await first.visit()
    two = await second.visit(one.token)
    answers = await asyncio.gather(*(each.write(ID.format(1), "once") for each in (one, two)))
    again = [await each.write(ID.format(1), "once") for each in (one, two)]
    assert [*answers, *again] == [1, 1, 1, 1]
    assert await first.logs.last(conversation_name("web", one.id)) == 1


@pytest.mark.parametrize("failure", [EngineUnavailable("away"), EngineFull("full")])
async def test_trouble_of_ours_asks_to_keep_the_message_and_a_repeat_succeeds(
    world: World, failure: EngineUnavailable | EngineFull
) -> None:
    process = await world.process()
    visitor = await process.visit()
    process.failure = failure
    await visitor.say("message", id=ID.format(1), text="Hello")
    refused = await visitor.until("refused")
    assert (refused["id"], refused["code"]) == (ID.format(1), "busy")
    assert refused["retry_after"] == failure.retry_after
    process.failure = None
    assert await visitor.write(ID.format(1), "Hello") == 1


async def test_an_end_of_the_process_answers_what_is_under_way_and_says_come_back(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.say("message", id=ID.format(1), text="Hello")
    await visitor.until("stored")
    await process.service.stop()
    assert (await visitor.closed())[0] == 1012


async def test_the_visitor_is_here_until_their_last_socket_closes(world: World) -> None:
    process = await world.process()
    one = await process.visit()
    two = await process.visit(one.token)
    conversation = conversation_name("web", one.id)
    assert (await process.logs.here(conversation))[0]
    await one.socket.close()
    await two.write(ID.format(1), "still here")
    assert (await process.logs.here(conversation))[0]
    await two.socket.close()
    await process.stop()
    assert await process.logs.here(conversation) == (False, world.clock.now())
