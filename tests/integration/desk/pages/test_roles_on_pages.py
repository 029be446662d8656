"""On the pages everybody sees and does what their role allows, and what is not seen is not there."""

import copy
import json
from dataclasses import dataclass

import pytest

from trunkline.desk.access.authority import VERBS
from trunkline.desk.access.table import ENTRIES
from trunkline.router.records import Ticket

from ...conftest import SETTINGS
from .conftest import BY_SCRIPT, Browser, Site
from .desk_of_ada import by_script
from .test_desk_events import stream
from .test_split_page import two_messages

TEAMS = {"help": {"members": ["ada"], "queues": ["support"]}, "money": {"leads": ["boris"], "queues": ["billing"]}}


@dataclass
class People:
    """A browser for each."""

    site: Site
    ada: Browser
    boris: Browser
    carla: Browser
    dora: Browser
    emil: Browser


@pytest.fixture
async def people(site: Site) -> People:
    """Ada works in support; Boris too, and leads billing, where Carla works; Dora administers, Emil audits."""
    settings = copy.deepcopy(SETTINGS)
    settings["teams"] = TEAMS
    settings["agents"] |= {"dora": {"name": "Dora", "role": "admin"}, "emil": {"name": "Emil", "role": "auditor"}}
    site.desk.configure(settings)
    await site.desk.start()
    browsers = {}
    for agent in ("ada", "boris", "carla", "dora", "emil"):
        browsers[agent] = site.browser()
        assert (await browsers[agent].sign_in(await site.token(agent))).location == "/desk"
    return People(site, **browsers)


async def _refund(people: People, sender: str = "maria@example.org") -> Ticket:
    return await people.site.face.ticket("I want a refund for XYZZY", sender=sender)


async def test_every_page_of_a_ticket_in_another_queue_is_not_there(people: People) -> None:
    refund = await _refund(people)
    article = (await people.site.desk.reader.articles(refund.id))[0].id
    values = {"ticket": refund.number, "article": article, "id": article, "sha256": "0" * 64}
    asked = [
        (address, entry)
        for address, entry in ENTRIES.items()
        if entry.of in ("ticket", "article") and " /desk" in address
    ]
    assert len(asked) > 20
    for address, entry in asked:
        method, _, path = address.partition(" ")
        for name in ("ticket", "article", "id", "sha256"):
            path = path.replace(f"{{{name}}}", values[name])
        query = "" if "{" + entry.name + "}" in address else f"?{entry.name}={values[entry.name]}"
        page = await (people.ada.open(path + query) if method == "GET" else people.ada.act(path + query))
        assert page.status == 404, (address, page.status)
        assert "XYZZY" not in page.text


async def test_a_file_of_another_queue_is_not_sent_along_by_its_hash(people: People) -> None:
    ticket, article = await people.site.face.attached("bill.pdf")
    await people.boris.act(f"/desk/tickets/{ticket.number}/fields", {"queue": "billing"})
    lamp = await people.site.face.ticket("My lamp is broken")
    (file,) = article.attachments
    form = {"text": "mine", "file": file.model_dump_json(include={"sha256", "name", "media_type", "size"})}
    for kind in ("note", "reply"):
        refused = await people.ada.act(f"/desk/tickets/{lamp.number}/{kind}", form)
        assert refused.status == 410, kind
        assert "upload it again" in refused.text
    assert (await people.boris.act(f"/desk/tickets/{lamp.number}/note", form)).status == 303


async def test_a_colleague_who_takes_a_reply_back_sends_its_files_on(people: People) -> None:
    lamp = await people.site.face.ticket("My lamp is broken")
    path = f"/desk/tickets/{lamp.number}/reply"
    headers = {**BY_SCRIPT, "X-CSRF-Token": await people.boris.csrf(), "Content-Type": "image/png"}
    file = await people.boris.request("POST", "/desk/files?name=a.png", headers=headers, data=b"shade")
    held = await by_script(people.boris, path, {"text": "See this", "file": file.text})
    back = await by_script(people.ada, f"/desk/held/{json.loads(held.text)['held']}/take-back")
    (named,) = json.loads(back.text)["files"]
    again = await by_script(people.ada, path, {"text": "See this", "file": json.dumps(named)})
    assert again.status == 201, again.text


