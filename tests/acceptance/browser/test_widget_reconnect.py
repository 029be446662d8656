"""Connections that break at the worst moments: every line is there once and in order, on both sides."""

import random

import pytest
from playwright.async_api import expect

from .scripted_chat import TEXTS, ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


def stored(chat: ScriptedChat) -> list[str]:
    return [line["text"] for line in chat.lines]


@pytest.fixture(autouse=True)
def breaking(watched: Watched) -> None:
    """Browsers report every connection that breaks."""
    watched.expect("WebSocket connection to", "Failed to load resource")


async def arrived(watched: Watched, chat: ScriptedChat, query: str = "") -> Visitor:
    return Visitor(await watched.open(f"{chat.shop}/?{query}", hosts=[chat.url]))


@pytest.mark.parametrize("fault", ["drop", "lose"])
async def test_a_message_whose_connection_breaks_is_stored_once(
    watched: Watched, scripted: ScriptedChat, fault: str
) -> None:
    visitor = await (await arrived(watched, scripted)).open()
    scripted.script(fault)

    await visitor.write("Hello")
    await visitor.all_sent()
    await visitor.sees("Hello")

    assert stored(scripted) == ["Hello"]
    assert len({frame["id"] for frame in scripted.sent("message")}) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_breaks_every_line_is_there_once_and_in_order(
    watched: Watched, scripted: ScriptedChat, seed: int
) -> None:
    visitor = await (await arrived(watched, scripted)).open()
    chance = random.Random(seed)
    scripted.script(*(chance.choice(["drop", "lose", "store"]) for _ in range(10)))

    for number in range(6):
        await visitor.write(f"mine {number}")
        if number % 2:
            await scripted.say(f"theirs {number}")
    await scripted.until(lambda: len(scripted.lines) == 9)
    await visitor.all_sent()

    await visitor.sees(*stored(scripted))
    assert [text for text in stored(scripted) if text.startswith("mine")] == [f"mine {number}" for number in range(6)]


