"""Macros and changes by hand: tickets are ticked in the list by key, and each says what was done."""

import pytest
from playwright.async_api import expect

from ..conftest import Running
from .desk import desk, mine
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_tickets_are_ticked_by_key_and_changed_together(watched: Watched, running: Running) -> None:
    numbers = [await mine(running, "ada", f"Lamp {each}") for each in range(2)]
    async with desk(watched, running) as page:
        await expect(page.locator("#picked")).to_be_hidden()
        for number in numbers:
            await page.locator(f"[data-key='mine-{number}'] .item").focus()
            await page.keyboard.press("x")
        await expect(page.locator("#picked")).to_be_visible()
        await page.keyboard.press("m")
        await expect(page.locator("h1")).to_have_text("Macros for 2 tickets")
        await page.get_by_label("Add tags").fill("lamp, spring")
        await page.get_by_role("button", name="Change 2 tickets").click()
        await expect(page.locator(".deciding")).to_contain_text("2 of 2 as asked.")
        for number in numbers:
            ticket = await running.api.get(f"/v1/tickets/{number}")
            assert ticket["tags"] == ["lamp", "spring"]


async def test_for_the_open_ticket_one_key_leads_to_its_macros_and_back(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.keyboard.press("m")
        await expect(page.locator("h1")).to_have_text(f"Macros for {number}")
        await page.get_by_role("link", name=f"Back to {number}").click()
        await expect(page.locator("#ticket-title")).to_be_visible()
