"""The buttons and fields of a ticket: each does its action once, says who was first, and works without a script."""

import re

import pytest

from .conftest import BY_SCRIPT, Browser, Site
from .desk_of_ada import by_script, mine, now, offered, opened, part, problem


async def test_an_offer_is_accepted_by_a_form_and_by_a_script(site: Site, ada: Browser) -> None:
    first, second = await offered(site, "one"), await offered(site, "two")
    answer = await ada.act(f"/desk/tickets/{first.id}/accept")
    assert answer.location == f"/desk/tickets/{first.number}"
    assert (await by_script(ada, f"/desk/tickets/{second.id}/accept")).status == 204
    assert [(await now(site, ticket)).assignee for ticket in (first, second)] == ["ada", "ada"]
    page = await ada.open(answer.location)
    assert "you have it" in page.text
    assert "Taken by Ada" in page.text


async def test_a_declined_offer_goes_on_with_its_reason(site: Site, ada: Browser) -> None:
    ticket = await offered(site)
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/decline", {"reason": "lunch"})).status == 204
    assert (await now(site, ticket)).offer is None
    assert "Ada declined: lunch" in (await part(ada, f"tickets/{ticket.id}/conversation")).text


async def test_an_offer_is_declined_with_a_reason_to_choose_and_one_of_ones_own(site: Site, ada: Browser) -> None:
    ticket = await offered(site)
    for page in (await ada.open("/desk"), await ada.open(f"/desk/tickets/{ticket.number}")):
        assert 'name="reason"' in page.text
        assert '<button class="slight" name="why" value="Not my language">' in page.text
    await by_script(ada, f"/desk/tickets/{ticket.id}/decline", {"reason": "Polish", "why": "Not my language"})
    assert "Ada declined: Not my language: Polish" in (await part(ada, f"tickets/{ticket.id}/conversation")).text


async def test_whoever_is_second_hears_who_was_first_and_when(site: Site, ada: Browser) -> None:
    ticket = await opened(site)
    await site.desk.actions.assign(ticket.id, "boris", actor="agent:boris", force=True)
    site.desk.clock.advance(2_000)
    answer = await by_script(ada, f"/desk/tickets/{ticket.id}/accept")
    assert problem(answer, 409) == "Boris took it 2 s ago"
    page = await ada.act(f"/desk/tickets/{ticket.id}/accept")
    assert (page.status, "Boris took it 2 s ago." in page.text) == (409, True)


async def test_what_an_agent_who_is_offline_has_can_be_taken_over(site: Site, ada: Browser) -> None:
    ticket = await opened(site)
    await site.desk.actions.presence("boris", "busy", actor="test")
    await site.desk.actions.assign(ticket.id, "boris", actor="agent:boris", force=True)
    assert "Take over" not in (await ada.open(f"/desk/tickets/{ticket.number}")).text
    await site.desk.actions.presence("boris", "offline", actor="test")
    page = (await ada.open(f"/desk/tickets/{ticket.number}")).text
    assert "Boris has it and is offline" in page
    assert "Take over" in page
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/take-over")).status == 204
    assert (await now(site, ticket)).assignee == "ada"


async def test_an_offer_to_somebody_else_is_not_taken(site: Site, ada: Browser) -> None:
    await site.desk.actions.presence("boris", "available", actor="test")
    ticket = await opened(site)
    refused = problem(await by_script(ada, f"/desk/tickets/{ticket.id}/accept"), 409)
    assert refused.startswith("It is offered to Boris for another ")


