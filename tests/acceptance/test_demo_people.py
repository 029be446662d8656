"""What a person finds who starts a demo: addresses to open, a chat with answers, and an agent whom they can be."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from trunkline.queue.server_binary import ServerBinary

from ..ports import free_port
from .gateway import Gateway, Process, gateway

DEMO = Path(__file__).parents[2] / "config" / "demo.yaml"
QUICK = ("--speed", "20", "--seed", "7")
CROWDED = (*QUICK, "--customers", "16")


@pytest.fixture
async def shop(server_binary: ServerBinary) -> AsyncIterator[Gateway]:
    """The demo's own desk; nothing runs yet."""
    vendors = {
        f"channels__{channel}__shop__api": f"http://127.0.0.1:{free_port()}" for channel in ("telegram", "twilio")
    }
    async with gateway(config=DEMO, **vendors) as made:
        yield made


def link_in(play: Process) -> str:
    """The address that signs a person in."""
    found = re.search(r"http://\S+/desk/sign-in#(tlk_\S+)", "\n".join(play.told))
    assert found, play.transcript
    return found[1]


@asynccontextmanager
async def browser(shop: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A person's browser; loopback addresses may keep cookies."""
    async with aiohttp.ClientSession(shop.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def sign_in(session: aiohttp.ClientSession, shop: Gateway, token: str) -> None:
    """As the sign-in page does."""
    async with session.post("/desk/sign-in", data={"token": token, "next": ""}, headers={"Origin": shop.url}) as page:
        assert page.status == 200, await page.text()
        assert page.url.path == "/desk"


async def test_it_prints_the_addresses_to_open_and_they_answer(shop: Gateway) -> None:
    play = await shop.launch("demo", *QUICK)
    await play.until("opened in")
    told = "\n".join(play.told)
    assert f"{shop.url}/chat/web" in told
    assert f"{shop.url}/board" in told
    async with browser(shop) as session:
        async with session.get("/chat/web") as page:
            assert page.status == 200
        await sign_in(session, shop, link_in(play))
        async with session.get("/board") as page:
            assert page.status == 200
    assert await play.stop() == 0


@pytest.mark.long
async def test_customers_come_on_all_ways_and_those_who_chat_are_answered_in_their_language(shop: Gateway) -> None:
    play = await shop.launch("demo", *QUICK, "--duration", "25")
    async with shop.api() as api:
        await play.until("opened in")

        def answered_in_the_chat(event: Any) -> bool:
            return bool(event["data"]["ticket"]["channel"] == "chat" and event["data"]["article"]["author"]["id"])

        await api.until("message.sent", answered_in_the_chat)
        await api.until("message.read", answered_in_the_chat)
        for channel in ("mail", "http"):
            await api.until("ticket.created", lambda event, on=channel: event["data"]["ticket"]["channel"] == on)
    assert await play.ended() == 0
    assert [line for line in play.told if '"level": "error"' in line] == []


@pytest.mark.long
async def test_customers_write_on_their_phones_and_hear_from_us_there(shop: Gateway) -> None:
    play = await shop.launch("demo", *CROWDED)
    async with shop.api() as api:
        await play.until("opened in")

        def answered(event: Any, by: str) -> bool:
            article = event["data"]["article"]
            return bool(event["data"]["ticket"]["channel"] == by and article["author"]["kind"] == "agent")

        await api.until("message.sent", lambda event: answered(event, "telegram"))
        await api.until("message.delivered", lambda event: answered(event, "twilio"))
        await api.until("message.read", lambda event: answered(event, "twilio"))
        await api.until("message.edited")
        await api.until("message.reacted")
        await api.until("message.file_fetched")
    assert await play.stop() == 0
    assert [line for line in play.told if '"level": "error"' in line] == []


async def test_whoever_signs_in_is_ada_until_they_sign_out(shop: Gateway) -> None:
    play = await shop.launch("demo", *CROWDED)
    await play.until("taken by ada")
    async with browser(shop) as session, shop.api() as api:
        before = await api.position()
        await sign_in(session, shop, link_in(play))
        await play.until("Ada Lind is you from now on.")
        begin = await api.position()
        assert len(await api.tickets(assignee="ada", status="open")) <= 2, "there is room for offers"
        await api.until(
            "ticket.offered", lambda event: offered_to_ada(event) and lasts_for_a_person(event), after=before
        )
        await shop_goes_on(api, begin)
        assert [event for event in await everything(api, begin) if event["data"].get("actor") == "agent:ada"] == []
        async with session.get("/desk") as page:
            csrf = re.search(r'name="csrf" (?:value|content)="([^"]+)"', await page.text())
        assert csrf
        async with session.post("/desk/sign-out", data={"csrf": csrf[1]}, headers={"Origin": shop.url}) as page:
            assert page.status == 200
        await play.until("Ada Lind is simulated again.")
        await api.until("ticket.assigned", lambda event: event["data"].get("actor") == "agent:ada", after=begin)
    assert await play.stop() == 0


async def test_what_a_person_writes_in_the_chat_comes_to_the_person_at_the_desk(shop: Gateway) -> None:
    play = await shop.launch("demo", *CROWDED)
    await play.until("taken by")
    async with browser(shop) as session, shop.api() as api:
        await sign_in(session, shop, link_in(play))
        await play.until("Ada Lind is you from now on.")
        async with session.ws_connect("/chat/web/socket", origin=shop.url) as socket:
            await socket.send_json({"type": "hello", "after": 0, "language": "en"})
            text = "I would like to see how this works, please."
            await socket.send_json({"type": "message", "id": uuid4().hex, "text": text})

            def is_mine(event: Any) -> bool:
                return bool(event["data"].get("article", {}).get("text", "").startswith("I would like to see"))

            mine = (await api.until("message.received", is_mine))["subject"]

            def comes_to_ada(event: Any) -> bool:
                ticket = event["data"]["ticket"]
                return event["subject"] == mine and "ada" in (ticket["assignee"], (ticket["offer"] or {}).get("agent"))

            await either(api, comes_to_ada)
    assert await play.stop() == 0


async def test_at_the_end_everybody_can_stand_still_while_the_gateway_goes_on(shop: Gateway) -> None:
    play = await shop.launch("demo", *CROWDED, "--duration", "6", "--hold")
    await play.until("Everybody stands still now")
    async with shop.api() as api:
        tickets = await api.tickets(limit="200")
        offers = [ticket for ticket in tickets if ticket["offer"]]
        assert {ticket["status"] for ticket in tickets} >= {"open", "solved"}
        assert offers or any(ticket["status"] == "new" for ticket in tickets), "something is left to be done"
    assert play.alive
    assert await play.stop() == 0
    end = next(number for number, line in enumerate(play.told) if line.startswith("Everybody stands still now"))
    again = "\n".join(play.told[end:])
    assert all(place in again for place in ("/chat/web", "/desk/sign-in#tlk_", "/board")), "they have scrolled away"
    assert "press Sign in" in again


async def test_an_agent_who_is_not_there_cannot_be_taken(shop: Gateway) -> None:
    play = await shop.run("demo", "--me", "nobody", "--duration", "1")
    assert await play.ended() == 1
    assert "there is no agent 'nobody'" in play.told[0]


async def test_without_an_agent_to_be_no_link_is_given(shop: Gateway) -> None:
    play = await shop.launch("demo", *QUICK, "--me", "", "--duration", "2")
    await play.ended()
    assert not any("sign-in" in line for line in play.told)


def offered_to_ada(event: Any) -> bool:
    """An offer to the person."""
    return bool(event["data"]["ticket"]["offer"]["agent"] == "ada")


def lasts_for_a_person(offered: Any) -> bool:
    """Two minutes at least, whatever the speed."""
    ticket = offered["data"]["ticket"]
    return bool(ticket["offer"]["expires_at"] - ticket["updated_at"] > 120_000)


async def shop_goes_on(api: Any, begin: str) -> None:
    """The others have done something since then."""
    await api.until("ticket.assigned", lambda event: event["data"]["ticket"]["assignee"] != "ada", after=begin)


async def everything(api: Any, begin: str) -> list[Any]:
    """All events since then."""
    return list((await api.get(f"/v1/events?after={begin}&limit=500"))["items"])


async def either(api: Any, fits: Any) -> None:
    """Offered or handed over."""
    async for event in api.events():
        if event["type"] in ("ticket.offered", "ticket.assigned") and fits(event):
            return
