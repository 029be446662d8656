"""What agents, leads, administrators and auditors see and do over the API, and what others of it hear."""

import copy
import json
from typing import Any

import pytest

from trunkline.desk.stores.token_store import AGENT_SCOPES
from trunkline.router.decision_record import Decision, SeenTicket
from trunkline.router.records import Ticket

from ..conftest import SETTINGS
from .conftest import FILE, Face

NOTHING = "11111111-1111-7111-8111-111111111111"
TEAMS = {"help": {"members": ["ada"], "queues": ["support"]}, "money": {"leads": ["boris"], "queues": ["billing"]}}


@pytest.fixture
async def governed(face: Face) -> Face:
    """Ada works in support; Boris too, and leads billing, where Carla works; Dora administers, Emil audits."""
    settings = copy.deepcopy(SETTINGS)
    settings["teams"] = TEAMS
    settings["agents"]["dora"] = {"name": "Dora", "role": "admin"}
    settings["agents"]["emil"] = {"name": "Emil", "role": "auditor"}
    face.desk.configure(settings)
    await face.desk.start()
    for agent in ("carla", "dora", "emil"):
        face._secrets[agent] = await face.tokens.create(agent, scopes=AGENT_SCOPES, agent=agent)
    return face


async def _two(face: Face) -> tuple[Ticket, Ticket]:
    """One in support, one in billing."""
    return await face.ticket("My lamp is broken"), await face.ticket("I want a refund")


async def _access(face: Face) -> list[dict[str, Any]]:
    """What was noted of access."""
    lines = await face.desk.feed.read(0, 500)
    return [
        {"kind": line.kind, "actor": line.data["actor"], **line.data["access"]}
        for line in lines
        if "access" in line.data
    ]


async def test_a_ticket_of_another_queue_is_answered_like_one_that_is_not_there(governed: Face) -> None:
    _, refund = await _two(governed)
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/accept", {}),
        ("POST", "/messages", {"kind": "note", "text": "hello"}),
        ("POST", "/spam", {}),
        ("GET", f"/merge?into={refund.number}", None),
    ):
        hidden = await governed.call(method, f"/v1/tickets/{refund.number}{path}", body, token="ada")
        absent = await governed.call(method, f"/v1/tickets/T-99{path}", body, token="ada")
        assert hidden.refused(404, "not_found") == absent.refused(404, "not_found").replace("T-99", refund.number)
        assert (await governed.call(method, f"/v1/tickets/{refund.number}{path}", body, token="carla")).status != 404


async def test_an_article_its_original_and_its_file_are_of_the_ticket(governed: Face) -> None:
    ticket, article = await governed.attached("bill.pdf")
    await governed.call("PATCH", f"/v1/tickets/{ticket.id}", {"queue": "billing"}, headers={"If-Match": "*"})
    sha = article.attachments[0].sha256
    for path in (f"/v1/articles/{article.id}", f"/v1/articles/{article.id}/original", f"/v1/attachments/{sha}"):
        assert (await governed.get(path, token="ada")).status == 404, path
        assert (await governed.get(path, token="carla")).status == 200, path
    gone = await governed.get(f"/v1/articles/{NOTHING}", token="ada")
    assert gone.refused(404, "not_found") == (await governed.get(f"/v1/articles/{article.id}", token="ada")).refused(
        404, "not_found"
    ).replace(article.id, NOTHING)


async def test_a_file_is_sent_along_by_whoever_uploaded_it_or_sees_it_and_by_nobody_who_knows_its_hash(
    governed: Face,
) -> None:
    ticket, article = await governed.attached("bill.pdf")
    await governed.call("PATCH", f"/v1/tickets/{ticket.id}", {"queue": "billing"}, headers={"If-Match": "*"})
    lamp = await governed.ticket("My lamp is broken")
    (file,) = article.attachments
    note = {"kind": "note", "text": "mine", "attachments": [file.model_dump(include={"sha256", "name", "size"})]}
    address = f"/v1/tickets/{lamp.id}/messages"
    for size in (file.size, file.size + 1):
        note["attachments"][0]["size"] = size  # type: ignore[index]
        hidden = await governed.post(address, note, token="ada")
        absent = await governed.post(address, _naming(note, "ab" * 32), token="ada")
        assert absent.refused(410, "gone").replace("ab" * 6, file.sha256[:12]) == hidden.refused(410, "gone")
    note["attachments"][0]["size"] = file.size  # type: ignore[index]
    assert (await governed.get(f"/v1/attachments/{file.sha256}", token="ada")).status == 404
    assert (await governed.post(address, note, token="boris")).status == 201, "he sees it"
    assert (await governed.post(address, note, token="ada")).status == 201, "it stands in a ticket of hers now"


