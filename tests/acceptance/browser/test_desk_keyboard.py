"""An agent's work by the keyboard alone: accept, note, canned reply, undo, reply, solve, decline, search."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from ..conftest import Running
from ..mails import plain
from .desk import desk, mail, mine
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNDO = "10s"


async def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        await page.keyboard.press(key)


async def test_an_agent_works_a_ticket_from_the_offer_to_the_end(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    number = await mail(running, "The shade is green, I ordered sand.", sender="k1@example.org")
    async with desk(watched, running) as page:
        await expect(page.locator(f"[data-key='offers-{number}']")).to_be_visible()
        await keys(page, "j", "Enter")
        await expect(page.locator("#ticket")).to_have_attribute("data-number", number)
        await expect(page.locator("#ticket-title")).to_be_focused()
        await keys(page, "a")
        await expect(page.locator(".ticket-facts")).to_contain_text("you have it")
        await expect(page.locator(f"[data-key='mine-{number}']")).to_be_visible()

        await keys(page, "n")
        await page.keyboard.type("Packed wrongly; sand is in stock.")
        await keys(page, "Control+Enter")
        await expect(page.locator(".entry.note")).to_contain_text("Packed wrongly")

        await keys(page, "Escape", "r")
        await page.keyboard.type("/order")
        await expect(page.locator(".canned-item[aria-selected=true]")).to_contain_text("/order-number")
        await keys(page, "Enter")
        await expect(page.locator("#text")).to_have_value(
            "Hello Maria, could you send us the number of your order? Then we can look at it at once."
        )
        await keys(page, "Control+Enter")
        await expect(page.locator(".entry.held")).to_contain_text("leaves in")
        await keys(page, "Escape", "z")
        await expect(page.locator(".entry.held")).to_have_count(0)
        await expect(page.locator("#text")).to_have_value(
            "Hello Maria, could you send us the number of your order? Then we can look at it at once."
        )

        await keys(page, "r", "Control+a")
        await page.keyboard.type("The sand one leaves today.")
        await keys(page, "Control+Enter")
        await expect(page.locator("#text")).to_have_value("")
        sent = page.locator(".entry.ours:not(.held)")
        await expect(sent).to_contain_text("The sand one leaves today.")
        await expect(sent.locator(".receipt")).to_contain_text("Sent")

        await keys(page, "Escape", "e")
        await expect(page.locator(".ticket-facts")).to_contain_text("solved")
    answer = await running.sink.mail(lambda each: each["To"] == "Maria <k1@example.org>" and "sand one" in plain(each))
    assert "number of your order" not in plain(answer)


async def test_an_offer_is_declined_with_a_reason(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    number = await mail(running, "Who can help?")
    async with desk(watched, running) as page:
        await expect(page.locator(f"[data-key='offers-{number}']")).to_be_visible()
        await keys(page, "j", "Enter")
        await expect(page.locator("#ticket-title")).to_be_focused()
        await keys(page, "d")
        await expect(page.locator("#decline-reason")).to_be_focused()
        await page.keyboard.type("lunch")
        await keys(page, "Enter")
        await expect(page.locator("#timeline")).to_contain_text("Ada declined: lunch")
        await expect(page.locator(f"[data-key='offers-{number}']")).to_have_count(0)


async def test_one_moves_through_the_list_and_searches_it(watched: Watched, running: Running) -> None:
    first, second = [await mine(running, "ada", text) for text in ("The first lamp", "The second lamp")]
    async with desk(watched, running) as page:
        await keys(page, "j")
        await expect(page.locator(f"[data-key='mine-{first}'] .item")).to_be_focused()
        await keys(page, "j", "j")
        await expect(page.locator(f"[data-key='mine-{second}'] .item")).to_be_focused()
        await keys(page, "k", "/")
        await page.keyboard.type("second lamp")
        await expect(page.locator("[data-key^='found-']")).to_have_count(1)
        await keys(page, "Escape")
        await expect(page.locator("[data-key^='mine-']")).to_have_count(2)


async def test_a_list_goes_on_by_the_keyboard_and_the_focus_goes_on_with_it(watched: Watched, running: Running) -> None:
    first, second = [await mine(running, "ada", text) for text in ("The first lamp", "The second lamp")]

    async def short(route: Route) -> None:
        asked = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        answer = await route.fetch(headers=asked)
        html = await answer.text()
        if "more=" not in route.request.url:
            more = '<p class="more"><a href="/desk?more=mine:80" data-more="mine:80">Show more</a></p>'
            html = re.sub(rf'<li data-key="mine-{second}".*?</li>\s*</ul>', f"</ul>{more}", html, flags=re.DOTALL)
        await route.fulfill(response=answer, body=html)

    async with desk(watched, running, path=f"/desk/tickets/{first}") as page:
        await page.route("**/desk/parts/list?*", short)
        await running.api.do("PATCH", f"/v1/tickets/{first}", {"priority": 2}, If_Match="*")
        await expect(page.locator(f"[data-key='mine-{second}']")).to_have_count(0)
        await keys(page, "j", "j", "Enter")
        await expect(page.locator(f"[data-key='mine-{second}'] .item")).to_be_focused()
        await expect(page.locator("#news")).to_have_text("1 more")


async def test_letters_do_nothing_while_one_writes_or_when_they_are_turned_off(
    watched: Watched, running: Running
) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await keys(page, "r")
        await page.keyboard.type("e a d j ?")
        await expect(page.locator("#text")).to_have_value("e a d j ?")
        await expect(page.locator(".ticket-facts")).to_contain_text("open")
        await keys(page, "Control+a", "Delete", "Escape", "?")
        await expect(page.locator("#help")).to_be_visible()
        await expect(page.locator("#help-keys")).to_contain_text("Write an internal note")
        await page.locator("#keys-on").uncheck()
        await keys(page, "Escape", "e")
        await watched.settled(page)
        await expect(page.locator(".ticket-facts")).to_contain_text("open")
        await expect(page.locator("#help")).to_be_hidden()
