"""What goes wrong is said in a sentence that helps, in the visitor's language, and nothing that was written is lost."""

import re

import pytest
from playwright.async_api import expect

from .scripted_chat import TEXTS, ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def failing(watched: Watched) -> None:
    """Browsers report answers that are errors."""
    watched.expect("Failed to load resource")


async def visiting(watched: Watched, chat: ScriptedChat, query: str = "") -> Visitor:
    """The widget is open and connected."""
    visitor = await Visitor(await watched.open(f"{chat.shop}/?{query}", hosts=[chat.url])).open()
    await chat.until(lambda: chat.connected == 1)
    return visitor


async def seconds_left(visitor: Visitor) -> int:
    """The number that is counted down."""
    await expect(visitor.error).to_have_text(re.compile(rf"^{TEXTS['en']['flood']} \d+ sec$"))
    return int((await visitor.error.inner_text()).split()[-2])


@pytest.mark.parametrize("language", ["en", "uk"])
@pytest.mark.parametrize("code", [4403, 4404])
async def test_a_page_that_may_not_show_the_chat_says_so(
    watched: Watched, scripted: ScriptedChat, code: int, language: str
) -> None:
    visitor = await visiting(watched, scripted, f"data-language={language}")
    await scripted.close_all(code)

    await expect(visitor.notice).to_have_text(TEXTS[language]["unavailable"])
    await expect(visitor.box).to_be_hidden()
    assert scripted.connections == 1


async def test_a_page_that_was_refused_from_the_start_says_so_and_promises_nothing(
    watched: Watched, scripted: ScriptedChat
) -> None:
    scripted.start_status = 403
    visitor = await visiting(watched, scripted, "lang=de")
    await scripted.close_all(4403)

    await expect(visitor.notice).to_have_text(TEXTS["de"]["unavailable"])
    await expect(visitor.panel).to_have_attribute("aria-label", "")
    await expect(visitor.panel.get_by_text(re.compile(r"\w"))).to_have_count(1)
    await expect(visitor.box).to_be_hidden()


async def test_a_page_that_was_not_even_told_the_texts_says_so_in_english(
    watched: Watched, scripted: ScriptedChat
) -> None:
    scripted.start_status = 503
    visitor = await visiting(watched, scripted)
    await scripted.close_all(4403)

    await expect(visitor.notice).to_have_text("Chat is not available on this page.")


