"""Files over HTTP: uploaded first, then sent along with a message by their hash."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.desk.uploads_api import AT_ONCE

from .conftest import FILE, Reply, sha256

if TYPE_CHECKING:
    from .conftest import Face


async def upload(
    face: "Face", content: bytes = FILE, *, name: str = "plan.pdf", token: str = "ada", **headers: str
) -> Reply:
    given = face.headers(token) | {"Content-Type": "application/pdf"} | headers
    query = {"name": name}
    async with face.session.post("/v1/attachments", params=query, data=content, headers=given) as response:
        return Reply(response.status, response.headers, await response.read(), await response.json(content_type=None))


async def write(face: "Face", ticket: str, *files: Any, kind: str = "reply", **more: Any) -> Reply:
    body = {"kind": kind, "text": "See the plan", "attachments": list(files)} | more
    return await face.post(f"/v1/tickets/{ticket}/messages", body, token="ada")


async def test_a_file_is_taken_and_sent_with_a_reply(face: "Face") -> None:
    ticket = await face.ticket()
    taken = await upload(face)
    assert taken.status == 201
    assert taken.body == {
        "sha256": sha256(FILE),
        "name": "plan.pdf",
        "media_type": "application/pdf",
        "size": len(FILE),
    }
    reply = await write(face, ticket.id, taken.body)
    assert reply.status == 201
    assert [file["sha256"] for file in reply.body["attachments"]] == [sha256(FILE)]
    await face.desk.settle()
    (sent,) = [outgoing for outgoing in face.desk.sent if not outgoing.automatic]
    assert [file.name for file in sent.attachments] == ["plan.pdf"]
    assert (await face.get(f"/v1/attachments/{sha256(FILE)}")).raw == FILE


async def test_a_note_takes_files_too_and_the_same_file_uploaded_again_is_the_same(face: "Face") -> None:
    ticket = await face.ticket()
    first, again = await upload(face), await upload(face)
    assert first.body == again.body
    note = await write(face, ticket.id, first.body, kind="note")
    assert note.body["attachments"][0]["name"] == "plan.pdf"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("../../etc/passwd", "passwd"), ("in\u202evoice.pdf", "invoice.pdf"), ("a\r\nX: b.pdf", "a X_ b.pdf")],
)
async def test_a_name_is_made_safe(face: "Face", name: str, shown: str) -> None:
    assert (await upload(face, name=name)).body["name"] == shown


@pytest.mark.parametrize("given", ["text/html; charset=utf-8", "TEXT/HTML", "nonsense", "text/\u00fc", ""])
async def test_a_media_type_is_plain_or_none(face: "Face", given: str) -> None:
    taken = await upload(face, **{"Content-Type": given})
    assert taken.body["media_type"] == (
        "text/html" if given.lower().startswith("text/html") else "application/octet-stream"
    )


async def test_a_file_that_was_never_uploaded_is_gone_and_nothing_is_written(face: "Face") -> None:
    ticket = await face.ticket()
    missing = {"sha256": "0" * 64, "name": "a.pdf", "media_type": "application/pdf", "size": 1}
    (await write(face, ticket.id, missing)).refused(410, "gone")
    assert [a for a in await face.desk.reader.articles(ticket.id) if a.author.kind == "agent"] == []


async def test_a_size_that_is_not_the_files_own_is_refused(face: "Face") -> None:
    ticket = await face.ticket()
    taken = (await upload(face)).body
    detail = (await write(face, ticket.id, taken | {"size": 1})).refused(422, "invalid")
    assert detail == f"plan.pdf has {len(FILE)} bytes, not 1"


async def test_too_many_files_too_large_ones_and_too_much_together_are_refused(face: "Face") -> None:
    limits = {"attachments": {"size": "100B", "total": "120B", "count": 2}}
    face.desk.configure(face.desk.policy.settings.model_dump(mode="json", exclude_unset=True) | limits)
    ticket = await face.ticket()
    (await upload(face, b"x" * 101)).refused(413, "too_large")
    small, large = (await upload(face, b"x")).body, (await upload(face, b"y" * 100)).body
    (await write(face, ticket.id, small, small, small)).refused(422, "invalid")
    (await write(face, ticket.id, large, large)).refused(422, "invalid")
    assert (await write(face, ticket.id, large, small)).status == 201


async def test_only_who_may_write_may_upload_and_nothing_is_no_file(face: "Face") -> None:
    reader = await face.tokens.create("reader", scopes=["tickets:read"])
    (await upload(face, token=reader)).refused(403, "forbidden")
    (await upload(face, token="nobody")).refused(401, "unauthenticated")
    (await upload(face, b"")).refused(422, "invalid")
    (await face.post("/v1/attachments")).refused(422, "invalid")


async def test_when_too_many_come_at_once_the_excess_is_told_to_slow_down(
    face: "Face", monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, release, take = asyncio.Semaphore(0), asyncio.Event(), face.desk.actions.upload

    async def slow(*args: Any, **facts: Any) -> Any:
        under_way.release()
        await release.wait()
        return await take(*args, **facts)

    monkeypatch.setattr(face.desk.actions, "upload", slow)
    posts = [asyncio.create_task(upload(face)) for _ in range(AT_ONCE)]
    for _ in posts:
        await under_way.acquire()
    answer = await upload(face)
    answer.refused(429, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    release.set()
    assert {(await post).status for post in posts} == {201}
