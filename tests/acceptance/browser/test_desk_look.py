"""The desk page for everybody: names, contrast, focus and room for the text in light and dark, on a phone, at 200 %."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from ..conftest import Running
from .accessibility import faults, focus_faults, stops
from .desk import desk, desk_without_script, mail, mine
from .readable import faint_texts
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNDO = "1min"

SIZES: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2, "color_scheme": "dark"},
}


async def wide(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))


async def looked_at(page: Page) -> None:
    """What must be true in every state."""
    assert await faults(page) == []
    assert await faint_texts(page) == []
    assert await wide(page) <= 0
    assert await page.locator("[style]:not(iframe)").count() == 0


@pytest.mark.parametrize("size", SIZES)
async def test_everybody_can_read_and_reach_everything(watched: Watched, running: Running, size: str) -> None:
    await running.api.presence("ada")
    await mail(running, "Is it waterproof?", name="A person with a name that is much longer than any column is wide")
    number = await mine(running, "ada", "It is green, https://shop.example/" + "x" * 200)
    await running.api.do("POST", f"/v1/tickets/{number}/messages", {"kind": "note", "text": "A note", "agent": "ada"})
    async with desk(watched, running, **SIZES[size]) as page:
        await expect(page.locator("#list .offer").first).to_be_visible()
        await looked_at(page)
        await page.locator(f"[data-key='mine-{number}'] .item").click()
        await expect(page.locator(".entry.note")).to_be_visible()
        await looked_at(page)
        await page.press("#text", "/")
        await expect(page.locator("#canned")).to_be_visible()
        await looked_at(page)
        await page.keyboard.press("Escape")
        await page.locator("#more-menu summary").click()
        await looked_at(page)
        await page.goto(f"{running.gateway.url}/desk/macros?ticket={number}")
        await looked_at(page)


async def test_the_focus_goes_through_the_page_and_always_shows(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        found = await stops(page)
        assert focus_faults(found) == []
        names = " ".join(stop.name for stop in found)
        for name in ("Search tickets", "Solve", "Conversation", "Your text", "Send", "Queue", "Assign"):
            assert name in names, found


async def test_on_a_phone_one_goes_from_the_list_to_a_ticket_and_back(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, **SIZES["phone"]) as page:
        await page.locator(f"[data-key='mine-{number}'] .item").click()
        await expect(page.locator("#ticket")).to_be_visible()
        await expect(page.locator("#list")).to_be_hidden()
        await page.locator("#person-open").click()
        await expect(page.locator("#person")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#person")).to_be_hidden()
        await page.locator("#person-open").click()
        await page.locator("#person-close").click()
        await expect(page.locator("#person")).to_be_hidden()
        await page.locator("#tab-note").click()
        await expect(page.locator("#composer")).to_have_attribute("data-kind", "note")
        await page.locator(".back").click()
        await expect(page.locator("#list")).to_be_visible()
        await expect(page.locator("#ticket")).to_be_hidden()


async def test_whoever_wants_no_motion_gets_words_instead_of_rings(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    await mail(running, "Is it waterproof?")
    async with desk(watched, running, reduced_motion="reduce") as page:
        await expect(page.locator("#list .offer .left").first).to_contain_text("left")
        await expect(page.locator("#list .offer .ring").first).to_be_hidden()


async def test_without_a_script_everything_still_works(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada", "Does it work without?")
    async with desk_without_script(watched, running) as page:
        await page.goto(f"{running.gateway.url}/desk/tickets/{number}")
        await page.fill("#text", "A note without a script")
        await page.get_by_role("button", name="Add as internal note").click()
        await expect(page.locator(".entry.note")).to_contain_text("A note without a script")
        await page.fill("#text", "It works")
        await page.get_by_role("button", name="Send", exact=True).click()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.locator("#text")).to_have_value("It works")
        await page.get_by_role("button", name="Solve", exact=True).click()
        await expect(page.locator(".ticket-facts")).to_contain_text("solved")
        await page.goto(f"{running.gateway.url}/desk?q=does+work+without")
        await expect(page.locator("[data-key^=section-found] .item")).to_contain_text("Does it work without?")
