"""Agents and queues over HTTP."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Face


async def test_agents_are_listed_with_presence_and_load(face: "Face") -> None:
    agents = await face.all("/v1/agents")
    assert [agent["id"] for agent in agents] == ["ada", "boris", "carla"]
    assert {agent["presence"] for agent in agents} == {"offline"}
    ticket = await face.ticket()
    await face.post(f"/v1/tickets/{ticket.id}/accept", {"agent": "ada"})
    ada = (await face.get("/v1/agents/ada")).body
    assert (ada["load"], ada["capacity"], ada["languages"], ada["queues"]) == (1, 5, ["en"], ["support"])
    (await face.get("/v1/agents/nobody")).refused(404, "not_found")
    (await face.get("/v1/agents/No%20Body")).refused(404, "not_found")


async def test_an_agent_says_how_they_are_and_nobody_else_says_it_for_them(face: "Face") -> None:
    path = "/v1/agents/ada/presence"
    reply = await face.call("PUT", path, {"presence": "available"}, token="ada")
    assert (reply.status, reply.body["presence"]) == (200, "available")
    assert reply.body["presence_since"] == face.desk.clock.now()
    (await face.call("PUT", path, {"presence": "offline"}, token="boris")).refused(403, "forbidden")
    assert (await face.call("PUT", path, {"presence": "busy"})).body["presence"] == "busy"
    (await face.call("PUT", path, {"presence": "asleep"})).refused(422, "invalid")
    (await face.call("PUT", "/v1/agents/nobody/presence", {"presence": "busy"})).refused(404, "not_found")


async def test_presence_brings_the_waiting_tickets(face: "Face") -> None:
    ticket = await face.ticket()
    await face.desk.settle()
    await face.call("PUT", "/v1/agents/ada/presence", {"presence": "available"})
    await face.desk.settle()
    assert (await face.all("/v1/tickets?offered_to=ada"))[0]["id"] == ticket.id


async def test_queues_are_listed_with_what_waits(face: "Face") -> None:
    first = await face.ticket()
    face.desk.clock.advance(1000)
    await face.ticket()
    await face.ticket("refund please")
    await face.post(f"/v1/tickets/{first.number}/accept", {"agent": "ada"})
    billing, support = await face.all("/v1/queues", limit=1)
    assert (support["name"], support["fallback"], support["agents"]) == ("support", True, ["ada", "boris"])
    assert (support["waiting"], support["new"], support["open"]) == (1, 1, 1)
    assert support["most_due_at"] == face.desk.clock.now() + 4 * 3_600_000
    assert (billing["name"], billing["waiting"], billing["agents"]) == ("billing", 1, ["carla"])


async def test_a_presence_given_with_a_time_is_kept_by_heartbeats(face: "Face") -> None:
    path, heartbeat = "/v1/agents/ada/presence", "/v1/agents/ada/heartbeat"
    await face.desk.signs.faces_are_there()
    body = (
        await face.call("PUT", path, {"presence": "available", "expires_in": 60, "reason": "on the phone app"})
    ).body
    assert (body["presence_until"], body["presence_by"]) == (face.desk.clock.now() + 60_000, "token:admin")
    assert body["presence_reason"] == "on the phone app"
    face.desk.clock.advance(25_000)
    await face.desk.signs.faces_are_there()
    reply = await face.call("POST", heartbeat, token="ada")
    assert reply.status == 200, reply.body
    assert reply.body["presence_until"] == face.desk.clock.now() + 60_000
    assert (await face.call("POST", heartbeat, {"expires_in": 10})).body[
        "presence_until"
    ] == face.desk.clock.now() + 10_000
    face.desk.clock.advance(10_000)
    await face.desk.settle()
    gone = (await face.call("POST", heartbeat, {"expires_in": 10})).body
    assert (gone["presence"], gone["presence_by"], gone["presence_until"]) == ("offline", "router", None)
    (await face.call("POST", heartbeat, token="boris")).refused(403, "forbidden")
    (await face.call("PUT", path, {"presence": "busy", "expires_in": 0})).refused(422, "invalid")
