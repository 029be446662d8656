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
