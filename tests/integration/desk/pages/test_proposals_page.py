"""The page of proposals: who may be one person, what speaks for it, and what is decided there."""

import re
from typing import Any

from trunkline.router.proposals import WEIGHTS

from .conftest import Browser, Site
from .desk_of_ada import by_script, opened, part, problem

PHONE = "+4930123456"


async def two(site: Site, number: int = 0) -> tuple[str, str]:
    """Two customers of whom a signed source says that they are one."""
    phone = {"kind": "phone", "value": f"{PHONE}{number}", "assurance": 2, "evidence": "shop"}
    found = []
    for facts in (
        {"sender": f"maria{number}@example.org", "others": [phone]},
        {"sender": phone["value"], "kind": "phone"},
    ):
        site.desk.clock.advance(1)
        found.append(str((await opened(site, f"lamp {number}", **{"name": f"Maria {number}", **facts})).customer))
    return found[0], found[1]


def cards(text: str) -> list[str]:
    return re.findall(r'<li class="entry proposal".*?\n</li>', text, re.DOTALL)


async def test_proposals_are_listed_with_reasons_and_preview_and_worked_through(site: Site, ada: Browser) -> None:
    assert "Nobody is proposed" in (await ada.open("/desk/proposals")).text
    first, second = await two(site), await two(site, 1)
    page = await ada.open("/desk/proposals")
    newest, oldest = cards(page.text)
    assert "Maria 1" in newest
    assert "A signed source named both in one message" in oldest
    assert "maria0@example.org" in oldest
    assert re.search(r"As one: <bdi>Maria 0</bdi>, .*; 2 tickets", oldest)
    fields = {"record": second[0], "customer": second[1]}
    left = await by_script(ada, "/desk/proposals", {**fields, "decision": "merge"})
    assert ("They are one person now" in left.text, len(cards(left.text)), "<html" in left.text) == (True, 1, False)
    undone = await by_script(ada, "/desk/proposals", {**fields, "decision": "reopen"})
    assert ("It is to be decided again" in undone.text, len(cards(undone.text))) == (True, 2)
    assert "A signed source named both in one message" in cards(undone.text)[0]
    assert (await site.desk.reader.customer(second[0])).records == ()
    await by_script(ada, "/desk/proposals", {**fields, "decision": "merge"})
    apart = {"record": first[0], "customer": first[1], "decision": "keep_apart"}
    assert (await ada.act("/desk/proposals", apart)).location == "/desk/proposals"
    assert "Nobody is proposed" in (await ada.open("/desk/proposals")).text
    ledger = (await site.desk.reader.customer(first[0])).links
    assert [(each["state"], each["by"]) for each in ledger] == [("proposed", "router"), ("declined", "agent:ada")]
    assert {each["at"] for each in ledger} == {ledger[0]["at"], site.desk.clock.now()}
    again = await by_script(ada, "/desk/proposals", {**apart, "decision": "reopen"})
    assert len(cards(again.text)) == 1, "what was refused by mistake"
    problem(await by_script(ada, "/desk/proposals", {**apart, "decision": "sell"}), 422)
    problem(await by_script(ada, "/desk/proposals", {**apart, "decision": "part"}), 422)
    strangers = {"record": first[0], "customer": second[0], "decision": "reopen"}
    assert "nothing was proposed" in problem(await by_script(ada, "/desk/proposals", strangers), 409)
    assert (await ada.open("/desk/proposals?cursor=nowhere")).status == 404


async def test_the_board_says_how_many_there_are(site: Site, ada: Browser) -> None:
    assert '/desk/proposals">' not in (await ada.open("/board")).text.partition("balance-title")[2]
    await two(site)
    assert '<a href="/desk/proposals">1 proposal</a>' in (await ada.open("/board")).text
    assert (await site.face.get("/v1/board")).body["upkeep"]["proposed"] == 1


