"""The published document of the API: it is whole, and schemathesis finds nothing that differs from it."""

from typing import TYPE_CHECKING

import pytest

from trunkline.router.ticket_requests import Writing

from ...api_trial import nothing_is_found
from .conftest import FILE, sha256

if TYPE_CHECKING:
    from .conftest import Face

CONTRACT = {
    "/v1/tickets": "get post",
    "/v1/tickets/{id}": "get patch",
    "/v1/tickets/{id}/accept": "post",
    "/v1/tickets/{id}/decline": "post",
    "/v1/tickets/{id}/release": "post",
    "/v1/tickets/{id}/assign": "post",
    "/v1/tickets/{id}/original-writer": "post",
    "/v1/tickets/{id}/clocks/{name}": "delete post",
    "/v1/tickets/{id}/proof": "delete get post",
    "/v1/tickets/{id}/settled": "post",
    "/v1/tickets/{id}/goes-on": "post",
    "/v1/tickets/{id}/spam": "delete post",
    "/v1/tickets/{id}/held-messages": "post",
    "/v1/suspended-releases": "post",
    "/v1/blocked": "get post",
    "/v1/blocked/{sender}": "delete",
    "/v1/tickets/{id}/messages": "post",
    "/v1/tickets/{id}/merge": "get post",
    "/v1/tickets/{id}/unmerge": "post",
    "/v1/tickets/{id}/split": "post",
    "/v1/articles/{id}": "get",
    "/v1/articles/{id}/original": "get",
    "/v1/articles/{id}/delivery": "post",
    "/v1/attachments": "post",
    "/v1/attachments/{sha256}": "get",
    "/v1/customers/{id}/timeline": "get",
    "/v1/customers/{id}/export": "get",
    "/v1/customers/{id}/erase": "get post",
    "/v1/erasures/{id}": "get",
    "/v1/customers": "get post",
    "/v1/customers/{id}": "get patch",
    "/v1/customers/{id}/keep-apart": "post",
    "/v1/customers/{id}/merge": "get post",
    "/v1/customers/{id}/part": "post",
    "/v1/customers/{id}/reopen": "post",
    "/v1/fields": "get",
    "/v1/proposals": "get",
    "/v1/agents": "get",
    "/v1/agents/{id}": "get",
    "/v1/agents/{id}/heartbeat": "post",
    "/v1/agents/{id}/presence": "put",
    "/v1/queues": "get",
    "/v1/macros": "get",
    "/v1/macros/{name}": "post",
    "/v1/tickets/{id}/macros/{name}": "post",
    "/v1/board": "get",
    "/v1/events": "get",
    "/v1/dead": "get",
    "/v1/dead/{id}": "delete get",
    "/v1/dead/{id}/raw": "get",
    "/v1/dead/{id}/retry": "post",
    "/v1/suspended": "get",
    "/v1/suspended/{id}": "delete",
    "/v1/suspended/{id}/release": "post",
}

KNOWN = """
[[operations]]
include-path-regex = "^/v1/articles/"
parameters = {{ id = "{article}" }}

[[operations]]
include-path = "/v1/attachments/{{sha256}}"
parameters = {{ sha256 = "{file}" }}

[[operations]]
include-path = "/v1/customers/{{id}}"
parameters = {{ id = "{customer}" }}

[[operations]]
include-path = "/v1/dead/{{id}}/raw"
parameters = {{ id = "{letter}" }}
"""


async def fill(face: "Face") -> str:
    """Something of everything; returns how its records are named."""
    for agent in ("ada", "carla"):
        await face.desk.actions.presence(agent, "available", actor=agent)
    for n in range(6):
        await face.ticket(f"case {n} {'refund' if n % 2 else ''}", subject=f"Case {n}", name=f"Customer {n}")
    ticket, article = await face.attached()
    await face.desk.settle()
    held = (await face.desk.tickets(offered_to="ada"))[0]
    await face.desk.actions.accept(held.id, "ada", actor="ada")
    await face.desk.actions.reply(held.id, Writing(text="Turn it on.", agent="ada", actor="ada"))
    for _ in range(3):
        await face.desk.write("forged", suspend="forged-looking")
    await face.desk.settle()
    letters = [await face.give_up(queue, b'{"id": "x"}\nbytes') for queue in ("intake", "offers", "held", "outbox")]
    facts = {"article": article.id, "customer": ticket.customer, "file": sha256(FILE), "letter": letters[1]}
    return KNOWN.format(**facts)


async def test_the_document_is_open_and_holds_the_contract(face: "Face") -> None:
    async with face.session.get("/v1/openapi.json") as response:
        assert response.status == 200
        document = await response.json()
    assert document["openapi"] == "3.1.0"
    assert {path: " ".join(sorted(item)) for path, item in document["paths"].items()} == CONTRACT
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["security"], (path, method)
            assert {"401", "403", "503"} <= set(operation["responses"])
            has_key = "Idempotency-Key" in operation.get("description", "")
            assert has_key == (method != "get" and path != "/v1/attachments"), (path, method)


async def test_no_operation_answers_without_a_token(face: "Face") -> None:
    for path, methods in CONTRACT.items():
        for method in methods.split():
            async with face.session.request(method, path.replace("{", "").replace("}", "")) as response:
                assert response.status == 401, (method, path)
    async with face.session.get("/v1/events/stream") as response:
        assert response.status == 401


async def test_a_token_does_what_its_scopes_say_and_no_more(face: "Face") -> None:
    ticket = await face.ticket()
    reader = await face.tokens.create("reader", scopes=["tickets:read"])
    assert (await face.get(f"/v1/tickets/{ticket.id}", token=reader)).status == 200
    (await face.post(f"/v1/tickets/{ticket.id}/accept", {"agent": "ada"}, token=reader)).refused(403, "forbidden")
    for path in ("/v1/events", "/v1/events/stream", "/v1/agents", "/v1/dead"):
        (await face.get(path, token=reader)).refused(403, "forbidden")
    await face.tokens.revoke("reader")
    (await face.get(f"/v1/tickets/{ticket.id}", token=reader)).refused(401, "unauthenticated")


async def test_without_the_engine_everything_is_503_and_says_when_to_come_back(face: "Face") -> None:
    ticket = await face.ticket()

    async def gone(*_: object, **__: object) -> None:
        raise OSError("the engine is gone")

    face.desk.engine._route = gone
    for path in ("/v1/tickets", f"/v1/tickets/{ticket.id}", "/v1/events", "/v1/events/stream", "/v1/queues"):
        reply = await face.get(path)
        reply.refused(503, "engine_unavailable")
        assert int(reply.headers["Retry-After"]) > 0
    reply = await face.post("/v1/tickets", {"text": "hello"}, headers={"Idempotency-Key": "k"})
    assert "gone" not in reply.refused(503, "engine_unavailable")


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_schemathesis_finds_nothing(face: "Face") -> None:
    known = await fill(face)
    token = await face.tokens.create("everything", scopes=["admin"], agent="ada")
    await nothing_is_found(f"http://127.0.0.1:{face.service.address[1]}", token, face.folder, examples=20, known=known)
    assert len(await face.desk.tickets()) > 10
