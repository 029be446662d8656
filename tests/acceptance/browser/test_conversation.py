"""A visitor and an agent in two pages, and the board in a third: what one does, the others see without asking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Download, FilePayload, Locator, Page, expect

from ..conftest import Running
from .agent import Agent
from .desk import cleared, desk, live
from .visitor import Visitor
from .watched import LIMIT, Watched

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
]

AWAY = "Object.defineProperty(Document.prototype, 'hidden', {configurable: true, get: () => !window.looked})"
LOOK = "() => { window.looked = true; document.dispatchEvent(new Event('visibilitychange')) }"
PAGE = b"<!doctype html><script>alert(document.domain)</script>\x00\xff\r\n" + bytes(range(256)) * 64


@dataclass(frozen=True)
class Chatting:
    """Both sides of a conversation."""

    visitor: Visitor
    agent: Agent
    here: BrowserContext


async def arrived(watched: Watched, running: Running) -> tuple[Visitor, BrowserContext]:
    """A visitor on our own page, where the chat stands open."""
    context = await watched.context(hosts=[running.gateway.url])
    visitor = Visitor(await watched.also(context, f"{running.gateway.url}/chat/web"))
    await expect(visitor.panel).to_be_visible()
    return visitor, context


@pytest_asyncio.fixture(loop_scope="session")
async def chatting(watched: Watched, running: Running) -> AsyncIterator[Chatting]:
    """A visitor whose question ada has accepted."""
    await cleared(running, "ada")
    async with desk(watched, running) as page:
        agent = Agent(page)
        visitor, context = await arrived(watched, running)
        await running.api.presence("ada")
        await visitor.write("Which bulb fits my lamp?")
        await agent.accepts()
        yield Chatting(visitor, agent, context)
        for each in context.pages:
            await watched.settled(each)


async def test_a_question_is_offered_accepted_and_answered_and_the_board_moves(
    watched: Watched, running: Running
) -> None:
    async with desk(watched, running) as page:
        agent = Agent(page)
        board = await watched.also(page.context, f"{running.gateway.url}/board")
        waiting = board.locator(".figure", has_text="Waiting now").locator(".figure-value")
        load = board.locator("[data-key='agent-ada'] .load")
        await live(board)
        await expect(waiting).to_have_text("0")
        visitor, _ = await arrived(watched, running)
        await visitor.write("My lamp is broken")
        await visitor.all_sent()
        await expect(waiting).to_have_text("1")

        await running.api.presence("ada")
        offer = agent.offers.filter(has_text="My lamp is broken")
        await expect(offer.locator("svg.ring")).to_be_visible()
        await expect(offer.locator(".left")).to_contain_text("left")
        await expect(board.locator("[data-key='agent-ada']")).to_contain_text("offered")
        number = await agent.accepts()
        await expect(page.locator("#ticket-title")).to_contain_text("Web chat: Visitor ")
        await expect(waiting).to_have_text("0")
        await expect(page).to_have_url(f"{running.gateway.url}/desk/tickets/{number}")
        await expect(load).to_contain_text("1 / 5")
        await expect(visitor.states).to_contain_text(["Read"])

        await agent.sees("My lamp is broken")
        await agent.replies("Which lamp is it?")
        await expect(visitor.line("Which lamp is it?")).to_be_visible()
        await expect(visitor.line("Which lamp is it?")).to_contain_text("Ada")
        await visitor.write("The green one")
        await agent.sees("My lamp is broken", "Which lamp is it?", "The green one")
        await page.locator("#scroller").focus()
        await page.keyboard.press("e")
        await expect(load).to_contain_text("0 / 5")


async def told(box: Locator, other: Locator, who: str = "") -> None:
    """Write until the other side is told. What is written is told every three seconds at most, and may be lost."""
    async with asyncio.timeout(LIMIT / 1000):
        while True:
            await box.press("x")
            with suppress(AssertionError):
                return await expect(other).to_contain_text(f"{who}is typing…", timeout=1_000)


async def test_each_side_sees_that_the_other_is_writing(chatting: Chatting) -> None:
    agent, visitor = chatting.agent, chatting.visitor
    await expect(agent.page.locator("#reply-target.here")).to_contain_text("they are here now")

    await told(visitor.box, agent.typing)
    await visitor.write("It is the green one")
    await expect(agent.typing).to_have_text("")

    await agent.types("One moment")
    await told(agent.box, visitor.log, "Ada ")


async def test_a_receipt_goes_from_sent_to_delivered_to_read(chatting: Chatting, watched: Watched) -> None:
    agent, visitor = chatting.agent, chatting.visitor
    address = visitor.page.url
    await watched.settled(visitor.page)
    await visitor.page.close()
    await agent.replies("The one with the large thread")
    await agent.receipt("The one with the large thread", "sent")
    await expect(agent.page.locator("#reply-target")).to_contain_text("they left")

    await chatting.here.add_init_script(AWAY)
    again = Visitor(await watched.also(chatting.here, address))
    await expect(again.line("The one with the large thread")).to_be_visible()
    await agent.receipt("The one with the large thread", "delivered")
    await again.page.evaluate(LOOK)
    await agent.receipt("The one with the large thread", "read")


async def downloaded(page: Page, link: str) -> tuple[bytes, dict[str, str]]:
    """A file as it is kept when its link is clicked, and the headers that it came with."""
    arriving: asyncio.Future[Download] = asyncio.get_running_loop().create_future()

    def note(found: Download) -> None:
        if not arriving.done():
            arriving.set_result(found)

    page.on("download", note)
    page.on("popup", lambda opened: opened.on("download", note))
    address = await page.locator(link).last.evaluate("link => link.href")
    await page.locator(link).last.click()
    async with asyncio.timeout(LIMIT / 1000):
        found = await arriving
    content = (await found.path()).read_bytes()
    answer = await page.context.request.get(address)
    assert await answer.body() == content
    return content, answer.headers


def harmless(headers: dict[str, str]) -> None:
    """What keeps a file from being run by the browser that gets it."""
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "html" not in headers["content-type"]


async def test_a_file_reaches_the_agent_whole_and_harmless(chatting: Chatting) -> None:
    agent, visitor = chatting.agent, chatting.visitor
    await visitor.files_chosen("my lamp.html", content=PAGE, media_type="text/html")
    await expect(visitor.button).to_be_enabled()
    await visitor.write("Here it is")
    await expect(agent.entry("Here it is").locator("a.tile")).to_contain_text("my lamp.html")

    content, headers = await downloaded(agent.page, "a.tile")

    assert content == PAGE
    harmless(headers)


async def test_a_file_reaches_the_visitor_whole_and_harmless(chatting: Chatting) -> None:
    agent, visitor = chatting.agent, chatting.visitor
    await agent.types("The manual")
    file: FilePayload = {"name": "the manual.html", "mimeType": "text/html", "buffer": PAGE}
    await agent.page.locator("#attach").set_input_files([file])
    await expect(agent.page.locator("#attached > li:not([data-loading])")).to_contain_text("the manual.html")
    await agent.sends()
    await expect(visitor.line("The manual").locator("a.file")).to_contain_text("the manual.html")

    content, headers = await downloaded(visitor.page, ".agent a.file")

    assert content == PAGE
    harmless(headers)
