"""The live board in a real browser: it moves by itself, says when it is old, and can be read by everybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from trunkline.queue.server_binary import ServerBinary

from ..conftest import Running
from ..gateway import ADMIN, Gateway, gateway
from .desk import sign_in
from .readable import faint_texts, nameless
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

BROKEN = ("Failed to load resource", "ERR_CONNECTION", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE")
SIZES = {
    "wide": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2, "color_scheme": "dark"},
}


@pytest_asyncio.fixture(loop_scope="session")
async def own(server_binary: ServerBinary) -> AsyncIterator[Gateway]:
    """A gateway that the test may kill."""
    async with gateway() as made:
        await made.start()
        yield made


async def signed_in(watched: Watched, made: Gateway, **options: Any) -> BrowserContext:
    """A browser in which the administrator has signed in."""
    context = await watched.context(hosts=[made.url], **options)
    await sign_in(context, made, ADMIN)
    return context


@asynccontextmanager
async def board(watched: Watched, made: Gateway, query: str = "", **options: Any) -> AsyncIterator[Page]:
    """The board, live."""
    context = await signed_in(watched, made, **options)
    page = await watched.also(context, f"{made.url}/board{query}")
    await expect(page.locator("#as-of")).to_have_attribute("data-state", "live")
    yield page
    await watched.settled(page)
    await context.close()


def figure(page: Page, name: str) -> Any:
    """The value of one of the four numbers."""
    return page.locator(".figure", has_text=name).locator(".figure-value")


async def widths(bar: Locator) -> tuple[int, int]:
    """How much of a load is accepted, and how much is offered."""
    accepted, offered = (bar.locator(f".load-{part}") for part in ("accepted", "offered"))
    return int(await accepted.get_attribute("width") or -1), int(await offered.get_attribute("width") or -1)


async def test_the_board_moves_by_itself(watched: Watched, running: Running) -> None:
    async with board(watched, running.gateway) as page:
        await running.api.do("POST", "/v1/tickets", {"text": "My lamp is broken", "email": "b1@example.test"})
        await expect(figure(page, "Waiting now")).to_have_text("1")
        await expect(page.locator("#part-verdict")).to_contain_text("1 ticket waits in support")
        await running.api.presence("ada")
        await expect(page.locator("[data-key='agent-ada']")).to_contain_text("offered")
        await expect(page.locator(".figure", has_text="Waiting now")).to_contain_text("offered to an agent")
        await expect(figure(page, "Waiting now")).to_have_text("1")
        await expect(page.locator("#part-verdict")).to_contain_text("1 ticket waits, in time and offered to an agent")
        load = page.locator("[data-key='agent-ada'] .load-bar")
        assert await load.get_attribute("aria-valuetext") == "1 of 5, 1 of it offered"
        assert await widths(load) == (0, 1)
        (ticket,) = await running.api.tickets()
        await running.api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        link = page.locator("[data-key='agent-ada'] a", has_text=ticket["number"])
        await expect(link).to_have_attribute("href", f"/desk/tickets/{ticket['number']}")
        await expect(page.locator("#part-verdict")).to_contain_text("All is well")
        await expect(figure(page, "Waiting now")).to_have_text("0")
        await expect(load).to_have_attribute("aria-valuetext", "1 of 5")
        assert await widths(load) == (1, 0)


async def test_the_age_of_the_oldest_grows_without_the_server(watched: Watched, running: Running) -> None:
    async with board(watched, running.gateway) as page:
        await page.evaluate(  # in the heading, which the server does not renew
            "() => { const e = document.querySelector('h1'); e.innerHTML = "
            '`<span data-since="${trunkline.now() - 3599500}">x</span>` }'
        )
        await expect(page.locator("h1 [data-since]")).to_have_text("1 h")


@pytest.mark.long
async def test_a_board_whose_gateway_was_killed_says_how_old_it_is_and_comes_back(
    watched: Watched, own: Gateway
) -> None:
    watched.expect(*BROKEN)
    async with board(watched, own) as page, own.api() as api:
        await api.do("POST", "/v1/tickets", {"text": "My lamp is broken", "email": "b2@example.test"})
        await expect(figure(page, "Waiting now")).to_have_text("1")
        await own.processes[-1].kill()
        late = page.locator("#as-of[data-state=late]")
        await expect(late).to_contain_text("reconnecting")
        await expect(late).to_contain_text("as of ")
        await expect(page.locator("#board")).to_have_class("board old")
        await own.start()
        await expect(page.locator("#as-of")).to_have_attribute("data-state", "live")
        await expect(page.locator("#board")).to_have_class("board")
        await expect(figure(page, "Waiting now")).to_have_text("1")
        await expect(page.locator("#part-balance")).to_contain_text("Balances")


@pytest.mark.parametrize("size", SIZES)
async def test_it_fits_and_can_be_read(watched: Watched, running: Running, size: str) -> None:
    async with board(watched, running.gateway, **SIZES[size]) as page:
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await faint_texts(page) == []
        assert await nameless(page) == []


# Times and counts as long as they become on a bad day.
CROWDED = """() => {
  const say = (element, words) => { element.textContent = words; };
  document.querySelectorAll('.figure-value').forEach((value, i) => say(value, i % 2 ? '59 min 59 s' : '12,345'));
  for (const row of document.querySelectorAll('#part-queues tbody tr')) {
    row.cells[1].innerHTML = '<span class="strong">1,118</span><span class="under">112 offered</span>';
    say(row.cells[2], '23 min 38 s');
    row.cells[5].innerHTML = '<span class="chip bad">128 late</span> <span class="chip warn">112 at risk</span>';
  }
  document.querySelectorAll('#part-agents tbody tr').forEach((row) => say(row.cells[6], '13 min 38 s'));
}"""
# Whatever is outside the screen, or cut off by its own box without an ellipsis, and numbers that wrap.
CUT_OFF = """() => {
  const wrong = [], page = document.documentElement;
  const note = (element, why) => wrong.push(`${why}: ${element.className} ${element.textContent.trim().slice(0, 30)}`);
  if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) wrong.push('larger than the screen');
  for (const element of document.querySelectorAll('.board *')) {
    if (!element.checkVisibility() || element.closest('.unseen, svg')) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) note(element, 'outside');
    const over = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    const hides = style.overflowX !== 'visible' || style.overflowY !== 'visible';
    if (over && hides && style.textOverflow !== 'ellipsis') note(element, 'cut off');
  }
  for (const value of document.querySelectorAll('.figure-value, td.number:not(:has(*))')) {
    if (!value.checkVisibility()) continue;
    const words = document.createRange();
    words.selectNodeContents(value);
    if (words.getBoundingClientRect().right > value.getBoundingClientRect().right + 1) note(value, 'too long');
    if (new Set([...words.getClientRects()].map((line) => Math.round(line.top / 8))).size > 1) note(value, 'wraps');
  }
  return wrong;
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080)])
async def test_on_a_wall_it_is_one_screen_and_nothing_is_cut_off(
    watched: Watched, running: Running, width: int, height: int
) -> None:
    options = {"viewport": {"width": width, "height": height}}
    async with board(watched, running.gateway, "?wall", **options) as page:
        assert await page.evaluate(CUT_OFF) == []
        await page.evaluate(CROWDED)
        assert await page.evaluate(CUT_OFF) == []