async def test_who_uploads_a_file_that_others_have_too_sends_it_along(governed: Face) -> None:
    ticket, article = await governed.attached("bill.pdf")
    await governed.call("PATCH", f"/v1/tickets/{ticket.id}", {"queue": "billing"}, headers={"If-Match": "*"})
    lamp = await governed.ticket("My lamp is broken")
    headers = governed.headers("ada") | {"Content-Type": "application/pdf"}
    async with governed.session.post("/v1/attachments?name=b.pdf", data=FILE, headers=headers) as response:
        uploaded = await response.json()
    assert uploaded["sha256"] == article.attachments[0].sha256
    note = {"kind": "note", "text": "mine", "attachments": [uploaded]}
    assert (await governed.post(f"/v1/tickets/{lamp.id}/messages", note, token="ada")).status == 201
    assert (await governed.get(f"/v1/attachments/{uploaded['sha256']}", token="ada")).status == 200


def _naming(body: dict[str, Any], sha256: str) -> dict[str, Any]:
    """The same message with another file."""
    return body | {"attachments": [body["attachments"][0] | {"sha256": sha256}]}


async def test_lists_searches_and_queues_show_what_is_seen(governed: Face) -> None:
    lamp, refund = await _two(governed)
    for token, numbers in (
        ("ada", {lamp.number}),
        ("boris", {lamp.number, refund.number}),
        ("carla", {refund.number}),
        ("dora", {lamp.number, refund.number}),
        ("emil", {lamp.number, refund.number}),
        ("admin", {lamp.number, refund.number}),
    ):
        for query in ("", "&q=my", "&q=want", "&status=new", "&queue=billing", "&queue=support"):
            listed = await governed.get(f"/v1/tickets?limit=50{query}", token=token)
            everything = await governed.get(f"/v1/tickets?limit=50{query}")
            wanted = [each["number"] for each in everything.body["items"] if each["number"] in numbers]
            assert [each["number"] for each in listed.body["items"]] == wanted, (token, query)
    queues = await governed.get("/v1/queues", token="ada")
    assert [each["name"] for each in queues.body["items"]] == ["support"]


async def test_a_ticket_that_is_assigned_to_somebody_is_theirs_wherever_it_is(governed: Face) -> None:
    _, refund = await _two(governed)
    assigned = await governed.post(f"/v1/tickets/{refund.number}/assign", {"agent": "ada"}, token="boris")
    assert assigned.status == 200, assigned.raw
    assert (await governed.get(f"/v1/tickets/{refund.number}", token="ada")).status == 200
    mine = await governed.get("/v1/tickets?assignee=ada", token="ada")
    assert [each["number"] for each in mine.body["items"]] == [refund.number]
    everything = await governed.get("/v1/tickets", token="ada")
    assert [each["number"] for each in everything.body["items"]] == ["T-2", "T-1"]


async def test_the_timeline_of_a_person_tells_of_another_queue_without_its_words(governed: Face) -> None:
    await governed.ticket("My lamp is broken", sender="maria@example.org")
    refund = await governed.ticket("I want a refund", sender="maria@example.org")
    person = await governed.get(f"/v1/customers/{refund.customer}", token="ada")
    assert ([each["queue"] for each in person.body["open_tickets"]], person.body["elsewhere"]) == (["support"], 1)
    timeline = await governed.get(f"/v1/customers/{refund.customer}/timeline", token="ada")
    hidden = [each for each in timeline.body["items"] if each["hidden"]]
    assert hidden
    assert {each["subject"] for each in hidden} == {"a ticket in another queue"}
    assert b"refund" not in timeline.raw
    assert refund.number.encode() not in timeline.raw
    assert refund.id.encode() not in timeline.raw


async def test_a_decision_names_no_ticket_that_is_not_seen(governed: Face) -> None:
    lamp, refund = await _two(governed)
    looked = tuple(SeenTicket(ticket=each.id, number=each.number, place=1, priority=1) for each in (lamp, refund))
    decision = Decision(
        at=1, agent="boris", ticket=lamp.id, config="", channel="mail", weight=1, way="own", tickets=looked,
        load_before=0, load_after=1, capacity=3,
    )  # fmt: skip
    key = governed.desk.offers._keys.decisions(lamp.id)
    await governed.desk.engine.call("RPUSH", key, decision.model_dump_json())
    for token, numbers, more in (("ada", [lamp.number], 1), ("boris", [lamp.number, refund.number], 0)):
        told = (await governed.get(f"/v1/tickets/{lamp.id}", token=token)).body["decisions"][-1]
        assert ([each["number"] for each in told["tickets"]], told["more_tickets"]) == (numbers, more)