async def test_a_token_that_may_only_read_sees_no_buttons(site: Site, browser: Browser) -> None:
    first, second = await two(site)
    await browser.sign_in(await site.face.tokens.create("reader", scopes=("tickets:read",), agent="boris"))
    page = await browser.open("/desk/proposals")
    assert (len(cards(page.text)), "Not the same" in page.text) == (1, False)
    fields = {"record": first, "customer": second, "decision": "merge"}
    problem(await by_script(browser, "/desk/proposals", fields), 403)


async def test_a_long_list_goes_on_and_is_reached_from_a_ticket(site: Site, ada: Browser) -> None:
    for number in range(22):
        await two(site, number)
    page = await ada.open("/desk/proposals")
    (further,) = re.findall(r'href="(/desk/proposals\?cursor=[^"]*)"', page.text)
    rest = await ada.open(further)
    assert [len(cards(each.text)) for each in (page, rest)] == [20, 2]
    (ticket, *_) = await site.desk.tickets()
    assert 'href="/desk/proposals"' in (await part(ada, f"tickets/{ticket.id}/person")).text


async def test_the_api_lists_them_in_pages_the_strongest_first_and_they_are_decided_at_the_customers(
    site: Site, ada: Browser
) -> None:
    face = site.face
    strong = await two(site)
    weak = []
    for sender in ("m.lee@acme.example", "maria.lee@acme.example"):
        site.desk.clock.advance(1)
        weak.append(str((await opened(site, sender=sender, name="Maria Lee")).customer))
    first = await face.get("/v1/proposals?limit=1")
    rest = await face.get(f"/v1/proposals?limit=1&cursor={first.body['next']}")
    (named,), (namesake,) = first.body["items"], rest.body["items"]
    assert [each["id"] for each in named["customers"]] == list(strong)
    assert (named["weight"], namesake["weight"]) == (WEIGHTS["named"], WEIGHTS["namesake"])
    assert namesake["customers"][0] == {
        "id": weak[0],
        "names": ["Maria Lee"],
        "identities": ["email:m.lee@acme.example"],
    }
    assert (namesake["how"], namesake["by"], namesake["again"]) == (
        "both write as Maria Lee from acme.example",
        "router",
        False,
    )
    one, other = (each["id"] for each in named["customers"])
    preview = await face.get(f"/v1/customers/{one}/merge?customer={other}")
    assert preview.body["records"] == sorted(strong)
    for decision in ("merge", "reopen", "reopen", "keep-apart", "reopen"):
        assert (await face.post(f"/v1/customers/{one}/{decision}", {"customer": other})).status == 200
    reopened = (await face.get("/v1/proposals")).body["items"][0]
    assert ([each["id"] for each in reopened["customers"]], reopened["how"]) == (list(strong), named["how"])
    (await face.post(f"/v1/customers/{one}/reopen", {"customer": weak[0]})).refused(409, "conflict")
    await face.post(f"/v1/customers/{one}/keep-apart", {"customer": other})
    await face.post(f"/v1/customers/{weak[0]}/merge", {"customer": weak[1]})
    assert (await face.get("/v1/proposals")).body == {"items": [], "next": None}
    (await face.get("/v1/proposals?cursor=bm93aGVyZQ")).refused(404, "not_found")


async def test_two_people_are_listed_once_however_many_of_their_records_are_proposed(site: Site, ada: Browser) -> None:
    one, other = await two(site)
    third = str((await opened(site, sender="lee@acme.example")).customer)
    merging: Any = site.parts.merging
    await merging.merge(one, third, actor="agent:ada")
    named = {"kind": "phone", "value": f"{PHONE}0", "assurance": 2, "evidence": "crm"}
    site.desk.clock.advance(1)
    proof = {**named, "assurance": 3}
    await opened(site, sender="lee@acme.example", assurance=3, others=[proof])
    page = await ada.open("/desk/proposals")
    assert len(cards(page.text)) == 1
    fields = re.findall(r'name="(record|customer)" value="([^"]+)"', cards(page.text)[0])
    left = await by_script(ada, "/desk/proposals", {**dict(fields), "decision": "keep_apart"})
    assert "Nobody is proposed" in left.text
    assert {other} == {
        each["customer"] for each in (await site.desk.reader.customer(one)).links if each["state"] == "declined"
    }