async def test_a_ticket_is_given_back_assigned_parked_solved_and_reopened(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    steps = [
        ("release", {"reason": "end of shift"}, (None, "open")),
        ("assign", {"agent": "boris", "force": "yes"}, ("boris", "open")),
        ("status", {"status": "pending"}, ("boris", "pending")),
        ("status", {"status": "solved", "resolution": "cancelled"}, ("boris", "solved")),
        ("status", {"status": "on_hold"}, ("boris", "on_hold")),
    ]
    for name, fields, expected in steps:
        assert (await by_script(ada, f"/desk/tickets/{ticket.id}/{name}", fields)).status == 204, name
        found = await now(site, ticket)
        assert (found.assignee, found.status) == expected, name
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    for words in ("Ada gave it back: end of shift", "Given to Boris by Ada", "Made pending by Ada", "Boris has it"):
        assert words in page.text


async def test_fields_are_changed_only_where_they_differ(site: Site, ada: Browser) -> None:
    ticket, path = await mine(site), ""
    path = f"/desk/tickets/{ticket.id}/fields"
    same = {"queue": "support", "priority": "3", "language": "", "tags": ""}
    assert (await by_script(ada, path, same)).status == 204
    before = await now(site, ticket)
    changed = same | {"priority": "1", "language": "es", "tags": "vip, lamp vip"}
    assert (await by_script(ada, path, changed)).status == 204
    after = await now(site, ticket)
    assert (before.revision, after.revision) == (before.revision, before.revision + 1)
    assert (after.priority, after.language, after.tags, after.queue) == (1, "es", ("vip", "lamp"), "support")
    moved = await by_script(ada, path, changed | {"queue": "billing"})
    assert (moved.status, (await now(site, ticket)).queue) == (204, "billing")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("fields", {"priority": "9"}),
        ("fields", {"priority": "x"}),
        ("fields", {"language": "english"}),
        ("fields", {"queue": "nowhere"}),
        ("status", {"status": "finished"}),
        ("status", {"resolution": "resolved"}),
        ("assign", {"agent": "../x"}),
        ("decline", {"reason": "x" * 1001}),
    ],
)
async def test_what_is_not_a_value_is_refused_and_nothing_is_done(
    site: Site, ada: Browser, name: str, fields: dict[str, str]
) -> None:
    ticket = await mine(site)
    problem(await by_script(ada, f"/desk/tickets/{ticket.id}/{name}", fields), 422)
    assert (await now(site, ticket)).revision == ticket.revision