async def test_the_feed_tells_of_what_is_seen_and_still_goes_on(governed: Face) -> None:
    lamp, refund = await _two(governed)
    events = (await governed.get("/v1/events?limit=500", token="ada")).body
    assert {each["subject"] for each in events["items"] if each["type"].startswith("ticket.")} == {lamp.id}
    assert refund.id not in str(events)
    assert events["next"] == (await governed.get("/v1/events?limit=500")).body["next"]


async def test_a_merge_names_no_ticket_that_is_not_seen(governed: Face) -> None:
    lamp, refund = await _two(governed)
    body, any_revision = {"into": refund.number}, {"If-Match": "*"}
    refused = await governed.post(f"/v1/tickets/{lamp.id}/merge", body, token="ada", headers=any_revision)
    assert refused.refused(404, "not_found") == f"there is no ticket {refund.number}"
    merged = await governed.post(f"/v1/tickets/{lamp.id}/merge", body, token="boris", headers=any_revision)
    assert merged.status == 200
    assert (await governed.get(f"/v1/tickets/{refund.id}", token="ada")).status == 404
    assert (await governed.get(f"/v1/tickets/{lamp.id}", token="carla")).status == 200, "it is heard in hers"


async def test_what_is_merged_into_a_ticket_that_is_not_seen_is_read_and_not_worked_on(governed: Face) -> None:
    lamp, refund = await _two(governed)
    any_revision = {"If-Match": "*"}
    into = {"into": refund.number}
    await governed.post(f"/v1/tickets/{lamp.id}/merge", into, token="boris", headers=any_revision)
    before = (await governed.get(f"/v1/tickets/{refund.id}")).body
    for path, body in (
        ("messages", {"kind": "note", "text": "done", "status": "solved"}),
        ("messages", {"kind": "reply", "text": "done", "status": "solved"}),
        ("unmerge", None),
    ):
        refused = await governed.post(f"/v1/tickets/{lamp.id}/{path}", body, token="ada", headers=any_revision)
        assert "merged into a ticket in another queue" in refused.refused(403, "forbidden"), path
    assert (await governed.get(f"/v1/tickets/{refund.id}")).body == before
    assert (await governed.get(f"/v1/tickets/{lamp.id}", token="ada")).status == 200
    parted = await governed.post(f"/v1/tickets/{lamp.id}/unmerge", None, token="carla", headers=any_revision)
    assert parted.status == 200


async def test_only_who_leads_forces_and_takes_work_from_others(governed: Face) -> None:
    lamp, refund = await _two(governed)
    await governed.post(f"/v1/tickets/{refund.id}/assign", {"agent": "carla"}, token="carla")
    await governed.post(f"/v1/tickets/{lamp.id}/assign", {"agent": "boris"}, token="boris")
    for ticket, body, token, status in (
        (lamp, {"agent": "ada"}, "ada", 403),  # Boris has it
        (lamp, {"agent": "ada", "force": True}, "ada", 403),
        (lamp, {"agent": "ada", "force": True}, "emil", 403),
        (refund, {"agent": "boris", "force": True, "reason": "urgent"}, "carla", 403),
        (refund, {"agent": "boris", "force": True, "reason": "urgent"}, "boris", 200),
        (lamp, {"agent": "ada"}, "boris", 200),  # he hands over what is his
        (lamp, {"agent": "boris"}, "dora", 200),
    ):
        answer = await governed.post(f"/v1/tickets/{ticket.id}/assign", body, token=token)
        assert answer.status == status, (body, token, answer.raw)
    noted = await _access(governed)
    assert {"kind": "access.refused", "actor": "agent:carla", "act": "force", "about": refund.number} | {
        "role": "agent",
        "reason": "urgent",
    } in noted
    assert {"kind": "access.allowed", "actor": "agent:boris", "act": "force", "about": refund.number} | {
        "role": "lead",
        "reason": "urgent",
    } in noted
    assert {"kind": "access.allowed", "actor": "agent:dora", "role": "admin", "act": "reassign"} | {
        "about": lamp.number
    } in noted