async def test_on_a_wall_a_long_list_scrolls_in_its_block(watched: Watched, running: Running) -> None:
    options = {"viewport": {"width": 1440, "height": 900}}
    async with board(watched, running.gateway, "?wall", **options) as page:
        await page.evaluate(
            "() => { const body = document.querySelector('#part-agents tbody'), row = body.rows[0];"
            " for (let i = 0; i < 60; i++) body.append(row.cloneNode(true)); }"
        )
        scroll = page.locator("#part-agents .scroll")
        assert (
            await scroll.evaluate("list => list.scrollHeight > list.clientHeight && getComputedStyle(list).overflowY")
            == "auto"
        )
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")


async def test_on_a_wall_it_is_dark_and_nothing_else(watched: Watched, running: Running) -> None:
    options = {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "light"}
    async with board(watched, running.gateway, "?wall", **options) as page:
        assert await page.locator("header.top:visible, button:visible, nav:visible").count() == 0
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 14, 17)"
        assert await faint_texts(page) == []


async def test_the_keyboard_leads_everywhere(watched: Watched, running: Running) -> None:
    context = await signed_in(watched, running.gateway)
    page = await watched.also(context, f"{running.gateway.url}/desk")
    await page.keyboard.press("g")
    await page.keyboard.press("b")
    await page.wait_for_selector("#part-queues")
    reached = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.textContent.trim().slice(0, 30)"))
    for words in ("Skip to the content", "Desk", "support", "0 dead letters", "0 suspended"):
        assert any(words in each for each in reached), (words, reached)


async def test_without_a_script_it_is_a_page_that_comes_again(watched: Watched, running: Running) -> None:
    context = await signed_in(watched, running.gateway, java_script_enabled=False)
    page = await watched.also(context, f"{running.gateway.url}/board")
    await expect(page.locator("#part-verdict")).to_be_visible()
    assert await page.locator("meta[http-equiv=refresh]").count() == 1


async def test_the_page_is_light(watched: Watched, running: Running) -> None:
    async with board(watched, running.gateway) as page:
        sizes: list[int] = await page.evaluate(
            "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map(entry => entry.transferSize)"
        )
        assert 20_000 < sum(sizes) < 60_000


@pytest.mark.parametrize("path", ["dead", "suspended"])
async def test_the_lists_behind_it_can_be_read_too(watched: Watched, running: Running, path: str) -> None:
    context = await signed_in(watched, running.gateway)
    page = await watched.also(context, f"{running.gateway.url}/board/{path}")
    await expect(page.locator("#letters")).to_contain_text("Nothing was")
    assert await nameless(page) == []
    assert await faint_texts(page) == []
