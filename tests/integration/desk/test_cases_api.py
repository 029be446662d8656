"""Merging tickets over HTTP: the preview changes nothing and says all, and what is merged can be parted again."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Face

ANY = {"If-Match": "*"}


async def test_a_preview_says_what_will_change_and_changes_nothing(face: "Face") -> None:
    await face.ticket("first", sender="maria@example.org", name="Maria")
    await face.ticket("second", sender="li@example.org", name="Li", channel="mail")
    position = await face.desk.feed.last()
    preview = await face.get("/v1/tickets/T-2/merge?into=T-1")
    assert (preview.status, preview.body["one_customer"]) == (200, False)
    assert preview.body["changes"][0] == "T-2 leaves support, and T-1 stands for both, in support."
    assert any("Replies go to maria@example.org" in each for each in preview.body["changes"])
    (warning,) = preview.body["warnings"]
    assert "two customers’ conversations: Li (li@example.org) and Maria (maria@example.org)" in warning
    assert await face.desk.feed.last() == position


async def test_tickets_of_one_person_are_merged_without_a_warning(face: "Face") -> None:
    for text in ("first", "second"):
        await face.ticket(text, sender="maria@example.org")
    assert (await face.get("/v1/tickets/T-2/merge?into=T-1")).body["warnings"] == []


async def test_a_case_is_read_whole_and_each_article_says_whose_it_is(face: "Face") -> None:
    for text in ("first", "second", "third"):
        face.desk.clock.advance(1000)
        await face.ticket(text, sender="maria@example.org")
    body = {"into": "T-1", "reason": "the same lamp"}
    merged = await face.post("/v1/tickets/T-2/merge", body, token="ada", headers=ANY)
    assert (merged.status, merged.body["number"], len(merged.body["merged"])) == (200, "T-1", 1)
    case = (await face.get("/v1/tickets/T-1")).body
    written = [(each["text"], each["ticket"]) for each in case["articles"] if each["author"]["kind"] == "customer"]
    assert written == [("first", case["id"]), ("second", case["merged"][0])]
    alone = (await face.get("/v1/tickets/T-2")).body
    assert (alone["resolution"], alone["merged_into"]) == ("merged", case["id"])
    assert "first" not in [each["text"] for each in alone["articles"]]
    found = await face.get("/v1/tickets?status=closed")
    assert [each["number"] for each in found.body["items"]] == ["T-2"]


async def test_what_was_merged_is_parted_and_the_revision_is_checked(face: "Face") -> None:
    for text in ("first", "second"):
        await face.ticket(text, sender="maria@example.org")
    (await face.post("/v1/tickets/T-2/merge", {"into": "T-1"})).refused(428, "precondition_required")
    (await face.post("/v1/tickets/T-2/merge", {"into": "T-1"}, headers={"If-Match": '"1"'})).refused(
        412, "precondition_failed"
    )
    (await face.post("/v1/tickets/T-2/merge", {"into": "T-2"}, headers=ANY)).refused(409, "conflict")
    assert (await face.post("/v1/tickets/T-2/merge", {"into": "T-1"}, headers=ANY)).status == 200
    assert "work there" in (await face.post("/v1/tickets/T-2/accept", {"agent": "ada"})).refused(409, "conflict")
    merged = await face.get("/v1/tickets/T-2")
    parted = await face.post("/v1/tickets/T-2/unmerge", headers={"If-Match": merged.headers["ETag"]})
    assert (parted.status, parted.body["status"], parted.body["merged_into"]) == (200, "new", None)
    (await face.post("/v1/tickets/T-2/unmerge", headers=ANY)).refused(409, "conflict")


async def test_articles_are_split_off_into_a_ticket_that_is_named_and_a_repeat_makes_no_other(face: "Face") -> None:
    await face.ticket("The lamp", conversation="c:1", sender="maria@example.org")
    await face.ticket("The chair", conversation="c:1", sender="maria@example.org")
    ticket = await face.get("/v1/tickets/T-1")
    chair = next(each["id"] for each in ticket.body["articles"] if each["text"] == "The chair")
    body = {"articles": [chair], "subject": "Chair", "priority": 1}
    (await face.post("/v1/tickets/T-1/split", body)).refused(428, "precondition_required")
    made = await face.post("/v1/tickets/T-1/split", body, headers={"If-Match": ticket.headers["ETag"]})
    assert (made.status, made.headers["Location"]) == (201, f"/v1/tickets/{made.body['id']}")
    assert (made.body["number"], made.body["split_from"], made.body["priority"]) == ("T-2", ticket.body["id"], 1)
    again = await face.post("/v1/tickets/T-1/split", body, headers=ANY)
    assert again.body["id"] == made.body["id"]
    assert [each["text"] for each in (await face.get("/v1/tickets/T-2")).body["articles"]] == ["The chair"]