async def test_the_desk_its_search_and_the_person_show_what_is_seen(people: People) -> None:
    await people.site.face.ticket("My lamp is broken", sender="maria@example.org")
    refund = await _refund(people)
    for path in ("/desk", "/desk?q=refund", "/desk?queue=billing&show=waiting", "/desk/tickets/T-1", "/desk/proposals"):
        assert refund.number not in (await people.ada.open(path)).text, path
    assert "A ticket in another queue." in (await people.ada.open("/desk/tickets/T-1")).text
    assert refund.number in (await people.boris.open("/desk?q=refund")).text
    timeline = await people.ada.open(f"/desk/customers/{refund.customer}")
    assert "A ticket in another queue" in timeline.text
    assert "XYZZY" not in timeline.text
    assert "XYZZY" in (await people.carla.open(f"/desk/customers/{refund.customer}")).text


async def test_the_list_goes_on_when_the_ticket_that_is_open_is_no_longer_seen(people: People) -> None:
    lamp = await people.site.face.ticket("My lamp is broken")
    moved = await people.ada.act(f"/desk/tickets/{lamp.number}/fields", {"queue": "billing"})
    assert moved.location == "/desk", "it is not theirs any more"
    assert (await people.ada.open(f"/desk/parts/list?ticket={lamp.number}")).status == 200


async def test_forcing_and_taking_from_others_is_for_who_leads(people: People) -> None:
    refund = await _refund(people)
    path = f"/desk/tickets/{refund.number}/assign"
    assert (await people.carla.act(path, {"agent": "carla"})).status == 303
    assert (await people.boris.act(path, {"agent": "boris", "force": "yes"})).status == 303
    refused = await people.carla.act(path, {"agent": "carla"})
    assert refused.status == 403
    assert "whoever leads in the queue billing may" in refused.text
    assert (await people.carla.act(f"/desk/tickets/{refund.number}/fields", {"queue": "support"})).status == 403


async def test_an_auditor_sees_everything_and_every_button_is_refused(people: People) -> None:
    refund = await _refund(people)
    page = await people.emil.open(f"/desk/tickets/{refund.number}")
    assert (page.status, "XYZZY" in page.text) == (200, True)
    for path in ("/board", "/board/dead", "/board/suspended", f"/desk/customers/{refund.customer}/export"):
        assert (await people.emil.open(path)).status == 200, path
    for address, entry in ENTRIES.items():
        method, _, path = address.partition(" ")
        if method == "POST" and " /" in address and not path.startswith("/v1") and entry.verb not in VERBS["auditor"]:
            named = path.replace("{ticket}", refund.number).replace("{id}", str(refund.customer))
            named = named.replace("{article}", refund.id).replace("{held}", refund.id)
            assert (await people.emil.act(named)).status == 403, address
    assert (await people.site.desk.reader.ticket(refund.id)).record.revision == refund.revision


async def test_what_is_for_administrators_is_refused_to_agents_and_leads(people: People) -> None:
    for browser in (people.ada, people.boris):
        for path in ("/board/dead", "/board/suspended"):
            assert (await browser.open(path)).status == 403
    assert (await people.dora.act("/board/suspended/block", {"sender": "x@example.com"})).status == 303


async def test_the_board_is_of_the_queues_that_are_seen(people: People) -> None:
    await people.site.face.ticket("My lamp is broken")
    await _refund(people)
    for browser, numbers in ((people.ada, 1), (people.boris, 2), (people.emil, 2)):
        queues = await browser.open("/board/parts/queues")
        assert ("billing" in queues.text) == (numbers == 2)
    face = people.site.face
    face._secrets["ada"] = await people.site.token("ada", "ada-board")
    board = (await face.get("/v1/board", token="ada")).body
    assert [queue["name"] for queue in board["queues"]] == ["support"]
    assert board["numbers"]["waiting"]["now"] == 1
    assert {agent["id"] for agent in board["agents"]} == {"ada", "boris"}
    assert (await face.get("/v1/board")).body["numbers"]["waiting"]["now"] == 2


