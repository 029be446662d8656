"""Desk, board and chat with a conversation going on: by keyboard, small, magnified, dark, and from right to left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from ..conftest import Running
from .accessibility import faults, focus_faults, focused, stops
from .agent import Agent
from .desk import cleared, desk, live
from .readable import faint_texts
from .visitor import Visitor
from .watched import Watched

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
]

UNDO = "10s"

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2, "color_scheme": "light"},
    "wide, dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
}
ARABIC = "مرحبا، مصباحي لا يعمل منذ يوم أمس. هل يمكنكم مساعدتي؟"


@asynccontextmanager
async def visiting(watched: Watched, running: Running, query: str = "", **options: Any) -> AsyncIterator[Visitor]:
    """A visitor on our own page, whose chat stands open."""
    page = await watched.open(f"{running.gateway.url}/chat/web{query}", **options)
    visitor = Visitor(page)
    await expect(visitor.panel).to_be_visible()
    yield visitor
    await watched.settled(page)
    await page.context.close()


async def looked_at(page: Page) -> None:
    """What must be true of a page in every state."""
    assert await faults(page) == []
    assert await faint_texts(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def reached(page: Page, name: str) -> None:
    """Tab until the focus is there; on its way it always shows."""
    passed = []
    for _ in range(80):
        await page.keyboard.press("Tab")
        stop = await focused(page)
        passed += [stop] if stop else []
        if stop and name in stop.name:
            assert focus_faults(passed) == []
            return
    raise AssertionError(f"{name} is not among {[stop.name for stop in passed]}")


async def test_one_conversation_with_no_mouse_on_either_side(watched: Watched, running: Running) -> None:
    await cleared(running, "ada")
    async with desk(watched, running) as page, visiting(watched, running) as visitor:
        agent, keys = Agent(page), page.keyboard
        await reached(page, "Ada is offline")
        await keys.press("Enter")
        await reached(page, "Available")
        await keys.press("Enter")
        await expect(page.locator("#worker .said").first).to_have_text("available")

        await reached(visitor.page, "Write a message")
        await visitor.page.keyboard.type("My lamp is broken")
        await visitor.page.keyboard.press("Enter")
        await expect(agent.offers).to_have_count(1)
        await agent.accepts()
        await keys.press("n")
        await keys.type("Bought last week")
        await keys.press("Control+Enter")
        await expect(page.locator(".entry.note")).to_contain_text("Bought last week")
        await keys.press("Escape")
        await agent.replies("To take back")
        await expect(agent.held).to_have_count(1)
        await keys.press("Escape")
        await keys.press("z")
        await expect(agent.box).to_have_value("To take back")
        await keys.press("r")
        await keys.press("Control+a")
        await agent.replies("Which lamp is it?")
        await expect(visitor.line("Which lamp is it?")).to_be_visible()
        await expect(visitor.line("To take back")).to_have_count(0)
        await expect(visitor.line("Bought last week")).to_have_count(0)

        await keys.press("Escape")
        await keys.press("?")
        await expect(page.locator("#help")).to_be_visible()
        await looked_at(page)
        await keys.press("Escape")
        await expect(page.locator("#help")).to_be_hidden()
        await keys.press("e")
        await expect(page.locator(".ticket-facts")).to_contain_text("solved")
        await keys.press("g")
        await keys.press("b")
        await page.wait_for_url("**/board")
        await live(page)
        await looked_at(page)
        await keys.press("g")
        await keys.press("d")
        await page.wait_for_url("**/desk")
        await live(page)
        await visitor.page.keyboard.press("Escape")
        await expect(visitor.panel).to_be_hidden()
        await expect(visitor.launcher).to_be_focused()


@pytest.mark.parametrize("size", SIZES)
async def test_every_place_fits_and_can_be_used_by_everybody(watched: Watched, running: Running, size: str) -> None:
    await cleared(running, "ada")
    await running.api.presence("ada")
    options = SIZES[size]
    async with visiting(watched, running, **options) as visitor, desk(watched, running, **options) as page:
        await visitor.write("My lamp is broken, https://lamps.example/" + "x" * 120)
        agent = Agent(page)
        await expect(agent.offers.first).to_be_visible()
        await looked_at(page)
        number = await agent.accepts()
        await running.api.do(
            "POST", f"/v1/tickets/{number}/messages", {"kind": "reply", "text": "Which one?", "agent": "ada"}
        )
        await expect(visitor.line("Which one?")).to_be_visible()
        await expect(agent.entry("Which one?")).to_be_visible()
        await agent.types("A " + "long " * 40)
        for each in (page, visitor.page):
            await looked_at(each)
        await agent.sends()
        await expect(agent.held).to_have_count(1)
        await looked_at(page)
        assert focus_faults(await stops(page)) == []
        assert focus_faults(await stops(visitor.page)) == []
        for path in ("/board", "/board/dead", "/board/suspended", "/desk/tickets/T-0"):
            watched.expect("status of 404")
            await page.goto(running.gateway.url + path)
            await looked_at(page)
        await page.goto(f"{running.gateway.url}/desk")


async def test_a_conversation_from_right_to_left(watched: Watched, running: Running) -> None:
    await cleared(running, "ada")
    await running.api.presence("ada")
    phone = SIZES["phone"]
    async with visiting(watched, running, "?language=ar", **phone) as visitor, desk(watched, running) as page:
        assert await visitor.page.evaluate("document.documentElement.dir") == "rtl"
        await visitor.write(ARABIC)
        await looked_at(visitor.page)
        assert focus_faults(await stops(visitor.page)) == []
        agent = Agent(page)
        number = await agent.accepts()
        await expect(agent.entry(ARABIC).locator(".said-text")).to_have_css("direction", "rtl")
        body = {"kind": "reply", "text": "بالتأكيد. أي مصباح هو؟", "agent": "ada"}
        await running.api.do("POST", f"/v1/tickets/{number}/messages", body)
        await expect(visitor.line(body["text"]).locator(".bubble > p").first).to_have_css("direction", "rtl")
        await looked_at(visitor.page)
        await looked_at(page)
