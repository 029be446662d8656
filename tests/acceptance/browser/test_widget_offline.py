"""When nobody is there: when somebody will be, where to answer, and how an address is proven."""

import datetime

import pytest
from playwright.async_api import expect

from .scripted_chat import TEXTS, ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime.datetime(2026, 3, 4, 16, 0, tzinfo=datetime.UTC)


async def visiting(watched: Watched, chat: ScriptedChat, language: str = "en", zone: str = "Europe/Berlin") -> Visitor:
    context = await watched.context(hosts=[chat.shop, chat.url], timezone_id=zone)
    await context.clock.install(time=NOW)
    return Visitor(await watched.also(context, f"{chat.shop}/?data-language={language}"))


@pytest.mark.parametrize(
    ("hours", "language", "zone", "words"),
    [
        (1, "en", "Europe/Berlin", "Back today, 6:00 PM"),
        (16, "en", "America/New_York", "Back tomorrow, 3:00 AM"),
        (16, "de", "Europe/Berlin", "Wieder da: morgen, 09:00"),
        (64, "fr", "Europe/Paris", "De retour : samedi 7 mars, 09:00"),
        (16, "ja", "Asia/Tokyo", "Back today, 5:00 PM"),
        (64, "ar", "Asia/Riyadh", "نعود: السبت، 7 مارس, 11:00 ص"),
    ],
)
async def test_when_somebody_will_be_there_is_said_in_the_visitors_words_and_zone(
    watched: Watched, scripted: ScriptedChat, hours: int, language: str, zone: str, words: str
) -> None:
    opens = NOW + datetime.timedelta(hours=hours)
    scripted.online, scripted.opens_at = False, int(opens.timestamp() * 1000)
    visitor = await (await visiting(watched, scripted, language, zone)).open()

    await expect(visitor.page.locator(".status")).to_have_text(words)


async def test_without_hours_it_only_says_that_nobody_is_there(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.online = False
    visitor = await (await visiting(watched, scripted)).open()

    await expect(visitor.page.locator(".status")).to_have_text("We’re away right now")
    await expect(visitor.log).to_contain_text(TEXTS["en"]["later"])


async def test_who_comes_and_goes_is_shown_at_once(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await (await visiting(watched, scripted)).open()
    await expect(visitor.page.locator(".status")).to_have_text("We’re here")
    await scripted.until(lambda: scripted.connected == 1)
    opens = int((NOW + datetime.timedelta(hours=1)).timestamp() * 1000)
    await scripted.send({"type": "status", "online": False, "opens_at": opens})
    await expect(visitor.page.locator(".status")).to_have_text("Back today, 6:00 PM")
    await scripted.send({"type": "status", "online": True, "opens_at": None})

    await expect(visitor.page.locator(".status")).to_have_text("We’re here")
    await expect(visitor.page.get_by_label("Your e-mail address")).to_be_hidden()


async def test_an_address_goes_along_with_the_message(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.online = False
    visitor = await (await visiting(watched, scripted)).open()
    address = visitor.page.get_by_label("Your e-mail address")
    await address.fill("maria@")
    await visitor.box.fill("Are you there?")
    await visitor.box.press("Enter")
    await expect(visitor.error).to_have_text(TEXTS["en"]["bad_address"])
    assert scripted.sent("message") == []
    await address.fill("maria@example.org")
    await visitor.box.press("Enter")
    await visitor.sees("Are you there?")
    await visitor.all_sent()

    assert scripted.sent("message")[0]["email"] == "maria@example.org"


async def test_a_message_may_go_without_an_address(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.online = False
    visitor = await (await visiting(watched, scripted)).open()
    await visitor.write("Are you there?")
    await visitor.all_sent()

    assert "email" not in scripted.sent("message")[0]


async def test_a_known_address_is_not_asked_for_again(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.online, scripted.email = False, {"value": "maria@example.org", "proven": False}
    visitor = await (await visiting(watched, scripted)).open()
    await scripted.until(lambda: scripted.connected == 1)

    await expect(visitor.page.get_by_label("Your e-mail address")).to_be_hidden()


async def test_an_address_is_proven_with_a_code(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await (await visiting(watched, scripted)).open()
    page = visitor.page
    await page.get_by_role("button", name="Get answers by e-mail").click()
    await expect(page.get_by_label("Your e-mail address")).to_be_focused()
    await page.keyboard.type("maria@example.org")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("We have sent a code to maria@example.org")).to_be_visible()
    code = page.get_by_label("Code", exact=True)
    await expect(code).to_be_focused()
    await code.fill("000000")
    await page.get_by_role("button", name="Confirm").click()
    await expect(visitor.error).to_have_text(TEXTS["en"]["bad_code"])
    await code.fill(" 123456 ")
    await page.get_by_role("button", name="Confirm").click()

    await expect(page.get_by_role("button", name="Answers also go to maria@example.org")).to_be_visible()
    await expect(visitor.error).to_have_text("")
    await expect(visitor.box).to_be_focused()
    assert scripted.sent("address") == [{"type": "address", "email": "maria@example.org"}]
    assert [frame["code"] for frame in scripted.sent("code")] == ["000000", "123456"]


async def test_the_way_to_answers_by_mail_leads_back(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await (await visiting(watched, scripted)).open()
    await visitor.box.fill("A draft")
    await visitor.page.get_by_role("button", name="Get answers by e-mail").click()
    await expect(visitor.box).to_be_hidden()
    await visitor.page.get_by_role("button", name="Back").click()

    await expect(visitor.box).to_have_value("A draft")
    await expect(visitor.box).to_be_focused()
