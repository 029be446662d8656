"""Tickets over HTTP: what the contract of the API says about reading, opening, changing and answering them."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Face

UNKNOWN = "018f0000-0000-7000-8000-000000000000"


async def test_a_ticket_is_read_by_id_and_by_number_with_articles_and_decisions(face: "Face") -> None:
    await face.desk.actions.presence("ada", "available", actor="ada")
    ticket = await face.ticket("My lamp is broken", subject="Lamp", name="Maria")
    await face.desk.settle()
    by_id = await face.get(f"/v1/tickets/{ticket.id}")
    by_number = await face.get(f"/v1/tickets/{ticket.number.lower()}")
    assert by_id.status == by_number.status == 200
    assert by_id.body == by_number.body
    assert by_id.headers["ETag"] == f'"{by_id.body["revision"]}"'
    fields = {
        "number", "reference", "queue", "status", "resolution", "priority", "required_skills", "preferred_skills",
        "tags", "customer", "channel", "language", "assignee", "offer", "clocks", "follow_up_of", "revision",
        "articles", "decisions",
    }  # fmt: skip
    assert fields <= set(by_id.body)
    assert by_id.body["offer"] == {"agent": "ada", "expires_at": face.desk.clock.now() + 300_000}
    message, acknowledgement = by_id.body["articles"]
    assert (message["text"], message["author"]["name"], message["delivery"]) == ("My lamp is broken", "Maria", None)
    assert acknowledgement["delivery"]["state"] == "sent"
    assert [decision["agent"] for decision in by_id.body["decisions"]] == ["ada"]


async def test_a_reply_goes_to_those_whom_the_ticket_names_or_to_those_who_are_named(face: "Face") -> None:
    copied = {"bea@example.net": "Bea Lind"}
    facts = {"channel": "mail", "ext": {"message_id": "1@x"}, "sender": "maria@example.org"}
    ticket = await face.ticket("My lamp is broken", copied=copied, **facts)
    answers = (await face.get(f"/v1/tickets/{ticket.id}")).body["answers"]
    assert (answers["channel"], answers["to"]) == ("mail", "maria@example.org")
    assert answers["copied"] == [{"address": "bea@example.net", "name": "Bea Lind"}]
    reply = {"kind": "reply", "text": "hello", "agent": "ada"}
    sent = await face.post(f"/v1/tickets/{ticket.id}/messages", reply)
    assert sent.body["copied"] == answers["copied"]
    named = [{"address": "Carl@Example.net", "name": ""}]
    sent = await face.post(f"/v1/tickets/{ticket.id}/messages", {**reply, "copied": named})
    assert [each["address"] for each in sent.body["copied"]] == ["carl@example.net"]
    wrong = {**reply, "copied": [{"address": "nobody"}]}
    (await face.post(f"/v1/tickets/{ticket.id}/messages", wrong)).refused(422, "invalid")


@pytest.mark.parametrize("name", [UNKNOWN, "T-999", "nothing", "T-1%00", "..%2Fagents"])
async def test_a_ticket_that_does_not_exist_is_404(face: "Face", name: str) -> None:
    (await face.get(f"/v1/tickets/{name}")).refused(404, "not_found")
    (await face.post(f"/v1/tickets/{name}/accept", {"agent": "ada"})).refused(404, "not_found")


async def test_tickets_are_listed_by_when_what_they_owe_is_due(face: "Face") -> None:
    for n in range(3):
        await face.ticket(f"case {n}", subject=f"Case {n}")
        face.desk.clock.advance(60_000)
    first = (await face.get("/v1/tickets?sort=due&limit=2")).body
    assert [each["subject"] for each in first["items"]] == ["Case 0", "Case 1"]
    rest = (await face.get(f"/v1/tickets?sort=due&limit=2&cursor={first['next']}")).body
    assert [each["subject"] for each in rest["items"]] == ["Case 2"]
    due = first["items"][1]["clocks"]["first_response"]["due"]
    soon = (await face.get(f"/v1/tickets?sort=due&due_before={due}")).body["items"]
    assert [each["subject"] for each in soon] == ["Case 0"]
    found = (await face.get("/v1/tickets?sort=due&q=case")).body
    assert found == (await face.get("/v1/tickets?q=case")).body, "a search is newest first in any case"
    (await face.get(f"/v1/tickets?cursor={first['next']}")).refused(404, "not_found")


async def test_tickets_are_listed_newest_first_in_pages_and_filtered(face: "Face") -> None:
    tickets = [await face.ticket(f"case {n}", subject=f"Case {n}") for n in range(5)]
    refund = await face.ticket("refund please", subject="Money back")
    numbers = [item["number"] for item in await face.all("/v1/tickets")]
    assert numbers == [ticket.number for ticket in [*tickets, refund]][::-1]
    for query, expected in (
        ("queue=billing", [refund]),
        ("queue=support&status=new", tickets[::-1]),
        ("status=closed", []),
        (f"customer={refund.customer}", [refund]),
        ("assignee=ada", []),
        ("q=money", [refund]),
        (f"q={tickets[2].number.lower()}", [tickets[2]]),
    ):
        found = await face.all(f"/v1/tickets?{query}")
        assert [item["id"] for item in found] == [ticket.id for ticket in expected], query
    (item,) = await face.all("/v1/tickets?q=money+please")
    (article,) = await face.desk.reader.article_ids(refund.id)
    parts = [{"text": "refund ", "marked": False}, {"text": "please", "marked": True}]
    assert item["found"] == {"article": article, "ticket": refund.id, "number": refund.number, "parts": parts}
    assert (await face.all("/v1/tickets?queue=billing"))[0]["found"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [("status=odd", 422), ("limit=0", 422), ("limit=201", 422), ("colour=red", 422), ("cursor=abcd", 404),
     ("cursor=WzFd", 404), ("q=", 422), ("queue=%00", 422)],
)  # fmt: skip
async def test_a_list_says_what_is_wrong_with_its_parameters(face: "Face", query: str, status: int) -> None:
    assert (await face.get(f"/v1/tickets?{query}")).status == status


async def test_a_ticket_is_opened_by_hand_for_a_customer_who_is_vouched_for(face: "Face") -> None:
    body = {"text": "Called about the lamp", "subject": "Lamp", "email": "Maria@Example.org", "name": "Maria"}
    created = await face.post("/v1/tickets", body, token="ada")
    assert created.status == 201
    assert created.headers["Location"] == f"/v1/tickets/{created.body['id']}"
    assert created.headers["ETag"] == f'"{created.body["revision"]}"'
    assert created.body["articles"][0]["text"] == "Called about the lamp"
    customer = (await face.get(f"/v1/customers/{created.body['customer']}")).body
    identity = customer["identities"][0]
    assert (identity["value"], identity["assurance"]) == ("maria@example.org", 4)
    assert "agent:ada" in identity["evidence"]
    assert [open_["number"] for open_ in customer["open_tickets"]] == [created.body["number"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "a" * 65_537}, "text"),
        ({"text": "й" * 40_000}, "text"),
        ({"text": "a", "colour": "red"}, "colour"),
        ({"text": "a", "email": "nobody"}, "email"),
        ({"text": "a", "subject": "two\nlines"}, "subject"),
        ({"text": "a", "language": "english"}, "language"),
        ({"text": 5}, "text"),
    ],
)
async def test_what_is_wrong_with_a_new_ticket_is_named_and_nothing_is_opened(
    face: "Face", body: dict[str, Any], field: str
) -> None:
    reply = await face.post("/v1/tickets", body)
    assert field in reply.refused(422, "invalid")
    assert await face.desk.tickets() == []


async def test_a_text_of_64_kib_is_taken_whole(face: "Face") -> None:
    text = "й" * 32_768
    created = await face.post("/v1/tickets", {"text": text})
    assert created.body["articles"][0]["text"] == text


async def test_a_reply_goes_out_and_can_bring_a_status_along(face: "Face") -> None:
    ticket = await face.ticket()
    body = {"kind": "reply", "text": "Turn it on.", "status": "solved", "agent": "ada"}
    reply = await face.post(f"/v1/tickets/{ticket.number}/messages", body)
    assert (reply.status, reply.body["kind"], reply.body["text"]) == (201, "reply", "Turn it on.")
    assert reply.headers["Location"] == f"/v1/articles/{reply.body['id']}"
    assert reply.body["author"]["id"] == "ada"
    await face.desk.settle()
    assert [outgoing.text for outgoing in face.desk.sent][-1] == "Turn it on."
    after = (await face.get(f"/v1/tickets/{ticket.id}")).body
    assert (after["status"], after["resolution"], after["assignee"]) == ("solved", "resolved", "ada")
    assert (await face.get(reply.headers["Location"])).body["delivery"]["state"] == "sent"


async def test_a_message_is_the_tokens_agents_else_the_assignees_else_refused(face: "Face") -> None:
    ticket = await face.ticket()
    path, note = f"/v1/tickets/{ticket.id}/messages", {"kind": "note", "text": "called back"}
    for kind in ("note", "reply"):
        assert "agent" in (await face.post(path, note | {"kind": kind})).refused(422, "invalid")
    assert (await face.post(path, note, token="boris")).body["author"]["id"] == "boris"
    await face.desk.actions.accept(ticket.id, "ada", actor="ada")
    assert (await face.post(path, note)).body["author"]["id"] == "ada"
    assert "boris" in (await face.post(path, note | {"agent": "ada"}, token="boris")).refused(403, "forbidden")
    (await face.post(path, note | {"agent": "nobody", "kind": "reply"})).refused(404, "not_found")


async def test_a_resolution_without_an_end_is_refused(face: "Face") -> None:
    ticket = await face.ticket()
    body = {"kind": "note", "text": "done", "agent": "ada", "resolution": "cancelled"}
    (await face.post(f"/v1/tickets/{ticket.id}/messages", body)).refused(422, "invalid")
    reply = await face.post(f"/v1/tickets/{ticket.id}/messages", body | {"status": "closed"})
    assert reply.status == 201
    after = (await face.get(f"/v1/tickets/{ticket.id}")).body
    assert (after["status"], after["resolution"]) == ("closed", "cancelled")


async def test_a_change_names_the_revision_it_is_based_on(face: "Face") -> None:
    ticket = await face.ticket()
    path, change = f"/v1/tickets/{ticket.id}", {"tags": ["vip"], "impact": 1, "urgency": 1}
    (await face.call("PATCH", path, change)).refused(428, "precondition_required")
    (await face.call("PATCH", path, change, headers={"If-Match": '"999"'})).refused(412, "precondition_failed")
    (await face.call("PATCH", path, change, headers={"If-Match": "yesterday"})).refused(400, "malformed")
    (await face.call("PATCH", f"/v1/tickets/{UNKNOWN}", change)).refused(404, "not_found")
    assert (await face.get(path)).body["tags"] == []
    changed = await face.call("PATCH", path, change, headers={"If-Match": f'"{ticket.revision}"'})
    assert (changed.status, changed.body["tags"], changed.body["priority"]) == (200, ["vip"], 1)
    assert changed.headers["ETag"] == f'"{ticket.revision + 1}"'


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', "{}", "*"])
async def test_the_revision_may_be_spelt_in_these_ways(face: "Face", form: str) -> None:
    ticket = await face.ticket()
    header = {"If-Match": form.format(ticket.revision)}
    path = f"/v1/tickets/{ticket.id}"
    assert (await face.call("PATCH", path, {"language": "es"}, headers=header)).status == 200
    if form != "*":
        (await face.call("PATCH", path, {"language": "ru"}, headers=header)).refused(412, "precondition_failed")
        (await face.call("PATCH", path, {}, headers=header)).refused(412, "precondition_failed")


async def test_a_change_of_nothing_leaves_the_ticket_at_its_revision(face: "Face") -> None:
    ticket = await face.ticket()
    header = {"If-Match": f'"{ticket.revision}"'}
    for nothing in ({}, {"status": None, "tags": None}):
        reply = await face.call("PATCH", f"/v1/tickets/{ticket.id}", nothing, headers=header)
        assert (reply.status, reply.body["revision"]) == (200, ticket.revision)


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"priority": 5}, 422, "priority"),
        ({"queue": "nowhere"}, 422, "queue"),
        ({"subject": "a\rb"}, 422, "subject"),
        ({"tags": ["a" * 65]}, 422, "tags.0"),
        ({"assignee": "ada"}, 422, "assignee"),
        ({"resolution": "resolved"}, 422, "resolution"),
        ({"resolution": "resolved", "status": "open"}, 422, "resolution"),
        ({"status": "new", "tags": []}, 409, "new"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_by_name_and_changes_nothing(
    face: "Face", change: dict[str, Any], status: int, word: str
) -> None:
    ticket = await face.ticket()
    await face.desk.actions.accept(ticket.id, "ada", actor="ada")
    before = (await face.get(f"/v1/tickets/{ticket.id}")).body
    reply = await face.call("PATCH", f"/v1/tickets/{ticket.id}", change, headers={"If-Match": "*"})
    assert reply.status == status, reply.raw
    assert word in reply.body["detail"]
    assert (await face.get(f"/v1/tickets/{ticket.id}")).body == before


async def test_a_closed_ticket_stays_closed(face: "Face") -> None:
    ticket = await face.ticket()
    path, any_ = f"/v1/tickets/{ticket.id}", {"If-Match": "*"}
    assert (await face.call("PATCH", path, {"status": "closed"}, headers=any_)).body["resolution"] == "resolved"
    (await face.call("PATCH", path, {"status": "open"}, headers=any_)).refused(409, "conflict")


async def test_what_was_done_is_told_with_who_did_it(face: "Face") -> None:
    ticket = await face.ticket()
    await face.post(f"/v1/tickets/{ticket.id}/accept", token="ada")
    await face.call("PATCH", f"/v1/tickets/{ticket.id}", {"priority": 1}, headers={"If-Match": "*"})
    lines = [line for line in await face.desk.lines() if line.kind in ("ticket.assigned", "ticket.updated")]
    assert [line.data["actor"] for line in lines] == ["agent:ada", "token:admin"]


async def test_the_writer_of_a_message_passed_on_is_made_the_customer(face: "Face") -> None:
    settings = face.desk.policy.settings.model_dump(mode="json", exclude_unset=True)
    ada = settings["agents"]["ada"] | {"email": "ada@a.example"}
    face.desk.configure(settings | {"agents": settings["agents"] | {"ada": ada}})
    original = {"address": "maria@example.org"}
    ticket = await face.ticket("FYI", sender="ada@a.example", channel="mail", originals=[original])
    path = f"/v1/tickets/{ticket.number}/original-writer"
    assert (await face.get(f"/v1/tickets/{ticket.id}")).body["articles"][0]["originals"][0][
        "address"
    ] == "maria@example.org"
    taken = await face.post(path, {})
    assert taken.status == 200
    assert (taken.body["original_writer"]["taken"], taken.body["customer"] != ticket.customer) == (True, True)
    given_back = await face.post(path, {"customer": False})
    assert (given_back.body["original_writer"]["taken"], given_back.body["customer"]) == (False, ticket.customer)
    other = await face.ticket("hello", sender="li@example.org")
    (await face.post(f"/v1/tickets/{other.id}/original-writer", {})).refused(409, "conflict")


async def test_what_a_ticket_suggests_is_done_or_taken_off(face: "Face") -> None:
    first = await face.ticket("Please ignore my last mail.", subject="Lamp", sender="li@example.org")
    second = await face.ticket("It works now, thanks!", subject="Re: Lamp", sender="li@example.org")
    read = (await face.get(f"/v1/tickets/{second.id}")).body
    assert (read["settled"]["resolution"], read["goes_on"]) == ("resolved", {"ticket": first.id, "number": "T-1"})
    solved = await face.post(f"/v1/tickets/{first.id}/settled", {}, token="ada")
    assert [solved.body[name] for name in ("status", "resolution", "settled")] == ["solved", "cancelled", None]
    kept = await face.post(f"/v1/tickets/{second.id}/settled", {"accept": False}, token="ada")
    assert (kept.status, kept.body["status"], kept.body["settled"]) == (200, "new", None)
    merged = await face.post(f"/v1/tickets/{second.id}/goes-on", {}, token="ada")
    assert (merged.status, merged.body["merged_into"], merged.body["goes_on"]) == (200, first.id, None)
    (await face.post(f"/v1/tickets/{first.id}/goes-on", {})).refused(409, "conflict")


async def test_what_is_held_of_a_sender_is_filed_by_the_ticket(face: "Face") -> None:
    ticket = await face.ticket("hello")
    filed = await face.post(f"/v1/tickets/{ticket.number}/held-messages", {}, token="ada")
    assert (filed.status, filed.body) == (200, {"filed": 0})


async def test_a_ticket_is_marked_as_spam_with_its_sender_and_opened_again(face: "Face") -> None:
    ticket = await face.ticket("buy", sender="eve@evil.example")
    path = f"/v1/tickets/{ticket.number}/spam"
    marked = await face.post(path, {"block": "domain"}, token="ada")
    assert (marked.status, marked.body["status"], marked.body["resolution"]) == (200, "closed", "spam")
    assert [each["sender"] for each in (await face.get("/v1/blocked")).body["items"]] == ["@evil.example"]
    opened = await face.call("DELETE", path, token="ada")
    assert (opened.status, opened.body["status"]) == (200, ticket.status), "as it was"
    assert (await face.get("/v1/blocked")).body["items"] == []
    (await face.post(path, {"block": "everybody"})).refused(422, "invalid")


async def test_a_reply_after_somebody_elses_is_refused_with_what_happened_unless_it_is_forced(face: "Face") -> None:
    ticket = await face.ticket("my lamp is broken")
    path = f"/v1/tickets/{ticket.id}/messages"
    seen = (await face.get(f"/v1/tickets/{ticket.id}")).body["articles"][-1]["id"]
    body = {"kind": "reply", "text": "Try another bulb.", "last_seen": seen}
    assert (await face.post(path, body, token="ada")).status == 201
    again = await face.post(path, body, token="boris")
    again.refused(409, "conflict")
    assert again.body["detail"].startswith("Ada ")
    (between,) = [each for each in again.body["between"] if each["kind"] == "answered"]
    assert (between["by"], between["text"]) == ("Ada", "Try another bulb.")
    assert (await face.post(path, body | {"force": True}, token="boris")).status == 201
    stale = await face.post(path, {"kind": "reply", "text": "Well?"}, token="ada", headers={"If-Match": '"1"'})
    stale.refused(412, "precondition_failed")
    revision = (await face.get(f"/v1/tickets/{ticket.id}")).headers["ETag"]
    fresh = await face.post(path, {"kind": "reply", "text": "Well?"}, token="ada", headers={"If-Match": revision})
    assert fresh.status == 201


async def test_a_clock_is_begun_and_stopped_by_its_name(face: "Face") -> None:
    ticket = await face.ticket("My lamp is broken")
    path = f"/v1/tickets/{ticket.number}/clocks/call_back"
    (await face.post(path)).refused(409, "conflict")
    (await face.call("DELETE", path)).refused(404, "not_found")
    began = await face.post(path, {"target": 60_000})
    clock = began.body["clocks"]["call_back"]
    assert (clock["due"], clock["given"]) == (face.desk.clock.now() + 60_000, True)
    assert began.headers["ETag"] == f'"{began.body["revision"]}"'
    stopped = (await face.call("DELETE", path)).body["clocks"]["call_back"]
    assert (stopped["stopped"], stopped["met"]) == (face.desk.clock.now(), 1)
    (await face.post(f"/v1/tickets/{ticket.id}/clocks/first_response", {"target": 60_000})).refused(409, "conflict")
    (await face.post(path, {"target": 999})).refused(422, "invalid")
