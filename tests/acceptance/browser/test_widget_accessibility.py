"""The widget for everybody: by keyboard alone, with a screen reader, small, magnified, dark, and from right to left."""

from typing import Any

import pytest
from playwright.async_api import expect

from .accessibility import faults, focus_faults, focused, stops
from .scripted_chat import TEXTS, ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LEAST = 40


async def talking(watched: Watched, chat: ScriptedChat, query: str = "", **options: Any) -> Visitor:
    """A conversation in which everything is to be seen."""
    files = [{"sha256": "0" * 64, "name": "lamp.jpg", "media_type": "image/jpeg", "size": 1_900_000, "url": "/x"}]
    await chat.say("Good day, this is https://lamps.example", files=files)
    visitor = await Visitor(await watched.open(f"{chat.shop}/?{query}", hosts=[chat.url], **options)).open()
    await visitor.write("Hello", "How are you?")
    await visitor.all_sent()
    await chat.send({"type": "typing", "name": "Ada"})
    await chat.send({"type": "refused", "code": "odd", "detail": ""})
    await expect(visitor.error).not_to_have_text("")
    return visitor


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("color", ["#1f5fbf", "#ffd500", "#767676", "#000000", "#ffffff"])
async def test_nothing_keeps_people_out(watched: Watched, scripted: ScriptedChat, scheme: str, color: str) -> None:
    scripted.color = color
    visitor = await talking(watched, scripted, color_scheme=scheme)

    assert await faults(visitor.page, smallest=LEAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nor_on_a_phone_away_and_in_the_way_to_answers_by_mail(
    watched: Watched, scripted: ScriptedChat, scheme: str
) -> None:
    scripted.online, scripted.opens_at = False, 1_800_000_000_000
    visitor = await talking(watched, scripted, color_scheme=scheme, **PHONE)
    assert await faults(visitor.page, smallest=LEAST) == []
    await visitor.files_chosen("lamp.jpg")
    assert await faults(visitor.page, smallest=LEAST) == []
    await visitor.page.get_by_role("button", name="Get answers by e-mail").click()

    assert await faults(visitor.page, smallest=LEAST) == []


@pytest.mark.parametrize("style", ["round", "bar", "text"])
@pytest.mark.parametrize("position", ["start", "end"])
async def test_every_button_style_has_a_name_and_stands_in_its_corner(
    watched: Watched, scripted: ScriptedChat, style: str, position: str
) -> None:
    query = f"data-button={style}&data-position={position}"
    visitor = Visitor(await watched.open(f"{scripted.shop}/?{query}", hosts=[scripted.url]))
    await visitor.launcher.wait_for()
    box = await visitor.launcher.bounding_box()
    assert box is not None

    assert await faults(visitor.page, smallest=LEAST) == []
    await expect(visitor.launcher).to_have_accessible_name("Open chat")
    assert box["x"] == 20 if position == "start" else box["x"] + box["width"] == 1260


async def test_the_keyboard_alone_is_enough(watched: Watched, scripted: ScriptedChat) -> None:
    page = await watched.open(scripted.shop, hosts=[scripted.url])
    visitor = Visitor(page)
    await visitor.launcher.wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    assert (await focused(page)).name == "Open chat"  # type: ignore[union-attr]
    await expect(visitor.launcher).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    await expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
    await expect(visitor.box).to_be_focused()

    await page.keyboard.type("One line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("and another")
    await page.keyboard.press("Enter")
    await visitor.sees("One line and another")
    await visitor.all_sent()
    await page.keyboard.press("Escape")

    assert [line["text"] for line in scripted.lines] == ["One line\nand another"]
    await expect(visitor.panel).to_be_hidden()
    await expect(visitor.launcher).to_be_focused()
    await expect(visitor.launcher).to_have_attribute("aria-expanded", "false")


async def test_tab_goes_through_the_widget_and_one_sees_where_one_is(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await talking(watched, scripted)
    await visitor.box.fill("x")
    await visitor.page.keyboard.press("Escape")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.box).to_be_focused()
    await visitor.page.locator("h1").click()

    found = await stops(visitor.page)

    names = [stop.name for stop in found]
    assert focus_faults(found) == []
    assert names[0] == "All lamps"
    assert names[1:4] == ["Close chat", "Close chat", "Write to us"]  # the button, the cross, the lines
    assert names[-4:] == ["Attach files", "Write a message…", "Send", "Get answers by e-mail"]


async def test_on_a_phone_the_focus_stays_in_the_sheet(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await talking(watched, scripted, **PHONE)
    await visitor.box.focus()

    names = [stop.name for stop in await stops(visitor.page, most=30)]

    assert "All lamps" not in names
    assert "Open chat" not in names
    box = await visitor.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.panel).to_be_hidden()


async def test_a_screen_reader_hears_what_it_is(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await talking(watched, scripted)

    await expect(visitor.panel).to_match_aria_snapshot("""
      - dialog "Write to us":
        - heading "Write to us" [level=2]
        - paragraph: We’re here
        - button "Close chat"
        - log "Write to us":
          - paragraph: today
          - paragraph: Ada
          - paragraph:
            - text: Good day, this is
            - link "https://lamps.example"
          - link "lamp.jpg 1.8 MB"
          - paragraph: /.*/
          - paragraph: You
          - paragraph: Hello
          - paragraph: You
          - paragraph: How are you?
          - paragraph: /Sent · .*/
          - paragraph: Ada is typing…
        - paragraph:
          - alert: Something went wrong. Please try again.
        - button "Attach files"
        - textbox "Write a message…"
        - button "Send" [disabled]
        - button "Get answers by e-mail"
    """)


async def test_input_methods_compose_without_sending(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await talking(watched, scripted)
    await visitor.box.fill("ni hao")
    composing = (
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    await visitor.box.evaluate(composing)

    await expect(visitor.box).to_have_value("ni hao")
    assert len(scripted.sent("message")) == 2


@pytest.mark.parametrize("language", ["ar", "he"])
async def test_from_right_to_left_everything_is_mirrored(
    watched: Watched, scripted: ScriptedChat, language: str
) -> None:
    scripted.title = ""
    visitor = await talking(watched, scripted, f"data-language={language}")
    assert await faults(visitor.page, smallest=LEAST) == []
    panel, own, theirs = [
        await visitor.page.locator(each).first.bounding_box()
        for each in (".panel", ".visitor > .bubble", ".agent > .bubble")
    ]
    assert panel
    assert own
    assert theirs

    assert panel["x"] == 20
    assert own["x"] < theirs["x"]
    assert theirs["x"] + theirs["width"] > panel["x"] + panel["width"] - 30
    await expect(visitor.box).to_have_attribute("placeholder", TEXTS[language]["write"])
    await expect(visitor.box).to_have_css("direction", "rtl")
    await visitor.box.fill("Latin letters")
    await expect(visitor.box).to_have_css("direction", "ltr")


@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 360), (320, 256)])
async def test_small_and_magnified_windows_lose_nothing(
    watched: Watched, scripted: ScriptedChat, width: int, height: int
) -> None:
    visitor = await talking(watched, scripted, viewport={"width": width, "height": height})

    assert await faults(visitor.page, smallest=LEAST) == []
    for part in (visitor.box, visitor.button, visitor.page.get_by_role("button", name="Close chat").last):
        await expect(part).to_be_in_viewport(ratio=1)


async def test_nothing_moves_for_those_who_want_it_so(watched: Watched, scripted: ScriptedChat) -> None:
    calm = await talking(watched, scripted, reduced_motion="reduce")
    assert await calm.panel.evaluate("panel => getComputedStyle(panel).animationName") == "none"

    lively = await talking(watched, scripted, reduced_motion="no-preference")
    assert await lively.panel.evaluate("panel => getComputedStyle(panel).animationName") == "rise"