async def test_work_of_others_is_given_back_and_moved_by_who_leads_alone(governed: Face) -> None:
    refund = await governed.ticket("I want a refund")
    await governed.post(f"/v1/tickets/{refund.id}/assign", {"agent": "carla"}, token="carla")
    anew = {"agents": {**SETTINGS["agents"], "finn": {"name": "Finn", "queues": ["billing"]}}, "teams": TEAMS}
    governed.desk.configure({**copy.deepcopy(SETTINGS), **anew})
    await governed.desk.start()
    governed._secrets["finn"] = await governed.tokens.create("finn", scopes=AGENT_SCOPES, agent="finn")
    move, any_revision = {"queue": "support"}, {"If-Match": "*"}
    path = f"/v1/tickets/{refund.id}"
    assert (await governed.post(f"{path}/release", {"agent": "carla"}, token="finn")).status == 403
    assert (await governed.call("PATCH", path, move, token="finn", headers=any_revision)).status == 403
    released = await governed.post(f"{path}/release", {"agent": "carla", "reason": "ill"}, token="boris")
    assert (released.status, released.body["assignee"]) == (200, None)
    assert (await governed.call("PATCH", path, move, token="finn", headers=any_revision)).status == 200


async def test_who_leads_says_how_the_others_of_the_team_are(governed: Face) -> None:
    for token, agent, status in (
        ("boris", "carla", 200),
        ("dora", "ada", 200),
        ("ada", "ada", 200),
        ("boris", "dora", 403),
        ("carla", "boris", 403),
        ("emil", "ada", 403),
        ("emil", "emil", 403),
    ):
        answer = await governed.call("PUT", f"/v1/agents/{agent}/presence", {"presence": "busy"}, token=token)
        assert answer.status == status, (token, agent, answer.raw)


async def test_administrators_change_what_auditors_only_read(governed: Face) -> None:
    for token, reads, writes in (("ada", 403, 403), ("boris", 403, 403), ("emil", 200, 403), ("dora", 200, 200)):
        for path in ("/v1/dead", "/v1/suspended", "/v1/blocked"):
            assert (await governed.get(path, token=token)).status == reads, (token, path)
        block = await governed.post("/v1/blocked", {"sender": f"{token}@example.com"}, token=token)
        assert block.status in (writes, 202 if writes == 200 else writes), (token, block.raw)
    ticket = await governed.ticket()
    for path, body in (("messages", {"kind": "note", "text": "x"}), ("accept", {}), ("spam", {})):
        assert (await governed.post(f"/v1/tickets/{ticket.id}/{path}", body, token="emil")).status == 403
    assert ("access.allowed", "agent:dora", "POST /v1/blocked") in {
        (each["kind"], each["actor"], each["about"]) for each in await _access(governed)
    }


async def test_a_change_of_the_configuration_holds_at_once(governed: Face) -> None:
    refund = await governed.ticket("I want a refund")
    path = f"/v1/tickets/{refund.id}"
    assert (await governed.get(path, token="ada")).status == 404
    settings = {**copy.deepcopy(SETTINGS), "teams": {"money": {"members": ["ada"], "queues": ["billing"]}}}
    governed.desk.configure(settings)
    assert (await governed.get(path, token="ada")).status == 200
    del settings["agents"]["ada"]
    settings["teams"] = TEAMS | {"help": {"members": ["boris"], "queues": ["support"]}}
    governed.desk.configure(settings)
    (await governed.get(path, token="ada")).refused(401, "unauthenticated")


async def test_a_token_made_with_fewer_scopes_has_no_more_for_its_agents_role(governed: Face) -> None:
    governed._secrets["reader"] = await governed.tokens.create("reader", scopes=["tickets:read"], agent="dora")
    assert (await governed.get("/v1/tickets", token="reader")).status == 200
    assert (await governed.get("/v1/dead", token="reader")).status == 403
    governed._secrets["sly"] = await governed.tokens.create("sly", scopes=["admin"], agent="ada")
    assert (await governed.get("/v1/dead", token="sly")).status == 403


async def test_a_system_with_the_scope_audit_reads_everything(face: Face) -> None:
    face._secrets["watch"] = await face.tokens.create("watch", scopes=["audit"])
    for path in ("/v1/tickets", "/v1/dead", "/v1/events", "/v1/agents", "/v1/board"):
        assert (await face.get(path, token="watch")).status == 200, path
    assert (await face.post("/v1/tickets", {"text": "x"}, token="watch")).status == 403


async def test_a_refusal_that_is_repeated_does_not_fill_the_feed(governed: Face) -> None:
    lamp = await governed.ticket()
    for _ in range(40):
        await governed.post(f"/v1/tickets/{lamp.id}/assign", {"agent": "boris", "force": True}, token="ada")
    assert 1 <= len([each for each in await _access(governed) if each["kind"] == "access.refused"]) <= 25


