"""What every page of the desk stands in, in a real browser: signing in, menus, help, keys, and content that is renewed.

Sign-in and header are used without a mouse; new content disturbs nobody; a restart is seen and survived.
"""

import pytest
from playwright.async_api import Page, expect

from ..conftest import Running
from .accessibility import faults
from .desk import desk, live, mine, token_of
from .readable import faint_texts, nameless
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

_LOST = ("Failed to load resource", "failed to fetch", "ERR_")

_SWAP = """() => {
  const box = document.createElement("div");
  box.innerHTML = `<ul><li data-key="a"><input id="name" value="x"></li><li data-key="b"><details><summary>s</summary>t
    </details></li><li data-key="c">gone</li></ul><textarea id="words"></textarea><p data-keep>mine</p>`;
  document.body.append(box);
  const field = box.querySelector("input"), fold = box.querySelector("details"), words = box.querySelector("textarea");
  field.focus();
  field.value = "typed";
  field.setSelectionRange(1, 3);
  fold.open = true;
  words.value = "half a sentence";
  trunkline.swap(box, `<ul><li data-key="n">new</li><li data-key="b"><details><summary>s2</summary>t2</details></li>
    <li data-key="a" class="read"><input id="name" value="y"></li></ul><textarea id="words">theirs</textarea>
    <p data-keep>theirs</p>`);
  const seen = {
    same: field === box.querySelector("input") && fold === box.querySelector("details"),
    focused: field === document.activeElement,
    typed: [field.value, field.selectionStart, field.selectionEnd, words.value],
    open: fold.open,
    keys: [...box.querySelectorAll("li")].map((item) => item.dataset.key),
    fresh: [fold.querySelector("summary").textContent, box.querySelector("[data-key=a]").className],
    kept: box.querySelector("p").textContent,
  };
  box.remove();
  return seen;
}"""


async def test_one_signs_in_works_and_signs_out_by_keyboard(watched: Watched, running: Running) -> None:
    watched.expect("401")
    url = running.gateway.url
    page = await watched.open(f"{url}/")
    await expect(page.locator("#token")).to_be_focused()
    await page.keyboard.type("not a token")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").first).to_contain_text("not known")
    await expect(page.locator("#token")).to_be_focused()
    await page.keyboard.type(await token_of(running, "carla"))
    await page.keyboard.press("Enter")
    await live(page)
    await page.locator("#worker summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#worker button[value=available]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#worker summary")).to_contain_text("available")
    await expect(page.locator("#worker summary")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/sign-in")
    await running.api.presence("carla", "offline")


async def test_a_link_with_the_token_fills_it_in_and_leaves_no_trace(watched: Watched, running: Running) -> None:
    page = await watched.open(f"{running.gateway.url}/desk/sign-in?next=/board#tlk_secret%20one")
    await expect(page.locator("#token")).to_have_value("tlk_secret one")
    assert page.url.endswith("/desk/sign-in?next=/board")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_sign_in_can_be_used_by_everybody(watched: Watched, running: Running, scheme: str) -> None:
    context = await watched.context(
        hosts=[running.gateway.url], color_scheme=scheme, viewport={"width": 320, "height": 640}
    )
    page = await watched.also(context, f"{running.gateway.url}/desk/sign-in")
    assert (await faults(page), await faint_texts(page), await nameless(page)) == ([], [], [])


async def test_help_lists_the_keys_and_can_turn_them_off(watched: Watched, running: Running) -> None:
    async with desk(watched, running) as page:
        await page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        await expect(dialog).to_contain_text("Go to the board")
        await dialog.get_by_label("Shortcuts of single keys").uncheck()
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(dialog).to_be_hidden()
        await page.locator("#help-button").click()
        await dialog.get_by_label("Shortcuts of single keys").check()
        await page.keyboard.press("Escape")
        await page.keyboard.press("g")
        await page.keyboard.press("b")
        await page.wait_for_url("**/board")


async def test_new_content_disturbs_nobody(watched: Watched, running: Running) -> None:
    async with desk(watched, running) as page:
        assert await page.evaluate(_SWAP) == {
            "same": True,
            "focused": True,
            "typed": ["typed", 1, 3, "half a sentence"],
            "open": True,
            "keys": ["n", "b", "a"],
            "fresh": ["s2", "read"],
            "kept": "mine",
        }


async def test_times_are_told_as_the_server_tells_them(watched: Watched, running: Running) -> None:
    async with desk(watched, running) as page:
        told = await page.evaluate(
            """(distances) => distances.map((distance) => {
              const box = document.createElement("p"), time = document.createElement("time");
              time.dateTime = new Date(trunkline.now() - distance * 1000).toISOString();
              time.dataset.style = "ago";
              box.append(time);
              trunkline.times(box);
              return time.textContent;
            })""",
            [0, 50, 59 * 60, 3600, 86_400, 3 * 86_400, -30, -300],
        )
    assert told == [
        "just now",
        "1 min ago",
        "59 min ago",
        "1 h ago",
        "1 day ago",
        "3 days ago",
        "in a moment",
        "in 5 min",
    ]


async def test_another_window_chooses_who_one_works_as(watched: Watched, running: Running) -> None:
    page = await watched.open(f"{running.gateway.url}/desk/sign-in#{await token_of(running, 'ada')}")
    await page.press("#token", "Enter")
    await live(page)
    other = await watched.also(page.context, f"{running.gateway.url}/desk")
    await other.locator("#worker summary").click()
    await other.get_by_role("button", name="Sign out").click()
    await other.wait_for_url("**/desk/sign-in")
    await expect(page.locator("#alarms")).to_contain_text("You are signed out")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "out")


async def _typed(page: Page, words: str) -> None:
    await page.locator("main textarea").first.fill(words)


async def test_a_restart_is_said_and_what_was_typed_stays(watched: Watched, running: Running) -> None:
    watched.expect(*_LOST)
    number = await mine(running, "boris")
    async with desk(watched, running, "boris", f"/desk/tickets/{number}") as page:
        await page.clock.install()
        await _typed(page, "half a sentence")
        await running.process.kill()
        await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
        await page.clock.fast_forward(6_000)
        await expect(page.locator("#stale")).to_contain_text("What you see is from")
        await running.gateway.start()
        await page.clock.fast_forward(20_000)
        await live(page)
        await expect(page.locator("#stale")).to_be_hidden()
        await expect(page.locator("main textarea").first).to_have_value("half a sentence")