async def test_messages_that_were_not_sent_survive_a_reload(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.sockets = scripted.polling = "broken"
    visitor = await (await arrived(watched, scripted)).open()
    await visitor.write("first", "second")
    await expect(visitor.states.last).to_contain_text("Sending")
    await visitor.page.reload()
    await visitor.launcher.wait_for()
    scripted.heal()

    await scripted.until(lambda: len(scripted.lines) == 2)
    await visitor.open()
    await visitor.all_sent()

    await visitor.sees("first", "second")
    assert stored(scripted) == ["first", "second"]


async def test_a_conversation_goes_on_after_a_reload_without_being_opened(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await (await arrived(watched, scripted)).open()
    await visitor.write("Hello")
    await visitor.all_sent()
    await visitor.page.reload()
    await scripted.until(lambda: scripted.connections == 2 and scripted.connected == 1)

    await scripted.say("Hello Maria")

    await expect(visitor.launcher).to_have_accessible_name("Open chat. New messages: 1")
    await visitor.open()
    await visitor.sees("Hello", "Hello Maria")
    await expect(visitor.page.locator(".badge")).to_be_hidden()


async def test_who_has_written_nothing_costs_no_connection(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted)
    await visitor.launcher.wait_for()
    await watched.settled(visitor.page)

    assert scripted.connections == 0


async def test_after_a_break_only_what_is_new_is_asked_for(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await (await arrived(watched, scripted)).open()
    await visitor.write("Hello")
    await scripted.say("one")
    await visitor.sees("Hello", "one")
    scripted.cut_all()
    await scripted.until(lambda: len(scripted.sent("hello")) == 2)
    await scripted.say("two")

    await visitor.sees("Hello", "one", "two")
    assert [frame["after"] for frame in scripted.sent("hello")] == [0, 2]


async def test_who_was_away_for_long_gets_the_newest_and_scrolls_to_the_rest(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await (await arrived(watched, scripted)).open()
    await visitor.write("Hello")
    await visitor.all_sent()
    scripted.sockets = scripted.polling = "broken"
    scripted.cut_all()
    for number in range(2, 261):
        await scripted.say(f"line {number}")
    scripted.heal()
    await expect(visitor.lines).to_have_count(200)
    await expect(visitor.lines.last).to_have_text("line 260")

    for expected in (250, 260):
        await visitor.log.evaluate("log => log.scrollTo(0, 0)")
        await expect(visitor.lines).to_have_count(expected)

    await visitor.sees(*stored(scripted))


async def _back_again(watched: Watched, chat: ScriptedChat, query: str = "", script: str = "") -> Visitor:
    """Who has seen 60 lines and comes back to the page; the script runs before any of the page."""
    for number in range(1, 61):
        await chat.say(f"line {number}")
    context = await watched.context(hosts=[chat.shop, chat.url])
    seen = {"last": "60", "visitor": f'"{chat.visitor}"'}
    kept = "".join(f"localStorage['trunkline:web:{name}'] = '{value}';" for name, value in seen.items())
    await context.add_init_script(f"if (location.protocol === 'http:') {{ {kept}{script} }}")
    return Visitor(await watched.also(context, f"{chat.shop}/?{query}"))


async def test_a_log_that_cannot_scroll_has_a_button_for_earlier_messages(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await (await _back_again(watched, scripted)).open()
    await expect(visitor.lines).to_have_count(50)

    button = await visitor.page.get_by_role("button", name="Earlier messages").element_handle()
    assert button is not None
    await button.scroll_into_view_if_needed()  # which can bring them by itself; then the button is gone
    await button.dispatch_event("click")

    await visitor.sees(*stored(scripted))
    await expect(visitor.page.get_by_role("button", name="Earlier messages")).to_have_count(0)


SCROLLED = """
const messages = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
Object.defineProperty(WebSocket.prototype, "onmessage", {...messages, set(handle) {
  messages.set.call(this, (event) => {
    handle(event);
    document.body.lastElementChild.shadowRoot.querySelector(".log").dispatchEvent(new Event("scroll"));
  });
}});
"""


async def test_a_log_that_scrolls_to_its_end_by_itself_asks_for_nothing_earlier(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await _back_again(watched, scripted, "data-open", SCROLLED)
    await expect(visitor.lines).to_have_count(50)
    await watched.settled(visitor.page)
    assert scripted.sent("before") == []

    await visitor.log.evaluate("log => log.scrollTo(0, 0)")
    await visitor.sees(*stored(scripted))


async def test_a_server_that_says_nothing_is_left_and_asked_again(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted)
    await visitor.page.clock.install()
    await visitor.page.reload()
    await visitor.open()
    await scripted.until(lambda: scripted.connected == 1)
    scripted.script({"code": "", "detail": ""})
    scripted.sockets = "silent"
    await visitor.write("Hello")
    await expect(visitor.states).to_contain_text("Sending")
    scripted.heal()
    await visitor.page.clock.fast_forward(16_000)

    await scripted.until(lambda: scripted.connections == 2)


async def test_two_windows_show_the_same_conversation(watched: Watched, scripted: ScriptedChat) -> None:
    context = await watched.context(hosts=[scripted.shop, scripted.url])
    one = await Visitor(await watched.also(context, scripted.shop)).open()
    await one.write("from one")
    await one.all_sent()
    two = await Visitor(await watched.also(context, scripted.shop)).open()
    await two.sees("from one")
    await two.write("from two")
    await scripted.say("to both")

    for window in (one, two):
        await window.sees("from one", "from two", "to both")
    assert stored(scripted) == ["from one", "from two", "to both"]


async def test_it_works_without_storage(watched: Watched, scripted: ScriptedChat) -> None:
    context = await watched.context(hosts=[scripted.shop, scripted.url])
    await context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    visitor = await Visitor(await watched.also(context, scripted.shop)).open()
    await visitor.write("Hello")
    await visitor.all_sent()
    scripted.cut_all()
    await scripted.until(lambda: scripted.connections == 2 and scripted.connected == 1)
    await scripted.say("Hello Maria")

    await visitor.sees("Hello", "Hello Maria")
    assert scripted.sent("hello")[1]["token"] == f"token-{scripted.visitor}"


async def test_a_network_that_is_away_is_told_and_its_return_is_used_at_once(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await (await arrived(watched, scripted)).open()
    await scripted.until(lambda: scripted.connected == 1)
    await visitor.page.clock.install()
    await visitor.page.context.set_offline(True)
    scripted.cut_all()
    await visitor.page.clock.run_for(60_000)
    await expect(visitor.notice).to_have_text(TEXTS["en"]["no_network"])
    await visitor.write("written without a network")

    await visitor.page.context.set_offline(False)

    await scripted.until(lambda: scripted.connected == 1)
    await visitor.all_sent()
    await expect(visitor.notice).to_be_hidden()
