"""A person as a whole over HTTP: the timeline in pages, and the export as one document."""

import json
from typing import TYPE_CHECKING

from trunkline.queue.identifiers import new_id
from trunkline.router.person_export import PersonExport

if TYPE_CHECKING:
    from .conftest import Face

MARIA = "maria@example.org"


async def test_the_timeline_comes_in_pages_and_by_channel(face: "Face") -> None:
    for number in range(5):
        face.desk.clock.advance(1)
        ticket = await face.ticket(f"message {number}", sender=MARIA)
    path = f"/v1/customers/{ticket.customer}/timeline"
    said = [each for each in await face.all(path) if each["kind"] == "message"]
    assert [each["text"] for each in said] == [f"message {number}" for number in (4, 3, 2, 1, 0)]
    assert {each["number"] for each in said} == {"T-1", "T-2", "T-3", "T-4", "T-5"}
    assert await face.all(f"{path}?channel=chat") == []
    assert (await face.get(path, token="ada")).status == 200
    (await face.get(f"{path}?cursor=WyJ4Il0")).refused(404, "not_found")
    (await face.get(f"{path}?channel=A!")).refused(422, "invalid")
    (await face.get(f"/v1/customers/{new_id(1)}/timeline")).refused(404, "not_found")


async def test_the_export_is_a_download_for_administrators_that_keeps_its_schema(face: "Face") -> None:
    ticket = await face.ticket("hello", sender=MARIA, name="Maria")
    await face.ticket("not hers", sender="bob@example.org")
    path = f"/v1/customers/{ticket.customer}/export"
    found = await face.get(path)
    assert (found.status, found.headers["Content-Type"]) == (200, "application/json")
    assert "attachment" in found.headers["Content-Disposition"]
    document = PersonExport.model_validate(json.loads(found.raw))
    assert [each.number for each in document.tickets] == ["T-1"]
    assert b"not hers" not in found.raw
    (await face.get(path, token="ada")).refused(403, "forbidden")
    (await face.get(f"/v1/customers/{new_id(1)}/export")).refused(404, "not_found")


async def test_a_customer_is_asked_to_prove_an_address_and_it_is_taken_back(face: "Face") -> None:
    await face.ticket("hello")
    path = "/v1/tickets/T-1/proof"
    (await face.get(path)).refused(404, "not_found")
    asked = await face.post(path, {"address": "Maria@Work.example"}, token="ada")
    assert (asked.status, asked.body["address"], asked.body["by"]) == (201, "maria@work.example", "agent:ada")
    assert asked.body == (await face.get(path)).body
    assert set(asked.body) == {"address", "identity", "asked_at", "until", "by", "wrong_codes"}
    assert (await face.call("DELETE", path)).status == 204
    (await face.get(path)).refused(404, "not_found")
    assert (await face.call("DELETE", path)).status == 204
    (await face.post(path, {"address": "nobody"})).refused(422, "invalid")
    mailed = {"address": asked.body["identity"].partition(":")[2]}
    assert "another address" in (await face.post(path, mailed)).refused(409, "conflict")


async def test_too_many_codes_to_one_address_are_refused_with_the_time_to_wait(face: "Face") -> None:
    await face.ticket("hello")
    answers = [await face.post("/v1/tickets/T-1/proof", {"address": "maria@work.example"}) for _ in range(6)]
    assert [each.status for each in answers] == [201] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
