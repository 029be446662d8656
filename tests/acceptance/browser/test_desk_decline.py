"""An offer is declined with a reason, and for some seconds the agent can think better of it."""

import pytest
from playwright.async_api import Page, expect

from ..conftest import Running
from .desk import desk, mail
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def declined(page: Page, number: str) -> None:
    """The offer is declined in the list, with a reason that is offered."""
    row = page.locator(f"[data-key='offers-{number}']")
    await row.locator("summary", has_text="Decline").click()
    await row.get_by_role("button", name="No time now").click()
    await expect(row).to_have_class("offer going")


async def test_who_declined_can_undo_it_by_button_and_by_key_and_accept(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    async with desk(watched, running) as page:
        number = await mail(running, "Who can help?")
        row = page.locator(f"[data-key='offers-{number}']")
        await declined(page, number)
        await page.locator("#toasts").get_by_role("button", name="Undo").click()
        await expect(row).to_have_class("offer")
        await declined(page, number)
        await page.keyboard.press("z")
        await expect(row).to_have_class("offer")
        await declined(page, number)
        await row.get_by_role("button", name="Accept").click()
        await expect(page.locator(".ticket-facts")).to_contain_text("you have it")
        await expect(page.locator("#timeline")).not_to_contain_text("declined")


async def test_what_was_declined_is_declined_also_when_the_page_goes(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    async with desk(watched, running) as page:
        number, after = await mail(running, "Who can help?"), await running.api.position()
        await declined(page, number)
        await page.goto(f"{running.gateway.url}/board")
        said = await running.api.until("ticket.declined", after=after)
        assert said["data"]["changes"]["reason"] == "No time now"