async def test_without_teams_and_roles_everybody_does_everything_as_before(face: Face) -> None:
    refund = await face.ticket("I want a refund")
    assert (await face.get(f"/v1/tickets/{refund.id}", token="ada")).status == 200
    assert (await face.post(f"/v1/tickets/{refund.id}/assign", {"agent": "carla"}, token="ada")).status == 200
    assert (
        await face.post(f"/v1/tickets/{refund.id}/assign", {"agent": "ada", "force": True}, token="boris")
    ).status == 200
    assert (await face.call("PUT", "/v1/agents/boris/presence", {"presence": "busy"}, token="ada")).status == 403
    assert await _access(face) == []


async def _joined(face: Face) -> tuple[Ticket, Ticket]:
    """A lamp that goes on from, follows and was split out of a refund, as far as its record says."""
    lamp, refund = await _two(face)
    named = {"goes_on": {"ticket": refund.id, "number": refund.number}}
    named |= {"follow_up_of": refund.id, "split_from": refund.id}  # type: ignore[dict-item]
    pieces = [part for name, value in named.items() for part in (name, json.dumps(value))]
    await face.desk.engine.call("HSET", face.desk.reader._keys.ticket(lamp.id), *pieces)
    return lamp, refund


async def test_no_answer_of_the_api_names_a_ticket_that_is_not_seen(governed: Face) -> None:
    lamp, refund = await _joined(governed)
    any_revision = {"If-Match": "*"}
    path = f"/v1/tickets/{lamp.id}"
    for method, address, body in (
        ("GET", path, None),
        ("GET", "/v1/tickets", None),
        ("GET", f"/v1/customers/{lamp.customer}", None),
        ("PATCH", path, {"priority": 1}),
        ("POST", f"{path}/assign", {"agent": "ada"}),
        ("POST", f"{path}/release", {"agent": "ada"}),
        ("POST", f"{path}/spam", {}),
        ("DELETE", f"{path}/spam", None),
    ):
        told = await governed.call(method, address, body, token="ada", headers=any_revision)
        assert told.status in (200, 404), told.raw
        assert refund.id.encode() not in told.raw, (method, address)
        assert f'"{refund.number}"'.encode() not in told.raw, (method, address)
        known = await governed.call("GET", path, token="boris")
        assert (known.body["goes_on"]["number"], known.body["split_from"]) == (refund.number, refund.id)


async def test_no_line_of_the_feed_names_a_ticket_that_is_not_seen(governed: Face) -> None:
    lamp, refund = await _joined(governed)
    any_revision = {"If-Match": "*"}
    await governed.call("PATCH", f"/v1/tickets/{lamp.id}", {"priority": 1}, headers=any_revision)
    merge = {"into": refund.number, "reason": f"as {refund.number} says"}
    await governed.post(f"/v1/tickets/{lamp.id}/merge", merge, token="boris", headers=any_revision)
    told = await governed.get("/v1/events?limit=500", token="ada")
    assert "ticket.merged" in {each["type"] for each in told.body["items"]}
    assert refund.id.encode() not in told.raw
    assert refund.number.encode() not in told.raw.replace(b'"T-1"', b"")
    (merged,) = [
        each["data"]
        for each in (await governed.get("/v1/events?limit=500", token="boris")).body["items"]
        if each["type"] == "ticket.merged"
    ]
    assert (merged["other"]["number"], merged["reason"]) == (refund.number, f"as {refund.number} says")
    assert merged["ticket"]["merged_into"] == refund.id


async def test_what_cannot_be_merged_does_not_name_the_ticket_that_stands_for_it(governed: Face) -> None:
    lamp, refund = await _two(governed)
    bulb = await governed.ticket("My bulb is broken")
    any_revision = {"If-Match": "*"}
    await governed.post(f"/v1/tickets/{lamp.id}/merge", {"into": refund.number}, headers=any_revision)
    for method, path, body in (
        ("GET", f"/v1/tickets/{bulb.id}/merge?into={lamp.number}", None),
        ("GET", f"/v1/tickets/{lamp.id}/merge?into={bulb.number}", None),
        ("POST", f"/v1/tickets/{bulb.id}/merge", {"into": lamp.number}),
    ):
        refused = await governed.call(method, path, body, token="ada", headers=any_revision)
        assert "merged into a ticket in another queue" in refused.refused(403, "forbidden"), (method, path)
        assert (
            refund.number in (await governed.call(method, path, body, token="boris", headers=any_revision)).raw.decode()
        )
