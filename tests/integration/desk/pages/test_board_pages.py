"""The pages of the board: who may see them, what they say, and what can be done from them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from trunkline.desk.stores.token_store import TokenStore

from .conftest import BY_SCRIPT, Browser, Site
from .desk_of_ada import by_script

LIMIT = 20.0
PARTS = ("verdict", "numbers", "queues", "agents", "balance", "engine")
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(1)">'


@asynccontextmanager
async def stream(browser: Browser) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What an open board is told."""

    async def told(lines: Any) -> AsyncIterator[dict[str, Any]]:
        name = ""
        async for line in lines:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == "board":
                yield json.loads(value)

    async with browser._session.get(browser._base.joinpath("board/events"), headers=BY_SCRIPT) as response:
        assert response.status == 200, await response.text()
        yield told(response.content)


async def next_with(events: AsyncIterator[dict[str, Any]], part: str, words: str) -> dict[str, Any]:
    """The first event in which this part says this."""
    async with asyncio.timeout(LIMIT):
        async for event in events:
            if words in event["parts"].get(part, ""):
                return event
    raise AssertionError("the stream has ended")


async def suspended(site: Site, texts: Sequence[str] = ("odd",), **facts: Any) -> None:
    for number, text in enumerate(texts):
        await site.desk.write(text, sender=f"s{number}@example.org", suspend="it looks forged", **facts)
    await site.desk.settle()


async def dead(site: Site, *, channel: str = "pigeon") -> None:
    await site.desk.write("coo", channel=channel)
    await site.desk.settle()


@pytest.mark.parametrize("path", ["/board", "/board?wall", "/board/dead", "/board/suspended"])
async def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(browser: Browser, path: str) -> None:
    page = await browser.open(path)
    assert page.location.startswith("/desk/sign-in?next=/board")


@pytest.mark.parametrize("path", ["/board/events", "/board/parts/queues"])
async def test_a_script_without_a_session_is_refused(browser: Browser, path: str) -> None:
    assert (await browser.open(path, headers=BY_SCRIPT)).status == 401


async def test_a_token_that_may_not_read_tickets_sees_no_board(site: Site, browser: Browser) -> None:
    await browser.sign_in(await site.face.tokens.create("feeder", scopes=("feed:read",)))
    assert (await browser.open("/board")).status == 403


async def test_the_board_says_what_waits_and_who_is_there(site: Site, ada: Browser) -> None:
    await site.desk.actions.presence("boris", "available", actor="test")
    await site.desk.settle()
    await site.desk.write("hello")
    await site.desk.settle()
    await site.desk.write("a refund please", sender="r@example.org")
    await site.desk.settle()
    page = await ada.open("/board")
    assert page.status == 200
    for name in PARTS:
        assert f'id="part-{name}"' in page.text
    assert "1 ticket waits in billing and nobody is on duty there" in page.text
    assert re.search(r'class="chip accent" href="/desk/tickets/T-1">T-1 <span>offered', page.text)
    assert "Balances" in page.text
    assert re.search(
        r'Waiting now</dt>\s*<dd>\s*<p class="figure-value">2</p>\s*<p class="figure-words">1 of them', page.text
    )
    assert re.search(r'aria-valuetext="1 of \d+, 1 of it offered" aria-label="Load of Boris"', page.text)