async def test_open_pages_hear_of_what_is_seen(people: People) -> None:
    lamp = await people.site.face.ticket("My lamp is broken")
    refund = await _refund(people)
    heard: list[str] = []
    async with people.ada._session.get(
        f"{people.site.base}/desk/events?ticket={refund.number}", headers=BY_SCRIPT
    ) as stream:
        assert stream.status == 200
        async for raw in stream.content:
            line = raw.decode()
            if line.startswith("event: ready"):
                for ticket in (refund, lamp):
                    await people.site.face.call(
                        "PATCH", f"/v1/tickets/{ticket.id}", {"priority": 1}, headers={"If-Match": "*"}
                    )
            elif line.startswith("data: ") and "ticket" in line:
                heard.append(json.loads(line.removeprefix("data: "))["ticket"])
                break
    assert heard == [lamp.id]


async def _change(people: People, ticket: Ticket, **changes: object) -> None:
    await people.site.face.call("PATCH", f"/v1/tickets/{ticket.id}", changes, headers={"If-Match": "*"})


async def test_an_open_ticket_that_moves_out_of_sight_is_told_of_once_more_and_then_no_more(people: People) -> None:
    lamp, other = [await people.site.face.ticket(text) for text in ("My lamp is broken", "My bulb is broken")]
    async with stream(people.ada, lamp.number) as page:
        for ticket in (lamp, other):
            await _change(people, ticket, priority=2)
            assert (await page.change())["ticket"] == ticket.id
        await _change(people, lamp, queue="billing")
        assert (await page.change())["ticket"] == lamp.id
        assert (await people.ada.open(f"/desk/tickets/{lamp.number}")).status == 404
        await _change(people, lamp, priority=1)
        await _change(people, other, priority=1)
        assert (await page.change())["ticket"] == other.id


async def test_what_is_merged_into_a_ticket_in_another_queue_does_not_say_its_number(people: People) -> None:
    refund, lamp = await _refund(people), await people.site.face.ticket("My lamp is broken")
    body = {"into": refund.number, "reason": f"as {refund.number} says"}
    merged = await people.site.face.call("POST", f"/v1/tickets/{lamp.id}/merge", body, headers={"If-Match": "*"})
    assert merged.status == 200, merged.raw
    page = await people.ada.open(f"/desk/tickets/{lamp.number}")
    assert (page.status, refund.number in page.text, "a ticket in another queue" in page.text) == (200, False, True)
    assert "Undo the merge" not in page.text
    assert refund.number in (await people.boris.open(f"/desk/tickets/{lamp.number}")).text
    events = (await people.site.face.get("/v1/events?limit=500", token="ada")).body["items"]
    (told,) = [each for each in events if each["type"] == "ticket.merged"]
    assert "other" not in told["data"]


async def test_a_session_ends_when_its_agent_is_gone_and_changes_with_the_team(people: People) -> None:
    refund = await _refund(people)
    settings = copy.deepcopy(SETTINGS)
    settings["teams"] = TEAMS | {"money": {"members": ["ada"], "queues": ["billing"]}}
    people.site.desk.configure(settings)
    assert (await people.ada.open(f"/desk/tickets/{refund.number}")).status == 200
    del settings["agents"]["ada"]
    settings["teams"] = {"help": {"members": ["boris"], "queues": ["support"]}}
    people.site.desk.configure(settings)
    assert (await people.ada.open("/desk")).location.startswith("/desk/sign-in")


async def test_without_an_identity_provider_there_is_no_such_sign_in(people: People) -> None:
    for path in ("/desk/sign-in/start", "/desk/sign-in/callback"):
        assert (await people.ada.open(path)).status == 404
    assert "Sign in with" not in (await people.site.browser().open("/desk/sign-in")).text


