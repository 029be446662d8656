"""Proposals in a browser: worked through by keyboard, undone by it, and everybody can read and reach them."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from ..conftest import Running
from .desk import mail, signed_in
from .test_desk_look import SIZES, looked_at
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSED = 'trunkline_people_total{outcome="kept_apart"}'


async def metric(running: Running, name: str) -> float:
    return float(await running.api.metric(name))


@pytest.mark.parametrize("size", ["light", "phone"])
async def test_proposals_are_decided_and_undone_with_the_keyboard(
    watched: Watched, running: Running, size: str
) -> None:
    for domain in (f"{uuid4().hex[:8]}.example", f"{uuid4().hex[:8]}.example"):
        for local in ("m.lee", "maria.lee"):
            await mail(running, "hello", sender=f"{local}@{domain}", name="Maria Lee")
    refused = await metric(running, REFUSED)
    assert await metric(running, "trunkline_proposals_open") == 2
    context = await signed_in(watched, running, "ada", **SIZES[size])
    page = await watched.also(context, f"{running.gateway.url}/desk/proposals")
    cards = page.locator(".proposal")
    await expect(cards).to_have_count(2)
    await looked_at(page)
    first, second = [str(await cards.nth(place).get_attribute("data-key")) for place in range(2)]
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator(f"[data-key='{second}']")).to_be_focused()
    await page.keyboard.press("y")
    await expect(page.locator("#proposals .notice")).to_contain_text("They are one person now")
    await expect(page.locator(f"[data-key='{first}']")).to_be_focused()
    await looked_at(page)
    await page.keyboard.press("z")
    await expect(cards).to_have_count(2)
    await page.keyboard.press("n")
    await expect(cards).to_have_count(1)
    await page.keyboard.press("n")
    await expect(page.locator("#proposals .nothing")).to_contain_text("Nobody is proposed")
    await page.keyboard.press("z")
    await expect(cards).to_have_count(1)
    await page.keyboard.press("n")
    await expect(cards).to_have_count(0)
    await watched.settled(page)
    assert await metric(running, "trunkline_proposals_open") == 0
    assert await metric(running, REFUSED) == refused + 3
    await context.close()
