"""Accept, take, decline, release and assign over HTTP."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Face


async def offered(face: "Face") -> str:
    """A ticket that is offered to ada."""
    await face.desk.actions.presence("ada", "available", actor="ada")
    ticket = await face.ticket()
    await face.desk.settle()
    return f"/v1/tickets/{ticket.id}"


async def test_an_agent_accepts_and_accepting_again_is_fine(face: "Face") -> None:
    path = await offered(face)
    for _ in range(2):
        reply = await face.post(f"{path}/accept", token="ada")
        assert (reply.status, reply.body["status"], reply.body["assignee"]) == (200, "open", "ada")
    assert reply.body["offer"] is None
    assert reply.headers["ETag"] == f'"{reply.body["revision"]}"'


async def test_the_loser_hears_who_was_first(face: "Face") -> None:
    path = await offered(face)
    assert "ada" in (await face.post(f"{path}/accept", {"agent": "boris"})).refused(409, "conflict")
    await face.post(f"{path}/accept", {"agent": "ada"})
    assert "ada" in (await face.post(f"{path}/accept", token="boris")).refused(409, "conflict")
    assert "ada" in (await face.post(f"{path}/release", token="boris")).refused(409, "conflict")


async def test_a_ticket_by_its_number_is_the_same_ticket(face: "Face") -> None:
    ticket = await face.ticket()
    reply = await face.post(f"/v1/tickets/{ticket.number}/accept", {"agent": "ada"})
    assert (reply.status, reply.body["id"], reply.body["assignee"]) == (200, ticket.id, "ada")


async def test_who_acts_is_the_tokens_agent_or_named(face: "Face") -> None:
    path = await offered(face)
    for verb in ("accept", "decline", "assign"):
        assert "agent" in (await face.post(f"{path}/{verb}")).refused(422, "invalid")
        assert "agent" in (await face.post(f"{path}/{verb}", {})).refused(422, "invalid")
    for verb in ("accept", "decline", "release"):
        assert "boris" in (await face.post(f"{path}/{verb}", {"agent": "ada"}, token="boris")).refused(403, "forbidden")
    (await face.post(f"{path}/accept", {"agent": "nobody"})).refused(404, "not_found")
    assert "size" in (await face.post(f"{path}/accept", {"agent": "ada", "size": 1})).refused(422, "invalid")


async def test_a_declined_ticket_goes_on_with_the_reason_in_the_feed(face: "Face") -> None:
    path = await offered(face)
    reply = await face.post(f"{path}/decline", {"reason": "lunch"}, token="ada")
    assert (reply.status, reply.body["offer"], reply.body["assignee"]) == (200, None, None)
    (await face.post(f"{path}/decline", token="ada")).refused(409, "conflict")
    (declined,) = [line for line in await face.desk.lines() if line.kind == "ticket.declined"]
    assert declined.data["changes"] == {"agent": "ada", "reason": "lunch"}


async def test_a_ticket_is_released_by_its_agent_or_by_whoever_keeps_the_house(face: "Face") -> None:
    path = await offered(face)
    await face.post(f"{path}/accept", token="ada")
    assert (await face.post(f"{path}/release", token="ada")).body["assignee"] is None
    (await face.post(f"{path}/release", token="ada")).refused(409, "conflict")
    await face.post(f"{path}/assign", {"agent": "boris"})
    assert (await face.post(f"{path}/release", {"reason": "ill"})).body["assignee"] is None


async def test_assigning_beyond_capacity_needs_force_and_colleagues_may_hand_over(face: "Face") -> None:
    tickets = [await face.ticket() for _ in range(6)]
    for ticket in tickets[:5]:
        assert (await face.post(f"/v1/tickets/{ticket.id}/assign", token="ada")).body["assignee"] == "ada"
    path = f"/v1/tickets/{tickets[5].id}/assign"
    assert "room" in (await face.post(path, {"agent": "ada"})).refused(409, "conflict")
    assert (await face.post(path, {"agent": "ada", "force": True, "reason": "hers"})).body["assignee"] == "ada"
    assert (await face.post(path, {"agent": "boris"}, token="ada")).body["assignee"] == "boris"


async def test_a_write_that_is_sent_twice_with_one_key_is_done_once(face: "Face") -> None:
    ticket = await face.ticket()
    path, note = f"/v1/tickets/{ticket.id}/messages", {"kind": "note", "text": "once", "agent": "ada"}
    first = await face.post(path, note, headers={"Idempotency-Key": "k-1"})
    again = await face.post(path, note, headers={"Idempotency-Key": "k-1"})
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
    (await face.post(path, note | {"text": "other"}, headers={"Idempotency-Key": "k-1"})).refused(422, "invalid")
    articles = (await face.get(f"/v1/tickets/{ticket.id}")).body["articles"]
    assert [article["text"] for article in articles if article["kind"] == "note"] == ["once"]
    assert (await face.post(path, note, token="ada", headers={"Idempotency-Key": "k-1"})).status == 201


async def test_whoever_accepts_while_an_assignment_is_judged_keeps_the_ticket(
    face: "Face", monkeypatch: pytest.MonkeyPatch
) -> None:
    actions, assign = face.desk.actions, face.desk.actions.assign

    async def late(ticket: str, agent: str, **more: Any) -> None:
        await actions.accept(ticket, "ada", actor="agent:ada")
        await assign(ticket, agent, **more)

    monkeypatch.setattr(actions, "assign", late)
    ticket = await face.ticket("another lamp")
    lost = await face.post(f"/v1/tickets/{ticket.id}/assign", {"agent": "boris"}, token="boris")
    assert "is assigned to ada" in lost.refused(409, "conflict")
    assert (await face.get(f"/v1/tickets/{ticket.id}")).body["assignee"] == "ada"


async def test_of_many_who_take_a_free_ticket_for_themselves_at_once_one_has_it_and_no_other_is_told_so(
    face: "Face",
) -> None:
    for _ in range(5):
        ticket = await face.ticket()
        body = {"holder": "", "force": True}
        asked = (face.post(f"/v1/tickets/{ticket.id}/assign", body, token=agent) for agent in ("ada", "boris"))
        answers = await asyncio.gather(*asked)
        assert sorted(answer.status for answer in answers) == [200, 409]
        (won,) = [answer.body["assignee"] for answer in answers if answer.status == 200]
        assert (await face.get(f"/v1/tickets/{ticket.id}")).body["assignee"] == won


async def test_an_assignment_names_whom_its_writer_saw_with_the_ticket(face: "Face") -> None:
    ticket = await face.ticket()
    path = f"/v1/tickets/{ticket.id}/assign"
    assert (await face.post(path, {"agent": "ada", "holder": ""})).status == 200
    assert "ada by now" in (await face.post(path, {"agent": "boris", "holder": ""})).refused(409, "conflict")
    assert (await face.post(path, {"agent": "ada", "holder": ""})).status == 200
    assert (await face.post(path, {"agent": "boris", "holder": "ada"})).body["assignee"] == "boris"
    await face.post(f"/v1/tickets/{ticket.id}/release", {"agent": "boris"})
    assert "but free" in (await face.post(path, {"agent": "ada", "holder": "boris"})).refused(409, "conflict")
