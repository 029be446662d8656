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
