"""The desk page while things happen: nothing jumps, nothing typed is lost, and everybody sees the same."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, Route, expect

from ..conftest import Running
from ..mails import deliver, written
from .desk import desk, live, mail, mine, signed_in
from .watched import Watched

LOADED = """(part) => new Promise((resolve) => {
  const loaded = (each) => each.name.includes(part);
  const observer = new PerformanceObserver((seen) => seen.getEntries().some(loaded) && resolve());
  observer.observe({ type: "resource", buffered: true });
})"""

SWAPPED_ANEW = """() => {
  const part = document.querySelector("#conversation");
  part.loaded = null;
  return trunkline.refresh(part);
}"""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def note(running: Running, number: str, text: str) -> None:
    body = {"kind": "note", "text": text, "agent": "boris"}
    await running.api.do("POST", f"/v1/tickets/{number}/messages", body)


async def test_an_offer_appears_by_itself_is_said_and_stands_in_the_title(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    async with desk(watched, running) as page:
        number = await mail(running, "Is it waterproof?", name="Noor")
        await expect(page.locator(f"[data-key='offers-{number}']")).to_be_visible()
        await expect(page.locator("#news")).to_have_text("New offer: Noor. Is it waterproof?")
        await expect(page).to_have_title(re.compile(r"^\(1\) "))
        await page.locator(f"[data-key='offers-{number}']").get_by_role("button", name="Accept").click()
        await expect(page.locator("#ticket")).to_have_attribute("data-number", number)
        await expect(page.locator(".ticket-facts")).to_contain_text("you have it")


async def test_who_is_set_away_is_told_at_once_and_is_back_with_one_click(watched: Watched, running: Running) -> None:
    await running.api.presence("ada")
    async with desk(watched, running) as page:
        await running.api.presence("ada", "away")
        banner = page.locator(".notice.away")
        await expect(banner).to_contain_text("The token admin set you away. Nothing more is offered to you.")
        await expect(page.locator("#no-ticket")).to_contain_text("You are away")
        await banner.get_by_role("button", name="I am available").click()
        await expect(banner).to_have_count(0)
        await expect(page.locator("#no-ticket")).to_contain_text("Choose a ticket")
        await expect(page.locator("#worker")).to_contain_text("available")


async def test_nothing_jumps_under_the_pointer(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running) as page:
        row = page.locator(f"[data-key='mine-{number}'] .item")
        await row.hover()
        before = await row.bounding_box()
        await running.api.presence("ada")
        come = await mail(running, "Urgent!")
        button = page.locator("#newer")
        await expect(button).to_have_text("1 new")
        assert await page.locator(f"[data-key='offers-{come}']").count() == 0
        after = await row.bounding_box()
        assert before is not None
        assert after is not None
        assert after["y"] - before["y"] == (await button.bounding_box() or {"height": 0})["height"] + 8
        await button.click()
        await expect(page.locator(f"[data-key='offers-{come}']")).to_be_visible()
        await expect(button).to_be_hidden()


def row(page: Page, number: str) -> Locator:
    """The row of a ticket of Ada's."""
    return page.locator(f"#list [data-key='mine-{number}']")


async def order(page: Page) -> list[str]:
    """The tickets of Ada's, from the top."""
    keys = await page.locator("#list [data-key^='mine-']").evaluate_all("rows => rows.map((row) => row.dataset.key)")
    return [key.removeprefix("mine-") for key in keys]


async def answered(running: Running, number: str) -> None:
    """Boris answers, so nothing is due in the ticket any more, and it goes to the end of the list."""
    await running.api.do("POST", f"/v1/tickets/{number}/messages", {"kind": "reply", "text": "Done.", "agent": "boris"})


