"""Articles, originals and attachments over HTTP: what strangers sent is handed out so that no browser runs it."""

from typing import TYPE_CHECKING

from trunkline.config.errors import DeliveryFailed

from .conftest import FILE, sha256

if TYPE_CHECKING:
    from .conftest import Face


async def test_the_html_of_an_article_stands_only_in_the_article_itself(face: "Face") -> None:
    ticket, article = await face.attached()
    assert "html" not in (await face.get(f"/v1/tickets/{ticket.id}")).body["articles"][0]
    assert (await face.get(f"/v1/articles/{article.id}")).body["html"] == "<script>alert(1)</script>"
    (await face.get(f"/v1/articles/{ticket.id}")).refused(404, "not_found")


async def test_a_mail_is_downloaded_as_it_came(face: "Face") -> None:
    ticket, article = await face.attached()
    reply = await face.get(f"/v1/articles/{article.id}/original")
    assert (reply.status, reply.raw) == (200, b"From: file@example.org\r\n\r\nsee attached")
    assert reply.headers["Content-Type"] == "message/rfc822"
    assert reply.headers["Content-Disposition"].startswith("attachment;")
    note = await face.post(f"/v1/tickets/{ticket.id}/messages", {"kind": "note", "text": "a", "agent": "ada"})
    (await face.get(f"/v1/articles/{note.body['id']}/original")).refused(404, "not_found")


async def test_an_attachment_is_a_download_that_no_browser_runs(face: "Face") -> None:
    await face.attached()
    reply = await face.get(f"/v1/attachments/{sha256(FILE)}")
    assert (reply.status, reply.raw, reply.headers["Content-Length"]) == (200, FILE, str(len(FILE)))
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    name = "attachment; filename=\"R__port__.pdf\"; filename*=UTF-8''R%C3%A9%20port%0D%0A.pdf"
    assert reply.headers["Content-Disposition"] == name


async def test_only_what_is_attached_to_an_article_can_be_had_as_an_attachment(face: "Face") -> None:
    raw = await face.desk.blobs.put(b"a raw message " * 9000)
    await face.desk.write("x" * 70_000)
    await face.desk.filers.drain()
    held = sha256(b"x" * 70_000)
    owners = await face.desk.engine.call("ZCARD", face.desk.engine.keys("blobs", "references"))
    assert owners > 0
    for name in (raw, held, "0" * 64, "nothing"):
        (await face.get(f"/v1/attachments/{name}")).refused(404, "not_found")
    await face.attached()
    (await face.get(f"/v1/attachments/{sha256(FILE)}", token="nobody")).refused(401, "unauthenticated")


async def test_a_large_attachment_comes_whole(face: "Face") -> None:
    content = bytes(range(256)) * 12_000
    await face.attached("big.bin", content)
    assert (await face.get(f"/v1/attachments/{sha256(content)}")).raw == content


async def test_a_message_that_failed_is_sent_again_or_marked_by_hand(face: "Face") -> None:
    ticket = await face.ticket(assurance=0)
    send = face.desk.send

    async def refuse(_: object) -> None:
        raise DeliveryFailed("mailbox unknown")

    face.desk.delivery._senders["test"] = refuse
    body = {"kind": "reply", "text": "Turn it on.", "agent": "ada"}
    path = (await face.post(f"/v1/tickets/{ticket.id}/messages", body)).headers["Location"]
    (await face.post(f"{path}/delivery", {"action": "resend"})).refused(409, "conflict")
    await face.desk.settle()
    assert (await face.get(path)).body["delivery"]["state"] == "failed"
    face.desk.delivery._senders["test"] = send
    resent = await face.post(f"{path}/delivery", {"action": "resend"})
    assert (resent.status, resent.body["delivery"]["state"]) == (200, "queued")
    await face.desk.settle()
    assert (await face.get(path)).body["delivery"]["state"] == "sent"
    (await face.post(f"{path}/delivery", {"action": "mark_sent"})).refused(409, "conflict")
    (await face.post(f"{path}/delivery", {"action": "forget"})).refused(422, "invalid")
