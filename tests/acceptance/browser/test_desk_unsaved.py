"""What an agent has written and not saved or sent is kept, and is said to be unsaved, whatever happens meanwhile."""

import pytest
from playwright.async_api import Page, expect

from ..conftest import Running
from .desk import desk, mine
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def unsaved(page: Page, tags: str) -> None:
    """The tags stand in their field, with a button that saves them."""
    await expect(page.locator("#field-tags")).to_have_value(tags)
    await expect(page.locator("#person .saving").last).to_be_visible()
    await expect(page.locator("#person .saving").last).to_contain_text("Not saved yet")


async def tags(running: Running, number: str) -> list[str]:
    return list((await running.api.get(f"/v1/tickets/{number}"))["tags"])


async def test_tags_stay_to_be_saved_through_a_reply_a_note_an_assignment_and_a_colleague(
    watched: Watched, running: Running
) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.fill("#field-tags", "broken, lamp")
        await running.api.do("PATCH", f"/v1/tickets/{number}", {"priority": 2}, If_Match="*")
        await expect(page.locator("#field-priority")).to_have_value("2")
        await unsaved(page, "broken, lamp")
        await page.click("#tab-note")
        await page.fill("#text", "Look at the shade")
        await page.click("#send")
        await expect(page.locator(".entry.note")).to_contain_text("Look at the shade")
        await unsaved(page, "broken, lamp")
        await page.click("#tab-reply")
        await page.fill("#text", "A new one is on its way")
        await page.get_by_role("button", name="Send as pending").click()
        await expect(page.locator(".entry.held")).to_contain_text("A new one")
        await unsaved(page, "broken, lamp")
        await page.get_by_role("button", name="Assign").click()
        await unsaved(page, "broken, lamp")
        assert await tags(running, number) == []
        await page.locator("#toasts").get_by_role("button", name="Save it").click()
        await expect(page.locator("#person .saving").last).to_be_hidden()
        await expect(page.locator("#toasts")).not_to_contain_text("not saved")
        assert await tags(running, number) == ["broken", "lamp"]


async def test_fields_come_back_with_their_ticket_and_after_a_reload_until_they_are_discarded(
    watched: Watched, running: Running
) -> None:
    other, number = await mine(running, "ada", "another"), await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.fill("#field-language", "nl")
        await page.select_option("#field-priority", "1")
        await page.locator(f"[data-key='mine-{other}'] .item").click()
        await expect(page.locator("#ticket")).to_have_attribute("data-number", other)
        await expect(page.locator("#field-priority")).to_have_value("3")
        await page.locator(f"[data-key='mine-{number}'] .item").click()
        await expect(page.locator("#field-language")).to_have_value("nl")
        await page.reload()
        await expect(page.locator("#field-priority")).to_have_value("1")
        await page.get_by_role("button", name="Discard").last.click()
        await expect(page.locator("#field-priority")).to_have_value("3")
        await expect(page.locator("#person .saving").last).to_be_hidden()


async def test_saving_one_field_takes_back_nothing_that_a_colleague_wrote_into_another(
    watched: Watched, running: Running
) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.route("**/desk/parts/tickets/*/person", lambda route: route.abort())
        watched.expect("net::ERR_FAILED")
        await running.api.do("PATCH", f"/v1/tickets/{number}", {"tags": ["vip"]}, If_Match="*")
        await page.fill("#field-language", "nl")
        await page.unroute("**/desk/parts/tickets/*/person")
        await page.get_by_role("button", name="Save", exact=True).last.click()
        await expect(page.locator("#field-tags")).to_have_value("vip")
    ticket = await running.api.get(f"/v1/tickets/{number}")
    assert (ticket["language"], ticket["tags"]) == ("nl", ["vip"])


async def test_a_text_that_is_too_long_is_kept_and_says_what_a_message_takes(
    watched: Watched, running: Running
) -> None:
    number, text = await mine(running, "ada"), "lamp " * 14_000
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.fill("#text", text)
        await expect(page.locator("#kept")).to_have_text("Too long: 68.4 KiB, and a message takes 64 KiB")
        await page.click("#send")
        await expect(page.locator("#alarms")).to_contain_text("nothing was sent")
        await expect(page.locator("#text")).to_have_value(text)


async def test_above_a_note_stands_that_only_colleagues_see_it(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await expect(page.locator("#reply-target")).to_be_visible()
        await page.click("#tab-note")
        await expect(page.locator("#reply-target")).to_be_hidden()
        await expect(page.locator("#note-target")).to_have_text("Internal note: only colleagues see it")


@pytest.mark.parametrize(("name", "width"), [("M" * 180, 1280), ("\u202e" + "\u05d0" * 180, 390)])
async def test_a_long_name_leaves_the_proof_where_it_is_seen(
    watched: Watched, running: Running, name: str, width: int
) -> None:
    number = await mine(running, "ada", name=name)
    options = {"viewport": {"width": width, "height": 800}}
    async with desk(watched, running, path=f"/desk/tickets/{number}", **options) as page:
        proof, entry = page.locator(".entry.theirs .proof").first, page.locator(".entry.theirs").first
        inner, outer = await proof.bounding_box(), await entry.bounding_box()
        assert inner is not None
        assert outer is not None
        assert outer["x"] <= inner["x"] <= inner["x"] + inner["width"] <= outer["x"] + outer["width"]
