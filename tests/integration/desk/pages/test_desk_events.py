"""What an open page is told: what concerns its agent, joined and not too often, and nothing of a customer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from trunkline.desk.pages import changes, events
from trunkline.desk.pages.changes import Changes
from trunkline.queue import service
from trunkline.queue.conversation_log import conversation_name
from trunkline.router.ticket_requests import Writing

from .conftest import BY_SCRIPT, Browser, Site
from .desk_of_ada import by_script, mine, opened, part

LIMIT = 20.0


class Stream:
    """The events of one page."""

    def __init__(self, response: Any) -> None:
        self._lines = response.content

    async def next(self, *wanted: str) -> tuple[str, dict[str, Any]]:
        """The next event of these names; beats and others are passed over."""
        name = ""
        async with asyncio.timeout(LIMIT):
            async for line in self._lines:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data" and name in wanted:
                    return name, json.loads(value)
        raise AssertionError("the stream has ended")

    async def change(self) -> dict[str, Any]:
        """The next change."""
        return (await self.next("change"))[1]


@asynccontextmanager
async def stream(browser: Browser, ticket: str = "") -> AsyncIterator[Stream]:
    """A page that listens, from the moment on from which everything is told."""
    path = browser._base.join(browser._base.with_path("/desk/events").with_query(ticket=ticket))
    async with browser._session.get(path, headers=BY_SCRIPT) as response:
        assert response.status == 200, await response.text()
        found = Stream(response)
        await found.next("ready")
        yield found


async def signed_in(site: Site, agent: str) -> Browser:
    browser = site.browser()
    await browser.sign_in(await site.token(agent))
    return browser


async def test_a_page_is_told_of_what_concerns_its_agent(site: Site, ada: Browser) -> None:
    async with stream(ada) as page:
        ticket = await mine(site, "My secret is 1234", name="Maria")
        told = await page.change()
        while not told["mine"]:
            told = await page.change()
        assert (told["ticket"], told["number"], "ticket.assigned" in told["kinds"]) == (ticket.id, ticket.number, True)
        assert set(told) == {"ticket", "number", "kinds", "mine"}


async def test_nothing_of_other_agents_queues_and_presence_is_told(site: Site, ada: Browser) -> None:
    carla = await signed_in(site, "carla")
    async with stream(ada) as adas, stream(carla) as carlas:
        foreign = await opened(site, "a refund please")  # to billing, which is Carla's
        await site.desk.actions.presence("carla", "away", actor="test")
        own = await opened(site, "my lamp")
        assert (await adas.change())["ticket"] == own.id
        assert (await carlas.change())["ticket"] == foreign.id
        assert (await carlas.next("presence"))[0] == "presence"


async def test_the_ticket_that_is_open_is_told_of_whosever_it_is(site: Site, ada: Browser) -> None:
    ticket = await opened(site, "a refund please")
    async with stream(ada, ticket.number) as page:
        await site.desk.actions.note(ticket.id, Writing(text="a note", actor="agent:carla", agent="carla"))
        told = await page.change()
        assert (told["ticket"], told["mine"], told["kinds"]) == (ticket.id, False, ["message.note_added"])


async def test_whoever_loses_a_ticket_is_told(site: Site, ada: Browser) -> None:
    async with stream(ada) as page:
        ticket = await mine(site)
        while not (await page.change())["mine"]:
            pass
        await site.desk.actions.assign(ticket.id, "carla", actor="agent:carla", force=True)
        assert await page.change() == {
            "ticket": ticket.id,
            "number": ticket.number,
            "kinds": ["ticket.assigned"],
            "mine": True,
        }


async def test_a_page_is_told_at_once_and_then_at_most_four_times_a_second(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(round(seconds, 3))

    source, at = Changes(site.desk.feed), 100.0
    monkeypatch.setattr(changes, "_pause", wait)
    monkeypatch.setattr(changes, "_monotonic", lambda: at)
    async with source.listen() as listener:
        for later in (0.0, 0.0, 0.1, 5.0):
            at += later
            listener.hear(changes.Change("t", "T-1", ["kind"]))
            assert len((await listener.news()).changes) == 1
    assert waits == [0.0, 0.25, 0.15, 0.0]


async def test_a_listener_joins_what_it_has_not_taken_and_gives_up_when_it_is_too_much(site: Site) -> None:
    source = Changes(site.desk.feed)
    async with source.listen() as listener:
        for number in range(3):
            listener.hear(changes.Change("t", "T-1", [f"kind.{number % 2}"], {"ada"}, {"support"}))
        news = await listener.news()
        (change,) = news.changes
        assert (change.kinds, news.everything) == (["kind.0", "kind.1"], False)
        for number in range(changes.MOST_WAITING + 1):
            listener.hear(changes.Change(f"t{number}", "T-1", ["kind"]))
        news = await listener.news()
        assert (news.everything, len(news.changes)) == (True, 0)
    assert source.listeners == 0


async def test_the_feed_is_read_once_for_all_pages_and_only_while_somebody_looks(site: Site) -> None:
    source, read = Changes(site.desk.feed), 0
    follow = site.desk.feed.follow

    async def counted(after: int) -> AsyncIterator[Any]:
        nonlocal read
        read += 1
        async for lines in follow(after):
            yield lines

    site.desk.feed.follow = counted
    async with source.listen() as one, source.listen() as other:
        ticket = await mine(site)
        assert ticket.id in {each.ticket for listener in (one, other) for each in (await listener.news()).changes}
        assert (read, source.listeners) == (1, 2)
    assert not source._reading.running


async def test_who_reads_anew_after_trouble_tells_everybody_to_look_at_everything(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AGAIN", 0.0)
    source, broken = Changes(site.desk.feed), False
    follow = site.desk.feed.follow

    async def breaking(after: int) -> AsyncIterator[Any]:
        nonlocal broken
        if not broken:
            broken = True
            await mine(site)
            raise ZeroDivisionError
        async for lines in follow(after):
            yield lines

    site.desk.feed.follow = breaking
    async with source.listen() as listener:
        assert (await asyncio.wait_for(listener.news(), 5)).everything
        ticket = await mine(site)
        assert ticket.id in {each.ticket for each in (await asyncio.wait_for(listener.news(), 5)).changes}


@pytest.fixture
def no_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STREAMS", 0)


@pytest.mark.usefixtures("no_streams")
async def test_too_many_pages_are_refused(site: Site, ada: Browser) -> None:
    assert (await ada.open("/desk/events", headers=BY_SCRIPT)).status == 429
    assert (await site.browser().open("/desk/events", headers=BY_SCRIPT)).status == 401


async def test_typing_and_presence_of_the_visitor_are_told_and_answered(
    site: Site, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "PRESENCE_SECONDS", 0.05)
    conversation = conversation_name("web", "v1")
    ticket = await mine(site, channel="test", name="Maria", conversation=conversation)
    await _pin_to_chat(site, ticket)
    signals, logs = site.parts.signals, site.parts.logs
    await signals.start()
    try:
        await logs.append(conversation, {"id": "x", "from": "visitor", "text": "hi"}, key="x")
        assert "they are not there" in (await part(ada, f"tickets/{ticket.id}/conversation")).text
        async with stream(ada, ticket.number) as page, signals.listen(conversation) as heard:
            await signals.send(conversation, {"who": "visitor"})
            assert await page.next("typing") == ("typing", {"name": ""})
            assert (await by_script(ada, f"/desk/tickets/{ticket.id}/typing")).status == 204
            told = [await anext(heard), await anext(heard)][-1]
            assert (told["who"], told["name"]) == ("agent", "Ada")
            await logs.seen_here([conversation])
            assert await page.next("visitor") == ("visitor", {"here": True})
        assert "they are here now" in (await part(ada, f"tickets/{ticket.id}/conversation")).text
        await ada.open(f"/desk/tickets/{ticket.number}")
        assert (await logs.marks(conversation))["desk:read"] == 1
    finally:
        await signals.stop()


@asynccontextmanager
async def hearing(site: Site) -> AsyncIterator[None]:
    await site.parts.signals.start()
    try:
        yield
    finally:
        await site.parts.signals.stop()


async def test_colleagues_who_have_a_ticket_open_or_listed_are_told_who_writes_in_it(site: Site, ada: Browser) -> None:
    boris, ticket = await signed_in(site, "boris"), await mine(site)
    elsewhere = await opened(site, "a refund please")  # in billing, which Ada does not serve
    async with hearing(site), stream(boris, ticket.number) as boriss, stream(ada) as adas:
        await by_script(ada, f"/desk/tickets/{ticket.id}/typing", {"kind": "reply"})
        told = {"number": ticket.number, "name": "Ada", "note": False}
        assert await boriss.next("writing") == ("writing", told)
        await by_script(boris, f"/desk/tickets/{elsewhere.id}/typing", {"kind": "reply"})
        await by_script(boris, f"/desk/tickets/{ticket.id}/typing", {"kind": "note"})
        told = {"number": ticket.number, "name": "Boris", "note": True}
        assert await adas.next("writing") == ("writing", told), "neither her own nor what is none of her business"


async def test_a_note_is_no_sign_to_whoever_chats(site: Site, ada: Browser) -> None:
    conversation = conversation_name("web", "v1")
    ticket = await mine(site, channel="test", name="Maria", conversation=conversation)
    await _pin_to_chat(site, ticket)
    async with hearing(site), site.parts.signals.listen(conversation) as heard:
        for kind in ("note", "reply"):
            await by_script(ada, f"/desk/tickets/{ticket.id}/typing", {"kind": kind})
        await site.parts.signals.send(conversation, {"who": "end"})
        async with asyncio.timeout(LIMIT):
            assert [(await anext(heard))["who"] for _ in range(2)] == ["agent", "end"]


async def _pin_to_chat(site: Site, ticket: Any) -> None:
    address = {"channel": "chat", "account": "web", "to": "v1", "name": "Maria"}
    key = site.desk.offers._keys.ticket(ticket.id)
    await site.desk.engine.call("HSET", key, "_reply_to", json.dumps(address))