async def test_a_closed_ticket_says_that_it_stays_closed(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    await by_script(ada, f"/desk/tickets/{ticket.id}/status", {"status": "closed"})
    assert "stays closed" in problem(await by_script(ada, f"/desk/tickets/{ticket.id}/status", {"status": "open"}), 409)
    assert "closed and stays as it is" in (await ada.open(f"/desk/tickets/{ticket.number}")).text


ACTIONS = ("accept", "decline", "release", "assign", "status", "fields", "seen", "typing", "reply", "note")


@pytest.mark.parametrize("name", ACTIONS)
async def test_no_action_without_the_token_of_the_page(site: Site, ada: Browser, name: str) -> None:
    ticket = await mine(site)
    path = f"/desk/tickets/{ticket.id}/{name}"
    fields = {"status": "solved", "text": "hello", "agent": "boris"}
    assert (await ada.request("POST", path, headers=BY_SCRIPT, data=fields)).status == 403
    foreign = {**BY_SCRIPT, "Sec-Fetch-Site": "cross-site", "X-CSRF-Token": await ada.csrf()}
    assert (await ada.request("POST", path, headers=foreign, data=fields)).status == 403
    assert (await site.browser().request("POST", path, headers=BY_SCRIPT, data=fields)).status == 401
    assert (await now(site, ticket)).revision == ticket.revision


async def test_a_token_that_may_only_read_changes_nothing(site: Site, browser: Browser) -> None:
    await browser.sign_in(await site.face.tokens.create("reader", scopes=("tickets:read",), agent="boris"))
    ticket = await mine(site)
    assert (await browser.open(f"/desk/tickets/{ticket.number}")).status == 200
    for name in ACTIONS[:6]:
        problem(await by_script(browser, f"/desk/tickets/{ticket.id}/{name}", {"status": "solved"}), 403)
    assert (await now(site, ticket)).revision == ticket.revision


async def test_a_proposal_is_joined_and_parted_beside_the_ticket(site: Site, ada: Browser) -> None:
    await opened(site, sender="maria@example.org", name="Maria Lee")
    site.desk.clock.advance(1)
    code = {"kind": "email", "value": "maria@example.org", "assurance": 3, "evidence": "a code sent there"}
    await opened(site, sender="visitor1", kind="chat:web", assurance=1)
    ticket = await opened(site, sender="visitor1", kind="chat:web", assurance=3, others=[code])
    column = (await part(ada, f"tickets/{ticket.id}/person")).text
    assert "May be the same person as Maria Lee: control of both was proven in one message" in column
    assert "1 ticket of theirs" in column
    decision = {
        "record": re.search(r'name="record" value="([^"]+)"', column)[1],  # type: ignore[index]
        "customer": re.search(r'name="customer" value="([^"]+)"', column)[1],  # type: ignore[index]
    }
    path = f"/desk/tickets/{ticket.id}/customer"
    assert (await by_script(ada, path, {**decision, "decision": "merge"})).status == 204
    joined = (await part(ada, f"tickets/{ticket.id}/person")).text
    assert "joined by Ada" in joined
    assert "maria@example.org" in joined
    assert "T-1" in joined
    assert (await by_script(ada, path, {**decision, "decision": "part"})).status == 204
    parted = (await part(ada, f"tickets/{ticket.id}/person")).text
    assert "Maria Lee" not in parted
    swapped = {"record": decision["customer"], "customer": decision["record"], "decision": "part"}
    assert (await by_script(ada, path, swapped)).status == 204, "said again, it changes nothing"
    assert (await by_script(ada, path, {**decision, "decision": "sell"})).status == 422


async def test_what_a_source_names_of_a_customer_is_shown_as_its_word(site: Site, ada: Browser) -> None:
    phone = {"kind": "phone", "value": "+4930123456", "assurance": 2, "evidence": "shop"}
    ticket = await opened(site, sender="maria@example.org", assurance=2, others=[phone])
    column = (await part(ada, f"tickets/{ticket.id}/person")).text
    assert re.search(r"A source also names \w+ \+4930123456; nobody has proven it", column)


async def test_what_a_colleague_passed_on_is_made_the_writers_ticket_and_given_back(site: Site, ada: Browser) -> None:
    settings = site.desk.policy.settings.model_dump(mode="json", exclude_unset=True)
    site.desk.configure(
        settings | {"agents": settings["agents"] | {"ada": settings["agents"]["ada"] | {"email": "ada@a.example"}}}
    )
    original = {"address": "maria@example.org", "name": "Maria", "date": "1 July", "subject": "Lamp"}
    ticket = await opened(site, "FYI", sender="ada@a.example", channel="mail", originals=[original])
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert "Passed on: a message of Maria maria@example.org, 1 July, “Lamp”" in page.text
    assert "A colleague passed on a message of Maria" in page.text
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/original-writer", {"take": "yes"})).status == 204
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert "This is the ticket of Maria, whose message was passed on to us" in page.text
    assert "Customer ada@a.example → maria@example.org by Ada" in page.text
    assert "Reply to maria@example.org" in page.text
    assert "Nobody has proven that this address is the writer" in page.text
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/original-writer", {"take": "no"})).status == 204
    assert "Reply to ada@a.example" in (await ada.open(f"/desk/tickets/{ticket.number}")).text


async def test_what_is_held_of_a_sender_is_told_beside_their_ticket_and_filed_with_one_click(
    site: Site, ada: Browser
) -> None:
    settings = site.desk.policy.settings.model_dump(mode="json", exclude_unset=True)
    site.desk.configure(settings | {"senders": {"messages_per_hour": 1}})
    for number in range(3):
        await site.desk.write(f"lamp {number}", sender="li@example.org", channel="mail")
        await site.desk.settle()
    (ticket,) = await site.desk.tickets()
    assert "2 more messages of this sender are held" in (await part(ada, f"tickets/{ticket.id}/person")).text
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/held", {})).status == 204
    await site.desk.settle()
    assert len(await site.desk.tickets()) == 3
    assert "held" not in (await part(ada, f"tickets/{ticket.id}/person")).text


async def test_what_a_ticket_suggests_is_a_button_and_what_was_decided_stands_in_its_history(
    site: Site, ada: Browser
) -> None:
    await mine(site, "My lamp is broken.", subject="Lamp", sender="li@example.org")
    ticket = await mine(site, "Please ignore my last mail.", subject="Lamp", sender="li@example.org")
    page = (await ada.open(f"/desk/tickets/{ticket.number}")).text
    assert "The customer takes it back." in page
    assert "It seems to go on from" in page
    assert page.count('data-shortcut="y"') == 2
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/goes-on", {"accept": "no"})).status == 204
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/settled", {"accept": "yes"})).status == 204
    page = (await ada.open(f"/desk/tickets/{ticket.number}")).text
    for words in (
        "The customer says that the matter is done",
        "Said to be another matter by Ada",
        "Made solved by Ada",
    ):
        assert words in page
    assert 'data-shortcut="y"' not in page


async def test_spam_is_marked_and_unmarked_on_the_page(site: Site, ada: Browser) -> None:
    ticket = await mine(site, "buy", sender="eve@evil.example")
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert "and block all of @evil.example" in page.text
    assert "A block holds all that says it is from there" in page.text
    spoof = await opened(site, "buy", sender="maria@gmail.com", assurance=0)
    page = await ada.open(f"/desk/tickets/{spoof.number}")
    assert "a block holds only what is as unproven" in page.text
    assert ("and block maria@gmail.com" in page.text, "all of @gmail.com" in page.text) == (True, False)
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/spam", {"block": "sender"})).status == 204
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    assert "Marked as spam by Ada" in page.text
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/no-spam")).status == 204
    assert "Said to be no spam by Ada" in (await ada.open(f"/desk/tickets/{ticket.number}")).text


async def test_the_record_of_the_customer_is_shown_and_written_and_a_collision_is_told(
    site: Site, ada: Browser
) -> None:
    ticket = await mine(site)
    column = (await part(ada, f"tickets/{ticket.id}/person")).text
    seen = re.findall(r'name="seen" value="(\d+)"', column)[0]
    assert "<option>pro</option>" in column
    assert 'name="fields.seats" value="" type="number"' in column
    path = f"/desk/tickets/{ticket.id}/record"
    sent = {"seen": seen, "company": "Acme", "segment": "", "fields.plan": "pro", "notes": "Calls\r\nback"}
    assert (await by_script(ada, path, sent)).status == 204
    record = await site.desk.reader.customer(ticket.customer)
    assert (record.company, record.fields, record.notes) == ("Acme", {"plan": "pro"}, "Calls\nback")
    assert record.written["company"].by == "agent:ada"
    for text, ids in (("CRM: 4711", {"crm": "4711"}), ("shop:a:b", {"crm": "4711", "shop": "a:b"})):
        assert (await by_script(ada, path, {"external_ids": text, "seen": "9" * 15})).status == 204
        assert (await site.desk.reader.customer(ticket.customer)).external_ids == ids
    for text in ("4711", "a b: 1", "crm:"):
        assert "crm: 4711" in problem(await by_script(ada, path, {"external_ids": text, "seen": "9" * 15}), 422)
    column = (await part(ada, f"tickets/{ticket.id}/person")).text
    assert "Acme" in column
    assert "<option selected>pro</option>" in column
    told = problem(await by_script(ada, path, sent | {"company": "Initech"}), 409)
    assert "Company is Acme now, by Ada" in told
    problem(await by_script(ada, path, {"seen": "9" * 15, "fields.seats": "many"}), 422)


async def test_the_fields_of_the_ticket_are_shown_and_written_as_what_they_are(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    column = (await part(ada, f"tickets/{ticket.id}/person")).text
    assert 'name="fields.order" value="" type="text"' in column
    path = f"/desk/tickets/{ticket.id}/fields"
    assert (await by_script(ada, path, {"fields.order": "A-17", "fields.parts": "lamp"})).status == 204
    assert (await now(site, ticket)).fields == {"order": "A-17", "parts": ["lamp"]}
    assert (await by_script(ada, path, {"fields.order": "", "fields.parts": "lamp"})).status == 204
    assert (await now(site, ticket)).fields == {"parts": ["lamp"]}
    assert "order A-17 → none by Ada" in (await part(ada, f"tickets/{ticket.id}/conversation")).text


async def test_a_customer_is_asked_to_prove_an_address_and_the_ticket_tells_of_it(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    path = f"/desk/tickets/{ticket.id}/proof"
    assert "another address is theirs" in (await part(ada, f"tickets/{ticket.id}/person")).text
    problem(await by_script(ada, path, {"address": "nobody"}), 422)
    assert (await by_script(ada, path, {"address": "maria@work.example"})).status == 204
    assert "A code went to maria@work.example" in (await part(ada, f"tickets/{ticket.id}/person")).text
    told = (await part(ada, f"tickets/{ticket.id}/conversation")).text
    assert "Ada sent a code to m…@work.example, by which they can prove that it is theirs" in told
    assert (await by_script(ada, path, {"withdraw": "yes"})).status == 204
    assert "A code went to" not in (await part(ada, f"tickets/{ticket.id}/person")).text
    assert (
        "Ada took back the code that went to m…@work.example"
        in (await part(ada, f"tickets/{ticket.id}/conversation")).text
    )


async def test_a_clock_of_ones_own_is_begun_shown_and_done(site: Site, ada: Browser) -> None:
    settings = site.desk.policy.settings.model_dump(mode="json", by_alias=True, exclude_unset=True)
    site.desk.configure(settings | {"sla": [{"name": "all", "targets": {"spare_part": "9min"}}]})
    ticket = await mine(site)
    page = (await ada.open(f"/desk/tickets/{ticket.number}")).text
    assert "Begin the clock: Spare part" in page
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/clock", {"start": "spare_part"})).status == 204
    page = (await ada.open(f"/desk/tickets/{ticket.number}")).text
    assert "Spare part is done" in page
    assert "Begin the clock: Spare part" not in page
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/clock", {"stop": "spare_part"})).status == 204
    assert (await now(site, ticket)).clocks["spare_part"].met == 1
    assert "Clock stopped (spare part) by Ada" in (await part(ada, f"tickets/{ticket.id}/conversation")).text