async def test_who_writes_is_told_to_nobody_who_does_not_see_the_ticket(people: People) -> None:
    refund, lamp = await _refund(people), await people.site.face.ticket("My lamp is broken")
    signals = people.site.parts.signals
    await signals.start()
    try:
        async with stream(people.ada) as adas, stream(people.carla, refund.number) as carlas:
            for ticket in (refund, lamp):
                sent = await by_script(people.boris, f"/desk/tickets/{ticket.number}/typing", {"kind": "reply"})
                assert sent.status == 204
            assert (await adas.next("writing"))[1]["number"] == lamp.number
            assert (await carlas.next("writing"))[1]["number"] == refund.number
        assert (await by_script(people.ada, f"/desk/tickets/{refund.number}/typing", {})).status == 404
    finally:
        await signals.stop()


async def test_what_was_split_into_or_out_of_another_queue_is_told_without_its_number(people: People) -> None:
    site = people.site
    site.face._secrets["ada"] = await site.token("ada", "ada-split")
    chair = await two_messages(site)
    await people.boris.act("/desk/tickets/T-1/split", {"article": chair, "queue": "billing"})
    page = (await people.ada.open("/desk/tickets/T-1")).text
    assert ("A message was moved to a ticket in another queue by Boris" in page, "T-2" in page) == (True, False)
    await site.desk.write("And a table", sender="maria@example.org", conversation="c:1")
    await site.desk.settle()
    lamp = (await site.desk.reader.ticket("T-1")).record
    await _change(people, lamp, queue="billing")
    table = (await site.desk.reader.articles(lamp.id))[-1].id
    await people.boris.act("/desk/tickets/T-1/split", {"article": table, "queue": "support"})
    made = (await site.desk.reader.ticket("T-3")).record
    page = (await people.ada.open("/desk/tickets/T-3")).text
    assert "<dd>a ticket in another queue</dd>" in page
    assert str(made.split_from) not in page
    assert "T-1" not in page
    (moved,) = (await site.face.get(f"/v1/tickets/{made.id}", token="ada")).body["articles"]
    (whole,) = (await site.face.get(f"/v1/tickets/{made.id}")).body["articles"]
    assert whole["join_reason"] == "it belongs to the conversation of T-1"
    assert moved == whole | {"join_reason": "it belongs to the conversation of a ticket in another queue"}
    assert str(made.split_from) in (await people.boris.open("/desk/tickets/T-3")).text


async def test_who_leads_sets_a_colleague_away_and_they_read_who_and_why(people: People) -> None:
    path, away = "/board/agents/carla", {"presence": "away", "reason": "in a <training>"}
    assert f'href="{path}"' in (await people.boris.open("/board")).text
    assert f'action="{path}/presence"' in (await people.boris.open(path)).text
    for browser in (people.ada, people.emil):
        assert f'action="{path}/presence"' not in (await browser.open(path)).text
        assert (await browser.act(f"{path}/presence", away)).status == 403
    assert (await people.boris.act(f"{path}/presence", away)).location == path
    assert "Boris set you away: in a &lt;training&gt;." in (await people.carla.open("/desk")).text
    told = (await people.ada.open(path)).text
    assert "set by Boris: in a &lt;training&gt;" in told
    assert (await people.boris.act(f"{path}/presence", {"presence": "gone"})).status == 422
    assert (await people.boris.open("/board/agents/nobody")).status == 404