async def test_the_page_has_its_tables_named_and_no_style_or_script_within(ada: Browser) -> None:
    page = await ada.open("/board")
    tables = page.text.count("<table>")
    assert tables == 3
    assert page.text.count("<caption") == tables
    assert page.text.count('<svg class="spark"') == page.text.count('role="img" aria-label="') - page.text.count(
        'class="mark"'
    )
    assert not re.search(r"<th(?![^>]*scope)[ >]", page.text)
    assert not re.search(r"\sstyle=|<style|<script>|\son[a-z]+=", page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_the_board_for_a_wall_has_no_menus(ada: Browser) -> None:
    page = await ada.open("/board?wall")
    assert '<body class="wall">' in page.text
    assert '<header class="top">' not in page.text


async def test_one_part_can_be_asked_for(ada: Browser) -> None:
    page = await ada.open("/board/parts/queues", headers=BY_SCRIPT)
    assert page.text.lstrip().startswith('<section class="block" id="part-queues"')
    assert (await ada.open("/board/parts/nothing", headers=BY_SCRIPT)).status == 404


async def test_an_open_board_is_told_what_changes(site: Site, ada: Browser) -> None:
    async with stream(ada) as events:
        first = await anext(events)
        assert set(first["parts"]) == set(PARTS)
        assert first["at"] == site.desk.clock.now()
        await site.desk.write("hello")
        told = await next_with(events, "balance", '<td class="number strong">1</td>')
        assert "agents" not in told["parts"]
        await site.desk.settle()
        await next_with(events, "numbers", '<p class="figure-value">1</p>')


async def test_dead_letters_are_listed_and_only_an_administrator_may_decide(site: Site, ada: Browser) -> None:
    await dead(site)
    page = await ada.open("/board/dead")
    assert "no channel &#39;pigeon&#39; is configured" in page.text
    assert "/retry" not in page.text
    assert (await ada.act("/board/dead/intake-1/retry")).status == 403
    assert (await ada.open("/board/dead/intake-1/raw")).status == 403


async def test_a_dead_letter_is_downloaded_retried_and_dropped(site: Site, admin: Browser) -> None:
    await dead(site)
    assert (await admin.open("/board/dead/intake-1/raw")).raw == b"coo"
    assert (await admin.act("/board/dead/intake-1/retry")).location == "/board/dead"
    assert "Nothing was given up" in (await admin.open("/board/dead")).text
    await site.desk.settle()
    headers = BY_SCRIPT | {"X-CSRF-Token": await admin.csrf()}
    dropped = await admin.send("/board/dead/intake-1/drop", {}, headers=headers)
    assert dropped.text.lstrip().startswith('<section class="block" id="letters"')
    assert "Nothing was given up" in dropped.text
    board = (await site.board.see()).board
    assert board.balance.even
    assert [row.dropped for row in board.balance.channels] == [1]


async def test_suspended_messages_are_searched_filed_together_and_their_senders_blocked(
    site: Site, admin: Browser
) -> None:
    await suspended(site, ["first", "second", "third"], subject="Hello")
    page = await admin.open("/board/suspended?words=s1@example.org")
    assert ("second" in page.text, "third" in page.text) == (True, False)
    page = await admin.open("/board/suspended?words=nothing")
    assert "Nothing among the newest has these words." in page.text
    page = await admin.open("/board/suspended")
    ids = re.findall(r'name="id" value="([0-9a-f-]{36})"', page.text)
    assert len(ids) == 3
    assert (await by_script(admin, "/board/suspended/release", {"id": ids[:2]})).status == 200
    await site.desk.settle()
    assert len(await site.desk.tickets()) == 2
    assert "All of @example.org" in page.text
    assert ('value="unproven"' in page.text, 'name="holds" value="all"' in page.text) == (False, True)
    await admin.act("/board/suspended/block", {"sender": "s2@example.org", "whole_domain": "true"})
    page = await admin.open("/board/suspended")
    assert "Blocked senders" in page.text
    await admin.act("/board/suspended/unblock", {"sender": "@example.org"})
    assert "Blocked senders" not in (await admin.open("/board/suspended")).text


async def test_a_suspended_message_is_filed_after_all_or_thrown_away(site: Site, admin: Browser) -> None:
    await suspended(site, ["first", "second"], subject="Hello")
    page = await admin.open("/board/suspended")
    ids = re.findall(r"/board/suspended/([0-9a-f-]{36})/release", page.text)
    assert len(ids) == 2
    assert (await admin.act(f"/board/suspended/{ids[0]}/release")).location == "/board/suspended"
    assert (await admin.act(f"/board/suspended/{ids[1]}/drop")).location == "/board/suspended"
    await site.desk.settle()
    assert len(await site.desk.tickets()) == 1
    assert "Nothing was set aside" in (await admin.open("/board/suspended")).text


@pytest.mark.parametrize(
    "path", ["/board/dead/intake-9/retry", "/board/dead/nothing/drop", "/board/suspended/x/release", "/board/nothing"]
)
async def test_what_is_not_there_is_not_found(admin: Browser, path: str) -> None:
    assert (await admin.act(path)).status == 404


async def test_an_action_without_the_pages_token_is_refused(site: Site, admin: Browser) -> None:
    await dead(site)
    assert (await admin.send("/board/dead/intake-1/drop", {})).status == 403
    assert (await site.board.see()).board.upkeep.dead == 1


async def test_long_lists_go_on(site: Site, admin: Browser) -> None:
    await suspended(site, [f"odd {number}" for number in range(53)])
    page = await admin.open("/board/suspended")
    assert page.text.count("data-key=") == 50
    (older,) = re.findall(r'href="(/board/suspended\?cursor=[^"]+)">Older', page.text)
    assert (await admin.open(older)).text.count("data-key=") == 3
    for cursor in ("nonsense", "x" * 5000):
        assert (await admin.open(f"/board/suspended?cursor={cursor}")).status == 404


async def test_words_of_strangers_stay_words(site: Site, admin: Browser) -> None:
    await suspended(site, [HOSTILE], subject=HOSTILE)
    await site.desk.write("coo", channel="pigeon", external_id=HOSTILE)
    await site.desk.settle()
    for path in ("/board", "/board/dead", "/board/suspended"):
        page = await admin.open(path)
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


async def test_the_board_is_an_operation_of_the_api(site: Site) -> None:
    await site.desk.write("hello")
    await site.desk.settle()
    found = await site.face.get("/v1/board")
    assert found.status == 200
    assert found.body["numbers"]["waiting"]["now"] == 1
    assert found.body["verdict"]["level"] == "bad"
    assert "/v1/board" in site.face.api.document()["paths"]
    await site.face.tokens.create("feeder", scopes=("feed:read",))
    token = await TokenStore(site.desk.engine, site.desk.clock).create("other", scopes=("feed:read",))
    (await site.face.get("/v1/board", token=token)).refused(403, "forbidden")
