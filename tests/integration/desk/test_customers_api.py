"""Customers over HTTP: read, merged after a preview, parted, and kept apart."""

from typing import TYPE_CHECKING, Any

from trunkline.queue.identifiers import new_id

if TYPE_CHECKING:
    from .conftest import Face


async def two(face: "Face") -> tuple[str, str]:
    """Two customers with a ticket each, the older first."""
    tickets = []
    for sender in ("maria@example.org", "m.lee@work.test"):
        face.desk.clock.advance(1)
        tickets.append(await face.ticket(sender=sender))
    one, other = (str(ticket.customer) for ticket in tickets)
    return one, other


def numbers(body: Any) -> set[str]:
    return {ticket["number"] for ticket in body["open_tickets"]}


async def test_a_preview_says_who_they_would_be_and_writes_nothing(face: "Face") -> None:
    one, other = await two(face)
    position = await face.desk.feed.last()
    preview = await face.get(f"/v1/customers/{other}/merge?customer={one}")
    assert (preview.status, preview.body["records"]) == (200, [one, other])
    assert numbers(preview.body) == {"T-1", "T-2"}
    assert (await face.get(f"/v1/customers/{one}")).body["records"] == []
    assert await face.desk.feed.last() == position


async def test_merged_customers_are_one_under_either_id_and_can_be_parted(face: "Face") -> None:
    one, other = await two(face)
    merged = await face.post(f"/v1/customers/{other}/merge", {"customer": one, "reason": "she said so"}, token="ada")
    assert (merged.status, merged.body["id"], numbers(merged.body)) == (200, one, {"T-1", "T-2"})
    assert merged.body["links"][-1]["by"] == "agent:ada"
    assert (await face.get(f"/v1/customers/{other}")).body == merged.body
    assert {each["number"] for each in await face.all(f"/v1/tickets?customer={other}")} == {"T-1", "T-2"}
    parted = await face.post(f"/v1/customers/{one}/part", {"customer": other})
    assert (parted.status, parted.body["records"], numbers(parted.body)) == (200, [], {"T-1"})
    (await face.post(f"/v1/customers/{one}/part", {"customer": new_id(1)})).refused(404, "not_found")


async def test_who_is_kept_apart_can_still_be_merged_but_not_the_other_way_round(face: "Face") -> None:
    one, other = await two(face)
    apart = await face.post(f"/v1/customers/{one}/keep-apart", {"customer": other})
    assert (apart.status, apart.body["links"][-1]["state"]) == (200, "declined")
    assert (await face.post(f"/v1/customers/{one}/merge", {"customer": other})).status == 200
    refused = (await face.post(f"/v1/customers/{one}/keep-apart", {"customer": other})).refused(409, "conflict")
    assert "part them first" in refused
    (await face.post(f"/v1/customers/{one}/merge", {"customer": one})).refused(409, "conflict")
    (await face.post(f"/v1/customers/{one}/merge", {"customer": "x"})).refused(422, "invalid")


async def change(face: "Face", customer: str, body: Any, revision: int | str = "*", **options: Any) -> Any:
    return await face.call("PATCH", f"/v1/customers/{customer}", body, headers={"If-Match": str(revision)}, **options)


async def test_a_record_is_written_by_who_has_seen_it_and_the_feed_says_what_changed(face: "Face") -> None:
    one, _ = await two(face)
    seen = await face.get(f"/v1/customers/{one}")
    revision = seen.body["revision"]
    assert seen.headers["ETag"] == f'"{revision}"'
    body = {
        "name": "Maria Lee",
        "company": "Acme",
        "segment": "vip",
        "language": "es",
        "time_zone": "Europe/Madrid",
        "notes": "Calls back.\nLikes lamps.",
        "external_ids": {"crm": "4711"},
        "fields": {"plan": "PRO", "seats": 12},
    }
    written = await change(face, one, body, revision, token="ada")
    assert written.status == 200, written.raw
    assert {name: written.body[name] for name in body} == body | {"fields": {"plan": "pro", "seats": 12}}
    assert written.body["written"]["fields.plan"] == {"at": face.desk.clock.now(), "by": "agent:ada"}
    assert written.headers["ETag"] == f'"{revision + 1}"'
    line = (await face.desk.lines())[-1]
    assert (line.kind, line.subject, line.data["actor"]) == ("customer.updated", one, "agent:ada")
    assert line.data["changes"]["segment"] == [None, "vip"]
    again = await change(face, one, body, revision + 1)
    assert (again.status, again.body["revision"]) == (200, revision + 1), "the same again changes nothing"
    (await change(face, one, {"segment": "x"}, revision)).refused(412, "precondition_failed")
    (await face.call("PATCH", f"/v1/customers/{one}", {"segment": "x"})).refused(428, "precondition_required")
    emptied = await change(face, one, {"segment": "", "external_ids": {"crm": None}, "fields": {"seats": None}})
    assert (emptied.body["segment"], emptied.body["external_ids"], emptied.body["fields"]) == ("", {}, {"plan": "pro"})


async def test_everything_that_cannot_be_written_is_named_at_once_and_nothing_is_written(face: "Face") -> None:
    one, other = await two(face)
    refused = await change(face, one, {"segment": "vip", "language": "es-ES", "fields": {"plan": "gold", "seat": 1}})
    assert refused.refused(422, "invalid")
    assert {each["field"]: each["detail"] for each in refused.body["errors"]} == {
        "language": "expected a language as two letters of ISO 639-1, such as en",
        "fields.plan": "expected one of free, pro",
        "fields.seat": "a customer has no field seat; did you mean seats?",
    }
    assert (await face.get(f"/v1/customers/{one}")).body["segment"] == ""
    assert (await change(face, other, {"external_ids": {"crm": "1"}})).status == 200
    assert other in (await change(face, one, {"external_ids": {"crm": "1"}})).refused(409, "conflict")
    await change(face, other, {"external_ids": {"crm": "2"}})
    assert (await change(face, one, {"external_ids": {"crm": "1"}})).status == 200, "it is nobody's any more"


