"""Merging and splitting on the desk in a browser: everybody can read and reach it, and sees at once what was done."""

import pytest
from playwright.async_api import expect

from ..conftest import Running
from .desk import desk, mine
from .test_desk_look import SIZES, looked_at
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("size", ["light", "phone"])
async def test_two_tickets_are_merged_answered_and_parted_and_one_is_split(
    watched: Watched, running: Running, size: str
) -> None:
    first = await mine(running, "ada", "My lamp is broken", subject="Lamp")
    second = await mine(running, "ada", "And so is mine", name="Li", subject="Another lamp")
    async with desk(watched, running, path=f"/desk/tickets/{second}", **SIZES[size]) as page:
        await page.locator("#more-menu summary").click()
        await page.get_by_role("link", name="Merge into another ticket").click()
        await page.get_by_label("Its number").fill(first)
        await looked_at(page)
        await page.get_by_role("button", name="See what changes").click()
        await expect(page.locator(".notice")).to_contain_text("two customers’ conversations")
        await looked_at(page)
        await page.get_by_role("button", name=f"Merge {second} into {first}").click()
        await expect(page.locator("#timeline")).to_contain_text("And so is mine")
        await expect(page.get_by_label("Reply goes to")).to_contain_text(f"{second} · ")
        await looked_at(page)
        await page.goto(f"{running.gateway.url}/desk/tickets/{second}")
        await looked_at(page)
        await page.get_by_role("button", name="Undo the merge").click()
        await expect(page.locator(".ticket-facts")).to_contain_text("nobody has it")
        entry = (await running.api.do("GET", f"/v1/tickets/{first}"))["articles"][0]
        await page.goto(f"{running.gateway.url}/desk/tickets/{first}/split?article={entry['id']}")
        await expect(page.get_by_role("button", name="Split it off")).to_be_visible()
        await looked_at(page)
