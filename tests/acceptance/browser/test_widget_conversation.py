"""A visitor in a browser and an agent, with the real gateway between them."""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
import pytest_asyncio
from playwright.async_api import Download, ViewportSize, expect

from trunkline.queue.server_binary import ServerBinary

from ...ports import free_port
from ..api import Api
from ..gateway import EXAMPLE, Gateway, gateway
from .accessibility import faults
from .scripted_chat import TEXTS
from .shop import shop
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

NO_SOCKETS = """
window.WebSocket = class {
  constructor() { setTimeout(() => this.onclose({code: 1006, reason: ""})); }
  close() {}
};
"""
SECRET = "the secret of the shop, long enough for HS256"


class Desk:
    """A gateway, a shop with its widget, and Ada."""

    def __init__(self, made: Gateway, shop_url: str, api: Api) -> None:
        self.gateway = made
        self.shop = shop_url
        self.api = api

    async def visitor(self, watched: Watched, query: str = "", **options: Any) -> Visitor:
        """Somebody opens the widget in the shop."""
        page = await watched.open(f"{self.shop}/?{query}", hosts=[self.gateway.url], **options)
        return await Visitor(page).open()

    async def taken(self, said: str) -> str:
        """Ada takes the chat in which somebody said this, whatever else she is offered; the ticket."""
        received = await self.api.until("message.received", lambda event: event["data"]["article"]["text"] == said)
        ticket = str(received["subject"])
        await self.api.presence("ada")
        await self.api.until("ticket.offered", lambda event: event["subject"] == ticket)
        await self.api.do("POST", f"/v1/tickets/{ticket}/accept", {"agent": "ada"})
        return ticket

    async def answer(self, ticket: str, text: str) -> None:
        """Ada answers."""
        body = {"kind": "reply", "text": text, "agent": "ada"}
        await self.api.do("POST", f"/v1/tickets/{ticket}/messages", body)

    async def said(self, ticket: str) -> list[str]:
        """What the visitor said, as the desk has it."""
        detail = await self.api.get(f"/v1/tickets/{ticket}")
        return [each["text"] for each in detail["articles"] if each["kind"] == "message"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(server_binary: ServerBinary, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A desk where Ada is available, and a shop that may show its chat."""
    port = free_port()
    config = tmp_path_factory.mktemp("desk") / "desk.yaml"
    example = EXAMPLE.read_text("utf-8")
    assert "origins: []" in example
    config.write_text(example.replace("origins: []", f'origins: ["http://127.0.0.1:{port}"]'), "utf-8")
    caps = {"channels__chat__web__caps__burst": "6", "channels__chat__web__caps__file": "1MiB"}
    room = {"agents__ada__capacity": "100"}
    async with gateway(config=config, secret_chat_web=SECRET, **caps, **room) as made, shop(made.url, port) as shop_url:
        await made.start()
        async with made.api() as api:
            await api.presence("ada")
            yield Desk(made, shop_url, api)


async def downloaded(visitor: Visitor) -> Download:
    """What the first file among the lines is downloaded as."""
    started: asyncio.Future[Download] = asyncio.get_running_loop().create_future()

    def note(download: Download) -> None:
        started.set_result(download)

    visitor.page.on("download", note)
    visitor.page.on("popup", lambda popup: popup.on("download", note))
    await visitor.page.locator("a.file").first.click()
    return await asyncio.wait_for(started, 30)


async def test_they_talk_with_each_other_and_see_what_was_read(watched: Watched, desk: Desk) -> None:
    before = await desk.api.position()
    visitor = await desk.visitor(watched)
    await expect(visitor.page.locator(".status")).to_have_text(TEXTS["en"]["online"])
    await visitor.write("Hello, my lamp is broken.")
    await visitor.all_sent()
    ticket = await desk.taken("Hello, my lamp is broken.")
    await desk.answer(ticket, "Good day Maria, which lamp is it?")
    await expect(visitor.line("which lamp is it?").locator(".name")).to_have_text("Ada")
    await desk.api.until("message.read", after=before)
    await visitor.write("The tall one.")
    await visitor.all_sent()
    await desk.api.until("message.received", lambda event: "tall" in str(event["data"]), after=before)

    assert await desk.said(ticket) == ["Hello, my lamp is broken.", "The tall one."]


async def test_killed_in_the_middle_every_line_is_there_once_and_in_order(watched: Watched, desk: Desk) -> None:
    watched.expect("WebSocket connection to", "Failed to load resource")
    before = await desk.api.position()
    visitor = await desk.visitor(watched)
    await visitor.write("one")
    await visitor.all_sent()
    ticket = await desk.taken("one")
    await visitor.write("two")
    await desk.gateway.processes[-1].kill()
    await visitor.write("three", "four")
    await desk.gateway.start()
    await visitor.write("five")
    await visitor.all_sent()
    await desk.answer(ticket, "six")
    await expect(visitor.lines.last).to_have_text("six")

    texts = [text for text in await visitor.lines.all_inner_texts() if "T-" not in text]
    assert texts == ["one", "two", "three", "four", "five", "six"]
    await desk.api.until("message.received", lambda event: "five" in str(event["data"]), after=before)
    assert await desk.said(ticket) == ["one", "two", "three", "four", "five"]


async def test_files_go_both_ways_as_downloads(watched: Watched, desk: Desk) -> None:
    visitor = await desk.visitor(watched)
    await expect(visitor.notice).to_be_hidden()
    content = b"\xff\xd8 a lamp" * 100
    await visitor.files_chosen("a <lamp>.jpg", content=content)
    await visitor.write("Look")
    await visitor.all_sent()
    ticket = await desk.taken("Look")
    (article,) = (await desk.api.get(f"/v1/tickets/{ticket}"))["articles"][:1]
    (file,) = article["attachments"]
    assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())

    await visitor.page.reload()
    await visitor.open()
    download = await downloaded(visitor)
    assert download.suggested_filename == "a _lamp_.jpg"
    assert await asyncio.to_thread((await download.path()).read_bytes) == content


async def test_a_file_that_is_too_large_is_told(watched: Watched, desk: Desk) -> None:
    visitor = await desk.visitor(watched)
    await expect(visitor.notice).to_be_hidden()
    await visitor.files_chosen("film.mp4", content=b"x" * (1024 * 1024 + 1))

    await expect(visitor.error).to_contain_text("“film.mp4” is too large: 1 MB at most.")


async def test_a_flood_is_held_and_everything_arrives_in_order(watched: Watched, desk: Desk) -> None:
    visitor = await desk.visitor(watched)
    texts = [f"number {number}" for number in range(9)]
    await visitor.write(*texts)
    await expect(visitor.error).to_contain_text(TEXTS["en"]["flood"])
    await expect(visitor.error).to_have_text("")
    await visitor.all_sent()

    shown = [text for text in await visitor.lines.all_inner_texts() if text.startswith("number")]
    assert shown == texts


async def test_a_page_that_is_not_on_the_list_has_no_chat(watched: Watched, desk: Desk) -> None:
    watched.expect("Access to fetch", "Failed to load resource")
    async with shop(desk.gateway.url) as elsewhere:
        visitor = await Visitor(await watched.open(elsewhere, hosts=[desk.gateway.url])).open()

        await expect(visitor.notice).to_have_text("Chat is not available on this page.")


async def test_a_forged_token_begins_anew(watched: Watched, desk: Desk) -> None:
    visitor = await desk.visitor(watched)
    await visitor.write("Hello")
    await visitor.all_sent()
    await visitor.page.evaluate("localStorage['trunkline:web:token'] = '\"forged.token\"'")
    await visitor.page.reload()
    await visitor.open()

    await expect(visitor.error).to_have_text(TEXTS["en"]["expired"])
    await visitor.sees()
    await visitor.write("Hello again")
    await visitor.all_sent()


async def test_a_person_who_is_signed_in_has_one_conversation_everywhere(watched: Watched, desk: Desk) -> None:
    claims = {"sub": "customer-17", "email": "maria@example.org", "name": "Maria", "exp": int(time.time()) + 600}
    proof = jwt.encode(claims, SECRET, algorithm="HS256")
    one = await desk.visitor(watched, f"data-identity={proof}")
    await one.write("From one browser")
    await one.all_sent()
    two = await desk.visitor(watched, f"data-identity={proof}")

    await expect(two.lines.first).to_have_text("From one browser")


async def test_an_identity_that_has_run_out_is_asked_for_again(watched: Watched, desk: Desk) -> None:
    old = jwt.encode({"sub": "customer-18", "exp": int(time.time()) - 600}, SECRET, algorithm="HS256")
    visitor = await desk.visitor(watched, f"data-identity={old}")
    await expect(visitor.notice).to_have_text(TEXTS["en"]["sign_in"])
    new = jwt.encode({"sub": "customer-18", "exp": int(time.time()) + 600}, SECRET, algorithm="HS256")
    await visitor.page.evaluate("proof => Trunkline.chat.identify(proof)", new)
    await visitor.write("Hello")

    await visitor.all_sent()


async def test_without_sockets_the_real_server_answers_requests(watched: Watched, desk: Desk) -> None:
    context = await watched.context(hosts=[desk.shop, desk.gateway.url])
    await context.add_init_script(NO_SOCKETS)
    visitor = await Visitor(await watched.also(context, desk.shop)).open()
    await visitor.write("Hello", "over requests")
    await visitor.all_sent()
    await desk.answer(await desk.taken("over requests"), "I hear you")

    await expect(visitor.lines.last).to_have_text("I hear you")


async def test_a_foreign_page_says_in_its_language_that_the_chat_is_not_for_it(watched: Watched, desk: Desk) -> None:
    watched.expect("Failed to load resource: the server responded with a status of 403")
    async with shop(desk.gateway.url) as foreign:
        page = await watched.open(f"{foreign}/?lang=de", hosts=[desk.gateway.url], locale="en-GB")
        visitor = await Visitor(page).open()
        await expect(visitor.notice).to_have_text(TEXTS["de"]["unavailable"])
        await expect(visitor.box).to_be_hidden()
        assert await faults(page) == []
        told = [line for line in desk.gateway.processes[-1].log("chat_origin_refused") if line["origin"] == foreign]
        assert [line["setting"] for line in told] == ["channels.chat.web.origins"]


@pytest.mark.parametrize("width", [768, 1000, 1440])
@pytest.mark.parametrize("language", ["de", "ar"])
async def test_the_open_chat_covers_nothing_of_our_own_page(
    watched: Watched, desk: Desk, width: int, language: str
) -> None:
    url, size = f"{desk.gateway.url}/chat/web?language={language}", ViewportSize(width=width, height=800)
    page = await watched.open(url, viewport=size)
    await expect(Visitor(page).panel).to_be_visible()
    card, chat = await page.locator("main").bounding_box(), await page.locator(".panel").bounding_box()

    assert card
    assert chat
    assert card["x"] + card["width"] < chat["x"] or chat["x"] + chat["width"] < card["x"]
    assert card["width"] > 250


async def test_without_scripts_our_own_page_leads_to_the_form(watched: Watched, desk: Desk) -> None:
    url = f"{desk.gateway.url}/chat/web?language=de"
    page = await watched.open(url, java_script_enabled=False)

    await expect(page.locator("main noscript > p").first).to_have_text(TEXTS["de"]["page_noscript"])
    for chat_only in (".lead", "ul"):
        await expect(page.locator(chat_only)).to_be_hidden()
    link = page.locator("main noscript a")  # by role it is not found: the driver looks into no <noscript>
    await expect(link).to_have_text(TEXTS["de"]["page_form"])
    await link.click()
    await expect(page).to_have_url(re.compile("/forms/form"))
    await expect(page.locator("html")).to_have_attribute("lang", "de")


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
async def test_the_page_of_our_own_hosts_the_widget(watched: Watched, desk: Desk, language: str) -> None:
    page = await watched.open(f"{desk.gateway.url}/chat/web?language={language}", locale=language)
    visitor = Visitor(page)
    await expect(visitor.panel).to_be_visible()
    await expect(visitor.box).to_have_attribute("placeholder", TEXTS[language]["write"])
    await expect(page.locator(".lead")).to_have_text(TEXTS[language]["page_lead"])

    assert await page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    assert await faults(page) == []
    await visitor.write("Hello")
    await visitor.all_sent()