class Gate:
    """Keeps the answers for the list from the page until it is opened for one more."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open = asyncio.Semaphore(0)
        self._answered = asyncio.Semaphore(0)
        self.requests = 0

    async def shut(self) -> None:
        """From now on; what the page asks for at its beginning has come."""
        await self._page.evaluate(LOADED, "/desk/parts/list")
        await self._page.route("**/desk/parts/list?*", self._keep)

    async def answer(self) -> None:
        """Returns when the next answer is kept here."""
        await asyncio.wait_for(self._answered.acquire(), 30)

    def pass_(self) -> None:
        """One answer goes on, as it was when it was asked for."""
        self._open.release()

    async def _keep(self, route: Route) -> None:
        self.requests += 1
        response = await route.fetch()
        self._answered.release()
        await self._open.acquire()
        await route.fulfill(response=response)


async def test_a_refresh_under_way_is_shown_and_one_more_follows_whatever_comes_meanwhile(
    watched: Watched, running: Running
) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        gate = Gate(page)
        await gate.shut()
        await running.api.do("PATCH", f"/v1/tickets/{number}", {"priority": 2}, If_Match="*")
        await gate.answer()
        for word in ("one", "two", "three", "four"):
            await note(running, number, word)
        await running.api.do("PATCH", f"/v1/tickets/{number}", {"priority": 1}, If_Match="*")
        await expect(page.locator(".ticket-facts")).to_contain_text("Priority 1")
        gate.pass_()
        await expect(row(page, number).locator(".chip")).to_have_text("P2")
        await gate.answer()
        gate.pass_()
        await expect(row(page, number).locator(".chip")).to_have_text("P1")
        await watched.settled(page)
        assert gate.requests == 2


async def test_a_row_under_the_pointer_is_kept_as_its_ticket_is_and_stays_where_it_is(
    watched: Watched, running: Running
) -> None:
    first, second = [await mine(running, "ada", text) for text in ("first", "second")]
    async with desk(watched, running, path=f"/desk/tickets/{first}") as page:
        await row(page, second).hover()
        await expect(row(page, first).locator(".due")).to_be_visible()
        await answered(running, first)
        await expect(row(page, first).locator(".due")).to_have_count(0)
        assert await order(page) == [first, second]
        await page.mouse.move(700, 300)
        await expect(page.locator("#list [data-key^='mine-']").first).to_have_attribute("data-key", f"mine-{second}")


async def test_the_focus_in_the_list_holds_nothing_up_but_the_row_that_has_it(
    watched: Watched, running: Running
) -> None:
    first, second = [await mine(running, "ada", text) for text in ("first", "second")]
    async with desk(watched, running) as page:
        focused = row(page, first).locator(".item")
        await focused.focus()
        await answered(running, first)
        await expect(row(page, first).locator(".due")).to_have_count(0)
        assert await order(page) == [second, first]
        await expect(focused).to_be_focused()
        await running.api.do("PATCH", f"/v1/tickets/{first}", {"status": "solved"}, If_Match="*")
        await expect(page.locator("#newer")).to_have_text("The list has changed")
        await expect(focused).to_be_focused()
        await focused.blur()
        await expect(row(page, first)).to_have_count(0)


async def test_what_comes_behind_a_press_does_not_jump_under_the_pointer(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        gate = Gate(page)
        await gate.shut()
        await row(page, number).hover()
        await page.evaluate("trunkline.desk.refreshList(true); undefined")
        await gate.answer()
        after = await running.api.position()
        await running.api.presence("ada")
        come = await mail(running, "Urgent!")
        await running.api.until("ticket.offered", lambda event: event["data"]["ticket"]["number"] == come, after=after)
        await note(running, number, "told behind it")
        await expect(page.locator(".entry.note")).to_contain_text("told behind it")
        gate.pass_()
        await gate.answer()
        gate.pass_()
        await expect(page.locator("#newer")).to_have_text(re.compile(r"^\d+ new$"))
        assert await page.locator(f"[data-key='offers-{come}']").count() == 0
        await page.unroute_all(behavior="ignoreErrors")


async def test_a_message_comes_in_and_whoever_reads_above_is_not_moved(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    for line in range(12):
        await note(running, number, f"note {line}\n" * 6)
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await note(running, number, "the newest")
        await expect(page.locator(".entry", has_text="the newest")).to_be_in_viewport()
        await page.evaluate("document.querySelector('#scroller').scrollTop = 100")
        await watched.settled(page)
        await note(running, number, "even newer")
        await expect(page.locator("#pill")).to_be_visible()
        assert await page.evaluate("document.querySelector('#scroller').scrollTop") == 100
        await page.evaluate(SWAPPED_ANEW)
        await expect(page.locator("#pill")).to_be_visible()
        await page.locator("#pill").click()
        await expect(page.locator(".entry", has_text="even newer")).to_be_in_viewport()
        await expect(page.locator("#pill")).to_be_hidden()


async def test_a_draft_outlives_news_another_ticket_and_a_reload(watched: Watched, running: Running) -> None:
    first, second = [await mine(running, "ada", text) for text in ("one", "two")]
    async with desk(watched, running, path=f"/desk/tickets/{first}") as page:
        await page.fill("#text", "half a sentence")
        await note(running, first, "somebody else writes")
        await expect(page.locator(".entry.note")).to_be_visible()
        await expect(page.locator("#text")).to_have_value("half a sentence")
        await page.locator("#tab-note").click()
        await expect(page.locator("#text")).to_have_value("")
        await page.fill("#text", "and a note")
        await page.locator(f"[data-key='mine-{second}'] .item").click()
        await expect(page.locator("#ticket")).to_have_attribute("data-number", second)
        await expect(page.locator("#text")).to_have_value("")
        await page.goto(f"{running.gateway.url}/desk/tickets/{first}")
        await live(page)
        await expect(page.locator("#text")).to_have_value("half a sentence")
        await page.locator("#tab-note").click()
        await expect(page.locator("#text")).to_have_value("and a note")


async def test_a_message_that_has_not_left_is_looked_at_again(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.evaluate(LOADED, "/conversation")
        await expect(page.locator("#timeline > [data-unsent]")).to_have_count(0)
        await watched.settled(page)
        async with page.expect_request_finished(lambda request: "/conversation?" in request.url):
            await page.evaluate("document.querySelector('#timeline > .entry').dataset.unsent = ''")


async def test_what_is_refused_says_why_and_keeps_the_text(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    watched.expect("the server responded with a status of 409")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.fill("#text", "A long answer")
        await page.route("**/desk/parts/**", lambda route: route.abort())
        watched.expect("net::ERR_FAILED")
        await running.api.do("PATCH", f"/v1/tickets/{number}", {"status": "closed"}, If_Match="*")
        await page.get_by_role("button", name="Send as solved").click()
        await expect(page.locator("#alarms .toast")).to_contain_text("stays closed")
        await expect(page.locator("#text")).to_have_value("A long answer")


async def test_the_second_of_two_agents_hears_who_was_first(watched: Watched, running: Running) -> None:
    watched.expect("the server responded with a status of 409")
    number = await mail(running, "Who takes it?")
    boris = await signed_in(watched, running, "boris")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        other = await watched.also(boris, f"{running.gateway.url}/desk/tickets/{number}")
        await page.route("**/desk/parts/**", lambda route: route.abort())
        watched.expect("net::ERR_FAILED")
        await other.get_by_role("button", name="Take", exact=True).click()
        await expect(other.locator(".ticket-facts")).to_contain_text("you have it")
        await page.get_by_role("button", name="Take", exact=True).click()
        await expect(page.locator("#alarms .toast")).to_contain_text(re.compile(r"Boris took it \d+ s ago"))
        await page.unroute_all()
        await note(running, number, "now it is seen")
        await expect(page.locator(".ticket-facts")).to_contain_text("Boris has it")


async def test_whoever_writes_while_a_colleague_answers_is_asked_and_their_text_stays(
    watched: Watched, running: Running
) -> None:
    number = await mine(running, "ada")
    watched.expect("the server responded with a status of 409")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.locator("#text").fill("Try another bulb.")
        body = {"kind": "reply", "text": "Is it the cable?", "agent": "boris", "force": True}
        await running.api.do("POST", f"/v1/tickets/{number}/messages", body)
        await expect(page.locator("#timeline")).to_contain_text("Is it the cable?")
        await page.locator("#send").click()
        asked = page.get_by_role("dialog", name="Meanwhile")
        await expect(asked).to_contain_text("Boris answered: Is it the cable?")
        await asked.get_by_role("button", name="Look first").click()
        await expect(page.locator("#text")).to_have_value("Try another bulb.")
        await page.locator("#send").click()
        await expect(page.locator("#text")).to_have_value("")
        await expect(page.locator("#timeline > .held")).to_contain_text("Try another bulb.")


async def test_files_are_attached_shown_and_sent(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada", sender="files@example.org")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        file = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 " + b"x" * 3000}
        await page.set_input_files("#attach", [file, file | {"name": "wrong.txt", "mimeType": "text/plain"}])
        await expect(page.locator("#attached .tile")).to_have_count(2)
        await expect(page.locator("#attached .tile", has_text="plan.pdf")).to_contain_text("3 kB")
        await page.get_by_role("button", name="Do not attach wrong.txt").click()
        await page.fill("#text", "See the plan.")
        await page.get_by_role("button", name="Send", exact=True).click()
        tile = page.locator(".entry.ours:not(.held) a.tile")
        await expect(tile).to_contain_text("plan.pdf")
        async with page.expect_download() as download:
            await tile.click()
        assert (await download.value).suggested_filename == "plan.pdf"
    sent = await running.sink.mail(lambda each: each["To"] == "Maria <files@example.org>" and each.is_multipart())
    assert [part.get_filename() for part in sent.iter_attachments()] == ["plan.pdf"]


async def test_a_formatted_mail_is_shown_in_a_frame_that_runs_nothing(watched: Watched, running: Running) -> None:
    letter = written("plain", sender="html@example.org", subject="Formatted")
    letter.add_alternative(
        "<b>Bold</b><script>parent.hurt = 1</script><img src=http://tracker.example/x>", subtype="html"
    )
    after = await running.api.position()
    await deliver(running.gateway, letter)
    number = (await running.api.until("ticket.created", after=after))["data"]["ticket"]["number"]
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.locator(".entry details[data-frame] summary").click()
        frame = page.frame_locator(".entry iframe")
        await expect(frame.locator("b")).to_have_text("Bold")
        assert await page.evaluate("window.hurt") is None


async def test_the_page_comes_back_after_the_line_was_broken(watched: Watched, running: Running) -> None:
    number = await mine(running, "ada")
    watched.expect("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await _cut(page, offline=True)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
        await note(running, number, "written meanwhile")
        async with page.expect_request("**/desk/alive"):
            await _cut(page, offline=False)
        await expect(page.locator(".entry.note")).to_contain_text("written meanwhile")
        await live(page)


async def test_an_open_desk_answers_for_its_agent_and_says_why_they_were_set_otherwise(
    watched: Watched, running: Running
) -> None:
    async with desk(watched, running) as page:
        async with page.expect_request("**/desk/alive?at=desk"):
            await page.reload()
        await running.api.do("PUT", "/v1/agents/ada/presence", {"presence": "away", "reason": "at lunch"})
        await expect(page.locator("#worker summary .said")).to_have_text("away: at lunch")


async def _cut(page: Page, *, offline: bool) -> None:
    await page.context.set_offline(offline)


async def test_what_is_wrong_with_a_field_stands_below_it_and_what_was_typed_stays(
    watched: Watched, running: Running
) -> None:
    watched.expect("status of 422")
    number = await mine(running, "ada")
    async with desk(watched, running, path=f"/desk/tickets/{number}") as page:
        await page.get_by_text("Change the record").click()
        zone, save = page.get_by_label("Time zone"), page.locator("[id^=record-] .save")
        await zone.fill("Mars")
        await page.get_by_label("Company").fill("Acme")
        await save.click()
        fault = page.locator(".fault")
        await expect(fault).to_have_text("Expected a time zone by its IANA name, such as Europe/Madrid.")
        await expect(zone).to_be_focused()
        await expect(zone).to_have_value("Mars")
        await expect(zone).to_have_attribute("aria-describedby", "fault-time_zone")
        await zone.fill("Europe/Madrid")
        await save.click()
        await expect(fault).to_have_count(0)
        await expect(page.locator(".person-head")).to_contain_text("Acme")


async def test_colleagues_see_who_writes_and_what_comes_meanwhile_leaves_the_text(
    watched: Watched, running: Running
) -> None:
    first = written("My lamp is broken", sender="Maria <maria.writes@example.org>", subject="My lamp")
    after = await running.api.position()
    await deliver(running.gateway, first)
    number = str((await running.api.until("ticket.created", after=after))["data"]["ticket"]["number"])
    await running.api.do("POST", f"/v1/tickets/{number}/assign", {"agent": "ada", "force": True})
    path = f"/desk/tickets/{number}"
    async with desk(watched, running, path=path) as adas, desk(watched, running, "boris", path) as boriss:
        await adas.locator("#text").press_sequentially("Dear Maria, hello")
        await expect(boriss.locator("#writing")).to_have_text("Ada is writing an answer")
        await expect(boriss.locator("#news")).to_have_text("Ada is writing an answer")
        await expect(adas.locator("#writing")).to_be_hidden()
        await boriss.locator("#tab-note").click()
        await boriss.locator("#text").press_sequentially("A thought")
        await expect(adas.locator("#writing")).to_have_text("Boris is writing a note")
        await expect(adas.locator("#meanwhile")).to_be_hidden()
        again = written("It is the green one", sender="Maria <maria.writes@example.org>", subject="Re: My lamp")
        again["In-Reply-To"] = str(first["Message-ID"])
        await deliver(running.gateway, again)
        await expect(adas.locator("#meanwhile span")).to_have_text("Maria wrote again while you were writing.")
        await expect(adas.locator("#text")).to_have_value("Dear Maria, hello")
        await adas.locator("#meanwhile button").click()
        await expect(adas.locator("#meanwhile")).to_be_hidden()
        await expect(adas.locator("#text")).to_be_focused()
        await adas.locator("#text").fill("")
        await boriss.locator("#text").fill("")
