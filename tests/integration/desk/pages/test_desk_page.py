"""The desk page as it is served: its list, its ticket, its parts, with a script and without."""

import re
from unittest.mock import AsyncMock, Mock

import pytest
from jinja2 import Template

from trunkline.desk.views.chat_presence import ChatPresence
from trunkline.desk.views.reply_target import Visitor
from trunkline.queue.identifiers import new_id
from trunkline.router.ticket_keys import TicketKeys
from trunkline.router.ticket_requests import TicketChanges, Writing

from ...conftest import SETTINGS
from .conftest import Browser, Site
from .desk_of_ada import by_script, mine, now, offered, opened, part

pytestmark = pytest.mark.usefixtures("desk")

EVIL = '<script>alert(1)</script>" onload=x {{7*7}} </textarea>'


def rows(text: str, section: str) -> list[str]:
    """The tickets of a section of the list."""
    return re.findall(rf'<li data-key="{section}-(T-\d+)"', text)


def unseen(text: str) -> list[str]:
    return [
        number
        for number, kind in re.findall(
            r'data-ticket="(T-\d+)"[^>]*>\s*(?:<input[^>]*>\s*)?<a class="item( unread)?"', text
        )
        if kind
    ]


async def test_an_offer_stands_at_the_top_with_its_deadline_and_its_buttons(site: Site, ada: Browser) -> None:
    ticket = await offered(site, "My lamp is broken", name="Maria")
    page = await ada.open("/desk")
    assert page.status == 200
    assert rows(page.text, "offers") == [ticket.number]
    assert ticket.offer is not None
    since, risk, due = map(int, re.findall(r'data-since="(\d+)" data-risk="(\d+)" data-due="(\d+)"', page.text)[0])
    assert (due, risk) == (ticket.offer.expires_at, due - (due - since) // 4)
    assert f'action="/desk/tickets/{ticket.id}/accept"' in page.text
    assert "My lamp is broken" in page.text


async def test_the_list_tells_what_is_offered_mine_waiting_parked_and_solved(site: Site, ada: Browser) -> None:
    tickets = [await mine(site, f"case {number}") for number in range(3)]
    await opened(site, "nobody has it")
    await site.desk.actions.presence("ada", "busy", actor="test")
    for ticket, status in zip(tickets[1:], ("pending", "solved"), strict=True):
        await by_script(ada, f"/desk/tickets/{ticket.id}/status", {"status": status})
    assert rows((await ada.open("/desk")).text, "solved") == []
    page = await ada.open("/desk?show=waiting,parked,solved")
    found = {name: rows(page.text, name) for name in ("offers", "mine", "waiting", "parked", "solved")}
    assert found == {"offers": [], "mine": ["T-1"], "waiting": ["T-4"], "parked": ["T-2"], "solved": ["T-3"]}
    assert "No offers while you are busy" in page.text


async def test_a_search_finds_by_words_and_a_queue_filters(site: Site, ada: Browser) -> None:
    await mine(site, "the blue lamp")
    await mine(site, "a refund please")
    assert rows((await part(ada, "list?q=blue+lamp")).text, "found") == ["T-1"]
    assert rows((await part(ada, "list?q=nothing")).text, "found") == []
    await mine(site, "a <b>green</b> <mark>lamp</mark>")
    assert "a &lt;b&gt;<mark>green</mark>&lt;/b&gt; &lt;mark&gt;" in (await part(ada, "list?q=green")).text
    assert rows((await part(ada, "list?queue=billing")).text, "mine") == ["T-2"]
    assert rows((await part(ada, "list?queue=invented")).text, "mine") != []


async def test_what_a_customer_wrote_is_text_wherever_it_stands(site: Site, ada: Browser) -> None:
    ticket = await mine(site, EVIL, name=EVIL, subject=EVIL.replace("\n", " "))
    for path in ("/desk", f"/desk/tickets/{ticket.number}", "/desk?q=" + "%3Cscript%3E"):
        page = await ada.open(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "{{7*7}}" in page.text or path != f"/desk/tickets/{ticket.number}"
        assert ' style="' not in page.text


async def test_a_ticket_shows_its_conversation_its_customer_and_why_it_is_here(site: Site, ada: Browser) -> None:
    ticket = await offered(site, "It is green.\nSee https://shop.example/1.", name="Maria", subject="The lamp")
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert page.status == 200
    for words in ("The lamp", "origin proven", "Maria", "Offered to Ada", "You were the only one who could take it."):
        assert words in page.text
    assert '<a href="https://shop.example/1" target="_blank" rel="noopener noreferrer nofollow">' in page.text
    assert f"Reply to {(await site.desk.reader.articles(ticket.id))[0].author.identity[6:]} by" in page.text
    assert f'action="/desk/tickets/{ticket.id}/reply"' in page.text


async def test_a_part_that_has_not_changed_is_neither_made_nor_sent_again(
    site: Site, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await mine(site, "It is green")
    await site.desk.engine.call(
        "HSET", TicketKeys(site.desk.engine).customer(ticket.customer or ""), "time_zone", '"Asia/Tokyo"'
    )
    await by_script(
        ada, f"/desk/tickets/{ticket.id}/reply", {"text": "held back", "key": new_id(site.desk.clock.now())}
    )
    left = site.desk.clock.now()
    monkeypatch.setattr(ChatPresence, "visitor", AsyncMock(return_value=Visitor(left_at=left, email="m@example.org")))
    paths = ["list", f"tickets/{ticket.id}/conversation?from=0", f"tickets/{ticket.id}/person"]
    parts = {path: await part(ada, path) for path in paths}
    assert ["held back" in parts[paths[1]].text, "local time <time" in parts[paths[2]].text] == [True, True]
    site.desk.clock.advance(90_000)  # the words of times change with it, and nothing else
    with monkeypatch.context() as patched:
        patched.setattr(Template, "render", Mock(side_effect=AssertionError("a template was rendered")))
        for path, first in parts.items():
            again = await part(ada, path, **{"If-None-Match": first.headers["ETag"]})
            assert (again.status, again.raw, again.headers["ETag"]) == (304, b"", first.headers["ETag"]), path
    await site.desk.actions.note(ticket.id, Writing(text="a note", actor="agent:boris", agent="boris"))
    changed = await part(ada, paths[1], **{"If-None-Match": parts[paths[1]].headers["ETag"]})
    assert (changed.status, "a note" in changed.text) == (200, True)
    assert changed.headers["ETag"] != parts[paths[1]].headers["ETag"]


async def test_a_part_of_somebody_else_is_another_one(site: Site, ada: Browser) -> None:
    ticket = await mine(site, "It is green")
    path = f"tickets/{ticket.id}/person"
    mark = (await part(ada, path)).headers["ETag"]
    boris = site.browser()
    await boris.sign_in(await site.token("boris"))
    assert (await part(boris, path, **{"If-None-Match": mark})).status == 200


async def test_a_long_conversation_comes_in_parts_that_overlap_nowhere(site: Site, ada: Browser) -> None:
    ticket = await mine(site, "the first")
    for number in range(60):
        await site.desk.actions.note(ticket.id, Writing(text=f"note {number:02d}", actor="agent:ada", agent="ada"))
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert re.findall(r"note \d\d", page.text)[0] == "note 10"
    before = re.findall(rf'href="/desk/tickets/{ticket.number}\?before=(\d+)"', page.text)[0]
    earlier = await part(ada, f"tickets/{ticket.id}/conversation?before={before}")
    assert re.findall(r"the first|note \d\d", earlier.text) == ["the first", *(f"note {n:02d}" for n in range(10))]
    same = await part(ada, f"tickets/{ticket.id}/conversation?from={before}")
    assert re.findall(r"note \d\d", same.text)[0] == "note 10"
    assert (await part(ada, f"tickets/{ticket.id}/conversation?before=x")).status == 422


async def test_a_long_text_is_cut_and_can_be_had_whole(site: Site, ada: Browser) -> None:
    ticket = await mine(site, "word " * 2000 + "the end")
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert "the end" not in page.text
    found = re.search(r"/desk/parts/(articles/[0-9a-f-]{36})", page.text)
    assert found is not None
    assert "the end" in (await part(ada, found[1])).text


async def test_what_an_agent_has_opened_is_no_longer_new_to_them(site: Site, ada: Browser) -> None:
    ticket = await mine(site, "one", conversation="c:1")
    assert unseen((await part(ada, "list")).text) == [ticket.number]
    await ada.open(f"/desk/tickets/{ticket.number}")
    assert unseen((await part(ada, "list")).text) == []
    site.desk.clock.advance(1_000)
    await site.desk.write("two", conversation="c:1")
    await site.desk.settle()
    assert unseen((await part(ada, "list")).text) == [ticket.number]
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/seen")).status == 204
    assert unseen((await part(ada, "list")).text) == []


async def test_the_time_zone_of_the_reader_divides_the_days(site: Site, ada: Browser) -> None:
    ticket = await mine(site, "late")
    path = f"tickets/{ticket.id}/conversation"
    days = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Nowhere/At_all"):
        ada._session.cookie_jar.update_cookies({"trunkline_zone": zone}, ada._base)
        page = await part(ada, path)
        assert page.status == 200
        days |= set(re.findall(r'<li class="day"[^>]*><span>([^<]*)', page.text))
    assert days == {"Today"}


async def test_what_is_not_there_is_404_and_nobody_is_let_in_unsigned(site: Site, ada: Browser) -> None:
    assert (await ada.open("/desk/tickets/T-99")).status == 404
    assert (await part(ada, "tickets/T-99/person")).status == 404
    stranger = site.browser()
    assert (await stranger.open("/desk/tickets/T-1")).location == "/desk/sign-in?next=/desk/tickets/T-1"
    assert (await part(stranger, "list")).status == 401


async def test_somebody_who_is_no_agent_sees_what_waits_and_has_no_buttons(site: Site, admin: Browser) -> None:
    ticket = await opened(site, "hello")
    page = await admin.open("/desk")
    assert rows(page.text, "waiting") == [ticket.number]
    assert "You are looking as nobody" in page.text
    assert "/accept" not in page.text
    assert (await by_script(admin, f"/desk/tickets/{ticket.id}/accept")).status == 409
    assert (await now(site, ticket)).assignee is None


async def test_the_page_of_a_busy_desk_stays_small(site: Site, ada: Browser) -> None:
    for number in range(80):
        await site.face.ticket(
            f"question {number} with some more words than a line of the list can hold", name=f"Person {number}"
        )
    await site.desk.settle()
    for ticket in (await site.desk.tickets())[:70]:
        await site.desk.actions.assign(ticket.id, "ada", actor="test", force=True)
    page = await ada.open("/desk")
    assert len(rows(page.text, "mine")) == 40
    assert "40 of 70" in page.text
    assert len(page.raw) < 60_000


async def test_a_search_and_a_list_go_on_for_as_long_as_there_is_more(site: Site, ada: Browser) -> None:
    for number in range(43):
        await mine(site, f"lamp {number}")
    first = (await part(ada, "list?q=lamp")).text
    assert (len(rows(first, "found")), "40 of more than 40" in first, "40+</span>" in first) == (40, True, True)
    assert 'href="/desk?more=found:80&amp;q=lamp"' in first
    on = (await ada.open("/desk?more=found:80&q=lamp")).text
    assert (len(rows(on, "found")), 'data-more="' in on) == (43, False)
    held = (await part(ada, "list")).text
    assert (len(rows(held, "mine")), "40 of 43" in held) == (40, True)
    assert len(rows((await part(ada, "list?more=mine:80,found:x,:")).text, "mine")) == 43


async def test_an_agent_who_missed_an_offer_is_told_so_with_one_click_back(site: Site, ada: Browser) -> None:
    ticket = await offered(site)
    assert ticket.offer is not None
    site.desk.clock.advance(ticket.offer.expires_at - site.desk.clock.now())
    await site.desk.settle()
    page = await ada.open("/desk")
    assert "You missed an offer, so you are away and nothing more is offered to you." in page.text
    assert (await ada.act("/desk/presence", {"presence": "available", "next": "/desk"})).location == "/desk"
    await site.desk.settle()
    assert "You missed an offer" not in (await ada.open("/desk")).text
    await ada.act("/desk/presence", {"presence": "away"})
    page = await ada.open("/desk")
    assert ("You are away" in page.text, "set you away" in page.text) == (True, False)


async def test_the_corner_tells_of_the_wrap_up_and_of_the_shift(site: Site, ada: Browser) -> None:
    agents = SETTINGS["agents"] | {"ada": SETTINGS["agents"]["ada"] | {"shifts": ["early"]}}
    calendars = {"early": {"zone": "UTC", "hours": {"monday-sunday": ["06:00-10:00"]}}}
    changed = {"agents": agents, "calendars": calendars, "handling": {"test": {"wrap_up": "2min"}}}
    site.desk.configure(SETTINGS | changed)
    await site.desk.start()
    ticket = await mine(site)
    assert "Your shift lasts until" in (await part(ada, "worker")).text
    await site.desk.actions.change(ticket.id, TicketChanges(status="solved"), actor="agent:ada")
    corner = (await part(ada, "worker")).text
    assert ("wrapping up" in corner, "I am ready" in corner) == (True, True)
    await ada.act("/desk/presence", {"presence": "available", "next": "/desk"})
    assert "wrapping up" not in (await part(ada, "worker")).text
    site.desk.clock.advance(111 * 60_000)
    assert "nothing more is offered" in (await part(ada, "worker")).text


async def test_who_is_away_is_not_told_that_nothing_is_offered_beside_an_offer(site: Site, ada: Browser) -> None:
    ticket = await offered(site)
    await site.desk.actions.presence("ada", "busy", actor="agent:boris", reason="a meeting")
    page = await ada.open("/desk?queue=billing")
    assert rows(page.text, "offers") == [ticket.number]
    assert "Boris set you busy: a meeting." in page.text
    assert "othing is offered" not in page.text