async def test_parted_records_have_what_was_written_into_each(face: "Face") -> None:
    one, other = await two(face)
    await change(face, one, {"segment": "old", "company": "Acme"})
    await face.post(f"/v1/customers/{one}/merge", {"customer": other})
    merged = await change(face, other, {"segment": "new"})
    assert (merged.body["id"], merged.body["segment"], merged.body["company"]) == (one, "new", "Acme")
    await change(face, one, {"segment": "newest"})
    assert (await face.get(f"/v1/customers/{other}")).body["segment"] == "newest"
    await face.post(f"/v1/customers/{one}/part", {"customer": other})
    parted = [(await face.get(f"/v1/customers/{each}")).body for each in (one, other)]
    assert [(each["segment"], each["company"]) for each in parted] == [("newest", "Acme"), ("new", "")]


async def test_customers_are_written_down_once_and_are_there_when_they_write(face: "Face") -> None:
    body = {"name": "Li Wei", "email": "Li@Example.org", "phone": "+4930123456", "external_ids": {"crm": "9"}}
    made = await face.post("/v1/customers", body | {"fields": {"plan": "pro"}}, token="ada")
    assert made.status == 201, made.raw
    assert {each["value"]: each["assurance"] for each in made.body["identities"]} == {
        "li@example.org": 4,
        "+4930123456": 4,
    }
    assert len(made.body["records"]) == 2, "each identity has a record of its own, so that they can be parted"
    assert made.headers["Location"].endswith(made.body["id"])
    for known in ({"email": "li@example.org"}, {"phone": "+49 30 123456"}, {"external_ids": {"crm": "9"}}):
        assert made.body["id"] in (await face.post("/v1/customers", known)).refused(409, "conflict") or known
    ticket = await face.ticket(sender="li@example.org")
    assert ticket.customer in made.body["records"]
    assert "Value error" not in (await face.post("/v1/customers", {"name": "Nobody"})).refused(422, "invalid")
    (await face.post("/v1/customers", {"phone": "12"})).refused(422, "invalid")


async def test_a_customer_of_whom_only_an_id_in_another_system_is_known_is_one(face: "Face") -> None:
    made = await face.post("/v1/customers", {"name": "Solo", "external_ids": {"crm": "9001"}}, token="ada")
    assert (made.status, made.body["identities"]) == (201, []), made.raw
    found = await face.get("/v1/customers?external_id=crm:9001")
    assert [each["id"] for each in found.body["items"]] == [made.body["id"]]
    (await face.post("/v1/customers", {"external_ids": {"crm": "9001"}}, token="ada")).refused(409, "conflict")


async def test_customers_are_found_by_what_is_known_of_them_page_by_page(face: "Face") -> None:
    made = {}
    for number in range(7):
        face.desk.clock.advance(1)
        body = {"name": f"Person Number{number}", "email": f"p{number}@shop{number % 2}.example", "segment": "vip"}
        made[number] = (await face.post("/v1/customers", body | {"fields": {"seats": number % 3}})).body["id"]
    face.desk.clock.advance(1)
    wrote = (await face.ticket(sender="maria@example.org", name="María Peréz")).customer

    async def found(query: str) -> list[str]:
        return [each["id"] for each in await face.all(f"/v1/customers?{query}")]

    newest = [wrote, *(made[number] for number in reversed(range(7)))]
    assert await found("") == newest
    assert sorted(await found("q=person")) == sorted(made.values()), "each once, however many of their words match"
    assert await found("q=maria%20per") == [wrote]
    assert await found("q=shop1.ex%20number3") == [made[3]]
    assert await found("identity=email:p2@shop0.example") == [made[2]]
    assert await found("segment=VIP&field=seats:2") == [made[5], made[2]]
    assert await found("segment=gold") == []
    await change(face, made[2], {"segment": "gold"})
    assert await found("segment=gold") == [made[2]]
    assert made[2] not in await found("segment=vip")
    await face.post(f"/v1/customers/{made[0]}/merge", {"customer": made[1]})
    assert [each["records"] for each in await face.all("/v1/customers?q=number")].count([made[0], made[1]]) == 1
    assert await found("q=number0%20number1") == [made[0]], "a person is found by what all their records say"
    cursor = (await face.get("/v1/customers?limit=1")).body["next"]
    (await face.get(f"/v1/customers?q=maria&cursor={cursor}")).refused(404, "not_found")


async def test_the_fields_of_a_ticket_are_written_one_by_one_and_found(face: "Face") -> None:
    declared = (await face.get("/v1/fields")).body
    assert declared["ticket"][0] == {"name": "order", "label": "Order number", "type": "text", "options": []}
    ticket = await face.ticket()

    async def patch(fields: Any) -> Any:
        path = f"/v1/tickets/{ticket.id}"
        return await face.call("PATCH", path, {"fields": fields}, headers={"If-Match": "*"})

    assert (await patch({"order": "A-17"})).body["fields"] == {"order": "A-17"}
    assert (await patch({"parts": ["cable", "lamp"]})).body["fields"] == {"order": "A-17", "parts": ["lamp", "cable"]}
    assert [each["id"] for each in await face.all("/v1/tickets?q=a-17")] == [ticket.id]
    assert (await patch({"order": None})).body["fields"] == {"parts": ["lamp", "cable"]}
    refused = await patch({"ordr": "A-18"})
    assert "did you mean order?" in refused.refused(422, "invalid")
