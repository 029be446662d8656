"""Hostile words in every field that is shown: nothing runs, nothing is loaded, and everything stands there as text."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Error, Page, expect

from trunkline.queue.server_binary import ServerBinary

from ...ports import free_port
from ...xss_corpus import CANARY, STRINGS
from ..api import Api
from ..conftest import Running
from ..gateway import ADMIN, gateway
from ..mails import listening_sink
from .agent import Agent
from .desk import live, sign_in, token_of
from .harmless import RAN, foreign, guarded, intruders, unsaid
from .hostile_desk import ALL, LINES, SECRET, batches, configured, fed, matching, number_of
from .serving import served
from .visitor import Visitor
from .watched import Watched

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
]

OURS = (
    r"/desk(/sign-in|/alive|/events|/as)?",
    r"/desk/static/[\w.]+",
    r"/desk/parts/(list|worker|tickets/[\w-]+(/conversation|/person)?)",
    r"/desk/tickets/(T-\d+|[0-9a-f-]{36}(/seen|/typing|/note|/reply)?)",
    r"/desk/articles/[0-9a-f-]{36}/html",
    r"/desk/held/[0-9a-f-]{36}/take-back",
    r"/board(/events|/dead|/suspended)?",
    r"/chat/(widget\.js|web|web/start|web/socket)",
    r"/forms/form",
)
SEARCHES = """async (all) => {
  const list = document.querySelector("#list"), unsaid = [];
  for (const words of all) {
    trunkline.swap(list, await trunkline.load(`/desk/parts/list?q=${encodeURIComponent(words)}`));
    if (!list.querySelector(".teach").textContent.includes(words)) unsaid.push(words);
  }
  return unsaid;
}"""


@dataclass(frozen=True)
class Hostile:
    """The desk, and the token of the visitor with the long conversation."""

    running: Running
    visitor: str
    token: str

    @property
    def url(self) -> str:
        """Where it is."""
        return self.running.gateway.url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile(server_binary: ServerBinary, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hostile]:
    """A desk that is full of hostile words."""
    config, port = configured(tmp_path_factory.mktemp("hostile")), free_port()
    settings = {"secret_chat_web": SECRET, "channels__mail__smarthost": f"127.0.0.1:{port}"}
    settings["senders__messages_per_hour"] = "10000"
    async with listening_sink(port) as sink, gateway(config=config, **settings) as made:
        process = await made.start()
        async with made.api() as api:
            visitor = await fed(made, api)
            yield Hostile(Running(made, process, sink, api), visitor.visitor, visitor.token)


async def signed_in(watched: Watched, hostile: Hostile, token: str, path: str) -> Page:
    """A page of somebody who has signed in."""
    context = await guarded(watched, hosts=[hostile.url])
    await sign_in(context, hostile.running.gateway, token)
    return await watched.also(context, hostile.url + path)


async def desk_of_ada(watched: Watched, hostile: Hostile, path: str = "/desk") -> Page:
    """Her desk."""
    page = await signed_in(watched, hostile, await token_of(hostile.running, "ada"), path)
    await live(page)
    return page


async def harmless(watched: Watched, page: Page, texts: Iterable[str], *, ours: Iterable[str] = OURS) -> None:
    """Nothing ran, nothing was loaded, and these texts stand in the page."""
    await watched.settled(page)
    assert await unsaid(page, texts) == []
    assert await intruders(page) == []
    assert foreign(watched.requests, ours) == []
    assert watched.noted() == []


def carries_the_corpus(texts: Iterable[str]) -> None:
    """At least two hundred of the strings are there whole."""
    joined = " ".join(" ".join(texts).split())
    carried = [line for line in LINES if " ".join(line.split()) in joined]
    assert len(carried) >= 200


async def _noticed(page: Page, text: str) -> bool:
    try:
        return bool(await intruders(page) or await unsaid(page, [text]))
    except Error:  # the text has led the page away
        return True


async def test_the_detector_sees_what_a_page_without_escaping_would_do(watched: Watched) -> None:
    async def careless(request: web.Request) -> web.Response:
        text = STRINGS[int(request.query["n"])]
        return web.Response(text=f"<!doctype html><title>x</title><p>{text}</p>", content_type="text/html")

    application = web.Application()
    application.router.add_get("/", careless)
    async with served(application) as url:
        context = await guarded(watched, hosts=[url])
        seen = []
        for number in range(0, len(STRINGS), 12):
            page = await watched.also(context, f"{url}/?n={number}")
            seen.append(await _noticed(page, STRINGS[number]))
            await page.close()
    noted = watched.noted()
    watched.expect(".*")

    assert len([each for each in seen if each]) > 0.9 * len(seen)
    assert any(RAN in note for note in noted)
    assert any(CANARY in note for note in noted)
    assert foreign(watched.requests, ["/"]) != []


async def test_lists_and_their_search(watched: Watched, hostile: Hostile) -> None:
    page = await desk_of_ada(watched, hostile)
    names: list[str] = []
    rows = page.locator("[data-key^='found-'] .said")
    for word in (*(f"group{number}" for number in range(5)), "openme", "tagme"):
        await page.fill("#q", word)
        await expect(rows.filter(has_text=word)).to_have_count(await _found(hostile, word))
        names += await page.locator(".rows .who").all_text_contents()
        await harmless(watched, page, ())
    carries_the_corpus(names)
    words = f"nothing {batches(180)[-1]}"
    assert await page.evaluate(SEARCHES, [f"nothing {each}" for each in batches(180)]) == []
    await harmless(watched, page, ())
    await page.goto(f"{hostile.url}/desk?q={quote(words)}")
    await live(page)
    await harmless(watched, page, [words])


async def _found(hostile: Hostile, words: str) -> int:
    return min(40, len(await matching(hostile.running.api, words)))


async def whole(page: Page) -> None:
    """Show all articles of the ticket, and unfold everything."""
    earlier = page.locator("#earlier a:visible")
    while await earlier.count():
        before = await page.locator(".entry").count()
        await earlier.click()
        await expect(page.locator(".entry")).not_to_have_count(before)
    await page.evaluate("for (const each of document.querySelectorAll('.entry details')) each.open = true")
    await expect(page.locator("details[data-frame][open]:not(:has(iframe))")).to_have_count(0)


async def articles(api: Api, number: str) -> list[dict[str, Any]]:
    found = await api.get(f"/v1/tickets/{number}")
    return list(found["articles"])


def words_of(found: Iterable[dict[str, Any]]) -> list[str]:
    """What stands in these articles, as the desk shows it."""
    shown = []
    for each in found:
        shown += [each["author"]["name"], each["text"][:6000]]
        shown += [file["name"] for file in each["attachments"] if not file["inline"]]
    return shown


async def test_a_long_conversation_with_replies_notes_and_files(watched: Watched, hostile: Hostile) -> None:
    api = hostile.running.api
    number = await number_of(api, "longtalk")
    found = await articles(api, number)
    carries_the_corpus(each["text"] for each in found if each["kind"] == "message")
    carries_the_corpus(each["text"] for each in found if each["kind"] == "reply")
    carries_the_corpus(each["text"] for each in found if each["kind"] == "note")
    carries_the_corpus(each["author"]["name"] for each in found)
    page = await desk_of_ada(watched, hostile, f"/desk/tickets/{number}")
    await whole(page)
    await harmless(watched, page, words_of(found))


async def test_formatted_mails_with_all_that_goes_along(watched: Watched, hostile: Hostile) -> None:
    api = hostile.running.api
    (number,) = [each["number"] for each in await matching(api) if each["channel"] == "mail"]
    found = await articles(api, number)
    subjects = [each["subject"] for each in found if each["author"]["kind"] == "customer"]
    carries_the_corpus([*(each["author"]["name"] for each in found), *subjects])
    page = await desk_of_ada(watched, hostile, f"/desk/tickets/{number}")
    await whole(page)
    frames = [frame for frame in page.frames if frame.parent_frame]
    assert len(frames) >= 90
    for frame in frames:
        await frame.wait_for_load_state()
    await harmless(watched, page, [*words_of(found), *subjects])


async def test_who_wrote_and_why(watched: Watched, hostile: Hostile) -> None:
    api = hostile.running.api
    page = await desk_of_ada(watched, hostile)
    for ticket in await matching(api, "claimsmany"):
        await page.goto(f"{hostile.url}/desk/tickets/{ticket['number']}")
        await harmless(watched, page, ())
    tagged = (await matching(api, "tagme"))[0]
    await page.goto(f"{hostile.url}/desk/tickets/{tagged['number']}")
    await harmless(watched, page, [ALL, tagged["subject"], ", ".join(tagged["tags"])])
    opened = (await matching(api, "openme"))[0]
    await page.goto(f"{hostile.url}/desk/tickets/{opened['number']}")
    await harmless(watched, page, [opened["subject"], ", ".join(opened["tags"])])


async def test_what_an_agent_writes_holds_and_calls_up(watched: Watched, hostile: Hostile) -> None:
    number = await number_of(hostile.running.api, "openme")
    await hostile.running.api.do("POST", f"/v1/tickets/{number}/assign", {"agent": "ada", "force": True})
    page = await desk_of_ada(watched, hostile, f"/desk/tickets/{number}")
    agent = Agent(page)
    await page.fill("#text", ALL)
    await agent.sends()
    await expect(agent.held).to_have_count(1)
    await harmless(watched, page, [ALL])
    await page.keyboard.press("Escape")
    await page.keyboard.press("z")
    await expect(agent.box).to_have_value(ALL)
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await page.fill("#text", f"note {ALL}")
    await agent.sends()
    await expect(page.locator(".entry.note")).to_contain_text(ALL[:200])
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await page.fill("#text", "")
    await page.press("#text", "/")
    await expect(page.locator("#canned")).to_be_visible()
    await harmless(watched, page, [ALL[:5900]])


async def test_the_board_and_its_lists(watched: Watched, hostile: Hostile) -> None:
    page = await signed_in(watched, hostile, ADMIN, "/board")
    await live(page)
    names = await page.locator("#part-agents .who").all_text_contents()
    carries_the_corpus(names)
    await harmless(watched, page, [ALL])
    for path in ("/board/dead", "/board/suspended"):
        await page.goto(hostile.url + path)
        assert await page.locator("#letters tbody tr").count() >= 35
        await harmless(watched, page, [ALL] if path.endswith("suspended") else ())


async def test_the_widget_and_our_page_with_it(watched: Watched, hostile: Hostile) -> None:
    context = await guarded(watched, hosts=[hostile.url])
    page = await watched.also(context, f"{hostile.url}/chat/web")
    await harmless(watched, page, [ALL])
    await page.goto(f"{hostile.url}/forms/form")  # of the same origin and without a widget that would write in between
    kept = {"token": hostile.token, "visitor": hostile.visitor, "last": 1, "draft": ALL}
    stored = {f"trunkline:web:{name}": json.dumps(value) for name, value in kept.items()}
    await page.evaluate("stored => Object.assign(localStorage, stored)", stored)
    await page.goto(f"{hostile.url}/chat/web")
    visitor = Visitor(page)
    found = await articles(hostile.running.api, await number_of(hostile.running.api, "longtalk"))
    spoken = [each for each in found if each["kind"] != "note" and each["author"]["kind"] != "system"]
    await expect(page.locator(".line:not(.system)")).to_have_count(len(spoken))
    agents = [each["author"]["name"] for each in spoken if each["kind"] == "reply"]
    await harmless(watched, page, [*(text for text in words_of(spoken) if text), *agents, ALL])
    await visitor.box.fill(ALL[:7000])
    await visitor.box.press("Enter")
    await expect(visitor.states.last).to_contain_text("Sent")
    await harmless(watched, page, [ALL[:7000].strip()])


async def test_the_form_before_and_after(watched: Watched, hostile: Hostile) -> None:
    watched.expect("status of 422")
    context = await guarded(watched, hosts=[hostile.url])
    page = await watched.also(context, f"{hostile.url}/forms/form")
    await harmless(watched, page, [ALL])
    for words in batches(180)[::9]:
        for field in await page.locator("form input:visible, form textarea:visible").all():
            await field.fill(words if await field.get_attribute("type") != "email" else "nobody")
        await page.evaluate("document.querySelector('form').noValidate = true")
        await page.locator("form button").click()
        await page.wait_for_load_state()
        await harmless(watched, page, [words])


async def test_pages_that_are_not_there(watched: Watched, hostile: Hostile) -> None:
    watched.expect("status of 4")
    page = await signed_in(watched, hostile, ADMIN, "/board")
    for words in batches(1800):
        for place in ("/desk/tickets/", "/board/", "/desk/sign-in?next=/desk/", "/chat/", "/forms/", "/desk/articles/"):
            await page.goto(f"{hostile.url}{place}{quote(words, safe='')}")
            assert await intruders(page) == []
    await watched.settled(page)
    assert watched.noted() == []
