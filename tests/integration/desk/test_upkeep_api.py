"""Dead letters and suspended messages over HTTP."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Face


async def unreadable(face: "Face", content: bytes) -> None:
    """A message of a channel that nobody reads."""
    await face.desk.intake.accept(
        channel="pigeon",
        account="roof",
        external_id="p1",
        kind="message",
        lane="roof",
        content=content,
        transport={"peer": "127.0.0.1"},
    )
    await face.desk.settle()


async def test_a_dead_message_is_shown_downloaded_retried_and_dropped(face: "Face") -> None:
    await unreadable(face, b"coo \xff\0")
    (letter,) = await face.all("/v1/dead")
    assert (letter["queue"], letter["attempts"], letter["about"]["channel"]) == ("intake", 0, "pigeon")
    assert "pigeon" in letter["cause"]
    path = f"/v1/dead/{letter['id']}"
    assert (await face.get(path)).body == letter
    raw = await face.get(f"{path}/raw")
    assert (raw.raw, raw.headers["Content-Type"]) == (b"coo \xff\0", "application/octet-stream")
    assert (await face.post(f"{path}/retry")).status == 202
    assert await face.all("/v1/dead") == []
    (await face.post(f"{path}/retry")).refused(404, "not_found")
    await face.desk.settle()
    for _ in range(2):
        assert (await face.call("DELETE", path, headers={"Idempotency-Key": "drop"})).status == 204
    (await face.get(path)).refused(404, "not_found")
    (await face.call("DELETE", path)).refused(404, "not_found")
    (await face.post("/v1/dead/a_queue_that_nobody_has-1/retry")).refused(404, "not_found")


async def test_the_bytes_of_a_large_dead_message_come_from_its_blob(face: "Face") -> None:
    await unreadable(face, b"coo " * 30_000)
    (letter,) = await face.all("/v1/dead")
    assert (await face.get(f"/v1/dead/{letter['id']}/raw")).raw == b"coo " * 30_000


async def test_dead_letters_of_all_queues_are_one_list_even_within_one_millisecond(face: "Face") -> None:
    await face.desk.settle()
    for n in range(12):
        await face.give_up(("intake", "offers", "outbox")[n % 3], b'{"n": %d}' % n)
    face.desk.clock.advance(1)
    await face.give_up("offers", b"no JSON")
    for limit in (1, 2, 5, 50):
        letters = await face.all("/v1/dead", limit=limit)
        assert len({letter["id"] for letter in letters}) == len(letters) == 13
        assert [letter["at"] for letter in letters] == sorted((letter["at"] for letter in letters), reverse=True)
        assert letters[0]["about"] == {}


async def test_a_suspended_message_is_listed_released_and_dropped(face: "Face") -> None:
    for n in range(5):
        await face.desk.write(f"number {n}", suspend="forged-looking")
    await face.desk.filers.drain()
    for limit in (1, 2, 50):
        held: list[Any] = await face.all("/v1/suspended", limit=limit)
        assert sorted(message["excerpt"] for message in held) == [f"number {n}" for n in range(5)]
    assert {message["cause"] for message in held} == {"forged-looking"}
    path = f"/v1/suspended/{held[0]['id']}"
    assert (await face.post(f"{path}/release")).body == {"id": held[0]["id"]}
    (await face.post(f"{path}/release")).refused(404, "not_found")
    await face.desk.filers.drain()
    (ticket,) = await face.desk.tickets()
    assert (await face.desk.reader.articles(ticket.id))[0].text == held[0]["excerpt"]
    assert (await face.call("DELETE", f"/v1/suspended/{held[1]['id']}")).status == 204
    assert len(await face.all("/v1/suspended")) == 3


async def test_what_is_dropped_gives_its_blobs_up(face: "Face") -> None:
    await unreadable(face, b"coo " * 30_000)
    await face.desk.write("forged " * 20_000, suspend="forged-looking")
    await face.desk.settle()
    references = face.desk.blobs.keys["references"]
    assert int(await face.desk.engine.call("ZCARD", references)) == 4
    (letter,), (message,) = await face.all("/v1/dead"), await face.all("/v1/suspended")
    assert (await face.call("DELETE", f"/v1/dead/{letter['id']}")).status == 204
    assert (await face.call("DELETE", f"/v1/suspended/{message['id']}")).status == 204
    assert int(await face.desk.engine.call("ZCARD", references)) == 0
    assert int(await face.desk.engine.call("ZCARD", face.desk.blobs.keys["condemned"])) == 2


async def test_only_administrators_see_them(face: "Face") -> None:
    for path in ("/v1/dead", "/v1/suspended", "/v1/dead/intake-1/raw"):
        (await face.get(path, token="ada")).refused(403, "forbidden")
        (await face.get(path, token="nobody")).refused(401, "unauthenticated")


async def test_cursors_of_other_lists_name_no_page(face: "Face") -> None:
    for path in ("/v1/dead", "/v1/suspended", "/v1/tickets", "/v1/agents"):
        for cursor in ("WzEsMiwzXQ", "W10", "W3RydWVd", "WzFd"):
            reply = await face.get(f"{path}?cursor={cursor}")
            assert reply.status == 404, (path, cursor, reply.raw)


async def test_suspended_messages_are_searched_and_several_are_filed_together(face: "Face") -> None:
    for number, subject in enumerate(("Your lottery", "Order 7", "Another LOTTERY")):
        await face.desk.write("win", sender=f"s{number}@example.org", subject=subject, suspend="it looks forged")
        face.desk.clock.advance(1)
    await face.desk.settle()
    found = await face.all("/v1/suspended?words=lottery", limit=1)
    assert [each["subject"] for each in found] == ["Another LOTTERY", "Your lottery"]
    assert [each["subject"] for each in await face.all("/v1/suspended?words=s1@example")] == ["Order 7"]
    gone = "018f0000-0000-7000-8000-000000000000"
    ids = [each["id"] for each in found]
    filed = await face.post("/v1/suspended-releases", {"ids": [*ids, gone]})
    assert (filed.status, filed.body) == (202, {"ids": ids})
    await face.desk.settle()
    assert [each["subject"] for each in await face.all("/v1/suspended")] == ["Order 7"]
    (await face.post("/v1/suspended-releases", {"ids": []})).refused(422, "invalid")


async def test_senders_are_blocked_listed_and_unblocked(face: "Face") -> None:
    made = await face.post("/v1/blocked", {"sender": "Eve@Evil.example", "reason": "adverts"})
    assert (made.status, made.body["sender"], made.body["by"]) == (202, "eve@evil.example", "token:admin")
    assert [each["sender"] for each in (await face.get("/v1/blocked")).body["items"]] == ["eve@evil.example"]
    (await face.post("/v1/blocked", {"sender": "nobody"})).refused(422, "invalid")
    public = await face.post("/v1/blocked", {"sender": "li@gmail.com", "whole_domain": True})
    assert "anybody can have an address at gmail.com" in public.refused(422, "invalid")
    spoofed = await face.post("/v1/blocked", {"sender": "maria@example.org", "holds": "unproven"})
    assert (spoofed.status, spoofed.body["holds"], made.body["holds"]) == (202, "unproven", "all")
    assert (await face.call("DELETE", "/v1/blocked/maria@example.org")).status == 204
    whole = await face.post("/v1/blocked", {"sender": "li@spam.example", "whole_domain": True})
    assert whole.body["sender"] == "@spam.example"
    assert (await face.call("DELETE", "/v1/blocked/@spam.example")).status == 204
    (await face.post("/v1/blocked", {"sender": "a@b.example"}, token="ada")).refused(403, "forbidden")
    assert (await face.call("DELETE", "/v1/blocked/Eve@evil.example")).status == 204
    (await face.call("DELETE", "/v1/blocked/Eve@evil.example")).refused(404, "not_found")
    wrong = (await face.post("/v1/blocked", {"sender": "@foo.example"})).refused(422, "invalid")
    assert "whole_domain: true" in wrong