async def test_a_token_that_has_expired_begins_a_new_conversation(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    await visitor.write("Hello")
    await visitor.all_sent()
    scripted.forged.add(f"token-{scripted.visitor}")
    scripted.visitor = "another"
    scripted.lines.clear()
    scripted.cut_all()
    watched.expect("WebSocket connection to")

    await expect(visitor.error).to_have_text(TEXTS["en"]["expired"])
    await visitor.write("Hello again")
    await visitor.all_sent()
    await visitor.sees("Hello again")
    assert "token" not in {name for name, value in scripted.sent("hello")[-1].items() if value}


async def test_a_page_where_nobody_is_signed_in_is_asked_who_it_is(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.forged.add(None)
    visitor = await Visitor(await watched.open(scripted.shop, hosts=[scripted.url])).open()

    await expect(visitor.notice).to_have_text(TEXTS["en"]["sign_in"])
    scripted.forged.clear()
    await visitor.page.evaluate("Trunkline.chat.identify(() => Promise.resolve('a.b.c'))")

    await scripted.until(lambda: scripted.connected == 1)
    assert scripted.sent("hello")[-1]["identity"] == "a.b.c"
    await expect(visitor.box).to_be_visible()


async def test_a_flood_is_held_back_with_a_count_and_then_sent_in_order(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await visiting(watched, scripted)
    await visitor.page.clock.install()
    scripted.refuse(code="flood", retry_after=60)
    await visitor.write("one", "two")
    before = await seconds_left(visitor)
    await visitor.page.clock.run_for(2_000)
    assert before - 2 >= await seconds_left(visitor) > 0
    assert scripted.lines == []
    await visitor.page.clock.run_for(60_000)
    await visitor.all_sent()

    await expect(visitor.error).to_have_text("")
    assert [line["text"] for line in scripted.lines] == ["one", "two"]


async def test_who_is_cut_off_for_a_flood_comes_back_when_it_may(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    await visitor.page.clock.install()
    await scripted.close_all(4429, "retry after 60")
    assert await seconds_left(visitor) > 10
    assert scripted.connections == 1

    await visitor.page.clock.run_for(61_000)

    await scripted.until(lambda: scripted.connected == 1)


async def test_our_own_trouble_keeps_the_message(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    scripted.refuse(code="busy", retry_after=1)
    await visitor.write("Hello")
    await expect(visitor.error).to_contain_text(TEXTS["en"]["busy"])

    await visitor.all_sent()
    assert [line["text"] for line in scripted.lines] == ["Hello"]


@pytest.mark.parametrize(("code", "key"), [("too_long", "too_long"), ("file_gone", "file_gone"), ("odd", "trouble")])
async def test_what_is_refused_for_good_goes_back_to_be_changed(
    watched: Watched, scripted: ScriptedChat, code: str, key: str
) -> None:
    visitor = await visiting(watched, scripted)
    scripted.refuse(code=code)
    await visitor.box.fill("A message")
    await visitor.box.press("Enter")

    await expect(visitor.error).to_have_text(TEXTS["en"][key].replace("{limit}", "8000"))
    await expect(visitor.box).to_have_value("A message")
    await visitor.sees()
    await visitor.page.reload()
    await expect(visitor.box).to_have_value("A message")
    assert await visitor.page.evaluate("Object.keys(localStorage).filter(key => key.includes(':out:'))") == []


@pytest.mark.parametrize(("code", "key"), [(4400, "trouble"), (1009, "too_long")])
async def test_a_message_that_ends_the_connection_is_not_sent_for_ever(
    watched: Watched, scripted: ScriptedChat, code: int, key: str
) -> None:
    visitor = await visiting(watched, scripted)
    scripted.script({"close": code})
    await visitor.box.fill("A message")
    await visitor.box.press("Enter")

    await expect(visitor.error).to_have_text(TEXTS["en"][key].replace("{limit}", "8000"))
    await expect(visitor.box).to_have_value("A message")
    await scripted.until(lambda: scripted.connections == 2)
    assert len(scripted.sent("message")) == 1


async def test_a_text_that_is_too_long_is_kept_and_told_before_it_is_sent(
    watched: Watched, scripted: ScriptedChat
) -> None:
    scripted.limits["text"] = 20
    visitor = await visiting(watched, scripted)
    await visitor.box.fill("😀" * 21)
    await visitor.box.press("Enter")
    await expect(visitor.error).to_have_text(TEXTS["en"]["too_long"].replace("{limit}", "20"))
    await visitor.box.fill("😀" * 20)
    await visitor.box.press("Enter")

    await visitor.sees("😀" * 20)
    await visitor.all_sent()


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    'https://shop.example/"onmouseover="alert(1)',
    "data:text/html,<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "{name} {count} $& $1",
    "\u202egnp.exe",
)


async def test_hostile_texts_names_and_files_stay_text(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.title = HOSTILE[0]
    visitor = await visiting(watched, scripted)
    for text in HOSTILE:
        await scripted.say(text, name=text, files=[{"sha256": "0" * 64, "name": text, "media_type": text, "size": 1}])
        await scripted.send({"type": "typing", "name": text})
    await expect(visitor.lines).to_have_count(len(HOSTILE))

    await visitor.sees(*HOSTILE)
    assert await visitor.page.locator(".log img, .log script").count() == 0
    links = await visitor.page.locator(".bubble p a").evaluate_all("all => all.map(each => each.href)")
    assert links == ["https://shop.example/"]


async def test_a_link_leads_out_safely(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    await scripted.say("See https://shop.example/a?b=c&d=(e), or HTTP://shop.example/f.")
    links = visitor.page.locator(".bubble a")

    await expect(links).to_have_text(["https://shop.example/a?b=c&d=(e", "HTTP://shop.example/f"])
    assert await links.first.get_attribute("rel") == "noopener noreferrer nofollow"
    assert await links.first.get_attribute("target") == "_blank"