async def test_what_roles_were_used_for_is_read_by_auditors_and_of_their_queues_by_leads(people: People) -> None:
    refund, lamp = await _refund(people), await people.site.face.ticket("My lamp is broken")
    await people.boris.act("/board/agents/carla/presence", {"presence": "busy"})
    await people.dora.act(f"/desk/tickets/{lamp.number}/assign", {"agent": "ada", "force": "yes"})
    await people.boris.act(f"/desk/tickets/{refund.number}/assign", {"agent": "carla", "force": "yes"})
    noted = {
        "Boris, as lead, was allowed to say how Carla is": {"boris", "emil", "dora"},
        f"Boris, as lead, was allowed to give {refund.number} beyond a capacity": {"boris", "emil", "dora"},
        f"Dora, as admin, was allowed to give {lamp.number} beyond a capacity": {"emil", "dora"},
    }
    for name in ("boris", "emil", "dora"):
        page = (await getattr(people, name).open("/board/access")).text
        assert [words for words in noted if words in page] == [words for words, who in noted.items() if name in who]
    about = (await people.emil.open(f"/board/access?about={refund.number}")).text
    assert ([words in about for words in noted]) == [False, True, False]
    carla = (await people.boris.open("/board/agents/carla")).text
    assert [words in carla for words in noted] == [True, False, False]
    for browser in (people.ada, people.carla):
        assert (await browser.open("/board/access")).status == 403
        assert "What roles were used for" not in (await browser.open("/board/agents/carla")).text
    link = f"/board/access?about={refund.number}"
    assert link in (await people.boris.open(f"/desk/tickets/{refund.number}")).text
    assert link not in (await people.carla.open(f"/desk/tickets/{refund.number}")).text


async def test_what_is_due_first_is_listed_of_the_queues_that_are_seen_whoever_has_it(people: People) -> None:
    clock = people.site.desk.clock
    lamp = await people.site.face.ticket("My lamp is broken")
    await people.site.face.post(f"/v1/tickets/{lamp.id}/assign", {"agent": "boris"})
    clock.advance(60_000)
    refund = await _refund(people)
    clock.advance(60_000)
    bulb = await people.site.face.ticket("My bulb is broken", sender="li@example.org")
    for browser, numbers in ((people.ada, [lamp, bulb]), (people.carla, [refund]), (people.emil, [lamp, refund, bulb])):
        page = (await browser.open("/desk?show=due")).text
        due = page[page.index('data-key="section-due"') :]
        shown = [row.split('"')[0] for row in due.split('data-key="due-')[1:]]
        assert shown == [each.number for each in numbers]
    assert 'title="Boris has it"' in (await people.ada.open("/desk?show=due")).text
    assert 'data-key="due-' not in (await people.ada.open("/desk")).text


async def test_a_colleague_named_in_a_note_has_the_ticket_at_the_top_until_they_open_it(people: People) -> None:
    lamp, title = await people.site.face.ticket("My lamp is broken"), "You are named in a note"
    note = {"text": "@boris, have you seen this? @ada has not", "kind": "note"}
    assert (await people.ada.act(f"/desk/tickets/{lamp.number}/note", note)).status == 303
    for browser, is_told in ((people.ada, False), (people.boris, True), (people.emil, False)):
        assert (title in (await browser.open("/desk")).text) == is_told
    events = (await people.site.face.get("/v1/events?limit=500")).body["items"]
    (told,) = [each["data"] for each in events if each["type"] == "ticket.mentioned"]
    assert (told["changes"], told["actor"]) == ({"mentioned": ["boris"]}, "agent:ada")
    assert "Boris named in a note by Ada" in (await people.boris.open(f"/desk/tickets/{lamp.number}")).text
    assert title not in (await people.boris.open("/desk")).text


async def test_who_does_not_see_the_ticket_is_not_named_and_nothing_is_written(people: People) -> None:
    lamp = await people.site.face.ticket("My lamp is broken")
    body = {"kind": "note", "text": "@carla knows about money", "agent": "ada"}
    people.site.face._secrets["ada"] = await people.site.token("ada", "ada-notes")
    refused = await people.site.face.post(f"/v1/tickets/{lamp.id}/messages", body, token="ada")
    assert b"Carla does not see tickets in support" in refused.raw
    assert refused.status == 422
    page = await people.ada.act(f"/desk/tickets/{lamp.number}/note", {"text": body["text"]})
    assert page.status == 422
    assert "note" not in {each.kind for each in await people.site.desk.reader.articles(lamp.id)}
    assert (await people.site.face.post(f"/v1/tickets/{lamp.id}/messages", body | {"text": "@boris"})).status == 201
