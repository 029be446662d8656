"""Where no WebSocket comes through, the same conversation goes over requests that wait for news."""

import pytest
from playwright.async_api import expect

from .scripted_chat import ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def breaking(watched: Watched) -> None:
    """Browsers report every connection that fails."""
    watched.expect("WebSocket connection to", "Failed to load resource")


async def with_clock(watched: Watched, chat: ScriptedChat) -> Visitor:
    """A visitor whose clock can be turned forward."""
    context = await watched.context(hosts=[chat.shop, chat.url])
    await context.clock.install()
    return Visitor(await watched.also(context, chat.shop))


async def test_without_sockets_both_sides_still_hear_each_other(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.sockets = "broken"
    visitor = await Visitor(await watched.open(scripted.shop, hosts=[scripted.url])).open()
    await visitor.write("Hello", "Is anybody there?")
    await visitor.all_sent()
    await scripted.say("I am")
    await visitor.sees("Hello", "Is anybody there?", "I am")
    await visitor.write("Good")
    await visitor.all_sent()

    assert [line["text"] for line in scripted.lines] == ["Hello", "Is anybody there?", "I am", "Good"]
    assert len([url for url in watched.requests if url.endswith("/socket")]) == 2


async def test_a_socket_that_never_answers_counts_as_none(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.sockets = "silent"
    visitor = await (await with_clock(watched, scripted)).open()
    for number in (1, 2):
        await scripted.until(lambda number=number: scripted.connections == number)
        await visitor.page.clock.fast_forward(10_500)
    await scripted.until(lambda: scripted.polls > 0)

    await visitor.write("Hello")
    await visitor.all_sent()


async def test_the_socket_is_tried_again_and_takes_over_without_a_gap(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.sockets = "broken"
    visitor = await (await with_clock(watched, scripted)).open()
    await visitor.page.clock.fast_forward(1_000)
    await scripted.until(lambda: scripted.polls > 1)
    await visitor.write("over a request")
    await visitor.all_sent()
    scripted.heal()
    await visitor.page.clock.fast_forward(61_000)
    await scripted.until(lambda: scripted.connected == 1)
    await visitor.write("over a socket")
    await visitor.all_sent()

    await visitor.sees("over a request", "over a socket")
    assert [number for number, frame in scripted.frames if frame["type"] == "message"] == [0, 1]


async def test_when_requests_fail_as_well_sockets_have_their_turn_again(
    watched: Watched, scripted: ScriptedChat
) -> None:
    scripted.sockets = scripted.polling = "broken"
    visitor = await Visitor(await watched.open(scripted.shop, hosts=[scripted.url])).open()
    await visitor.write("Hello")
    await scripted.until(lambda: scripted.polls > 0)
    await expect(visitor.notice).to_have_text("Connecting…")
    scripted.sockets = ""

    await scripted.until(lambda: scripted.connected == 1)
    await visitor.all_sent()
    await expect(visitor.notice).to_be_hidden()
