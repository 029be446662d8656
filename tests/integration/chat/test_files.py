"""Files: uploaded, named in a message, handed out by links that end."""

import hashlib
from typing import Any

from yarl import URL

from trunkline.adapters.chat.parsing import read_raw
from trunkline.config.errors import EngineFull
from trunkline.normalizer.envelope import Attachment, RawMessage
from trunkline.queue.intake import unpack
from trunkline.queue.worker import Worker

from .conftest import Process, World

ID = "message-number-{:04d}"
CONTENT = b"\x89PNG not really"
DAY = 86_400_000


async def upload(process: Process, token: str, content: bytes = CONTENT, **query: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "image/png"}
    url = process.url("web/files")
    async with process.session.post(url, data=content, headers=headers, params=query) as response:
        return response.status, await response.json()


async def test_a_file_goes_with_a_message_and_comes_back_as_a_download(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    status, file = await upload(process, visitor.token, name="../lamp\u202egnp.png")
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert status == 201
    assert file == {"sha256": sha256, "name": "lampgnp.png", "media_type": "image/png", "size": len(CONTENT)}
    lied = {**file, "media_type": "text/html", "size": 1}
    await visitor.write(ID.format(1), "", files=[lied])
    line = next((each for each in visitor.heard if each["type"] == "line"), None) or await visitor.until("line")
    (shown,) = line["files"]
    assert {name: shown[name] for name in file} == file
    url = URL(process.url()).join(URL(shown["url"], encoded=True))
    async with process.session.get(url) as response:
        assert await response.read() == CONTENT
        assert response.content_type == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("attachment")
    for changed in (url.update_query(name="lamp.html"), url.update_query(expires="9999999999999")):
        async with process.session.get(changed) as response:
            assert response.status == 404
    world.clock.advance(DAY + 3_600_000)
    async with process.session.get(url) as response:
        assert response.status == 410


async def test_the_message_carries_the_file_as_it_was_uploaded(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    _, file = await upload(process, visitor.token, name="lamp.png")
    await visitor.write(ID.format(1), "see here", files=[file])
    seen: list[Attachment] = []

    async def read(entry: Any) -> bool:
        header, content = unpack(entry.payload)
        seen.extend(read_raw(RawMessage(**header, content=content)).envelopes[0].attachments)
        return False

    await Worker(process.intake.queue, world.clock, read).drain()
    assert seen == [Attachment(**file)]


async def test_nobody_can_send_the_file_of_somebody_else(world: World) -> None:
    process = await world.process()
    owner, other = await process.visit(), await process.visit()
    _, file = await upload(process, owner.token)
    await other.say("message", id=ID.format(1), text="mine", files=[file])
    assert (await other.until("refused"))["code"] == "file_gone"


async def test_a_file_that_was_removed_meanwhile_is_asked_for_again(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    _, file = await upload(process, visitor.token)
    world.blobs.files.remove([file["sha256"]])
    await visitor.say("message", id=ID.format(1), text="see here", files=[file])
    assert (await visitor.until("refused", id=ID.format(1)))["code"] == "file_gone"
    await upload(process, visitor.token)
    assert await visitor.write(ID.format(1), "see here", files=[file]) == 1


async def test_uploads_need_a_token_and_stay_in_bounds(world: World) -> None:
    process = await world.process({"web": {"caps": {"file": "1KiB", "uploading": "1KiB", "burst": 3}}})
    visitor = await process.visit()
    assert (await upload(process, "nonsense"))[0] == 401
    assert (await upload(process, visitor.token, b"x" * 1025))[0] == 413
    assert (await upload(process, visitor.token, b"x" * 1024))[0] == 201
    assert (await upload(process, visitor.token, b"x"))[0] == 201
    status, problem = await upload(process, visitor.token, b"x")
    assert (status, problem["code"]) == (429, "overloaded")


async def test_no_file_is_taken_while_intake_is_refused(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    process.failure = EngineFull("the disk is full")
    assert (await upload(process, visitor.token))[0] == 503
    assert not list(world.blobs.files.names(hashlib.sha256(CONTENT).hexdigest()[0]))
    process.failure = None
    assert (await upload(process, visitor.token))[0] == 201


async def test_an_agents_file_has_a_link_too(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    sha256 = await world.blobs.put(b"manual")
    attachment = Attachment(name="manual.pdf", media_type="application/pdf", size=6, sha256=sha256)
    await process.answer(visitor.id, 1, attachments=(attachment,))
    (file,) = (await visitor.until("line"))["files"]
    async with process.session.get(URL(process.url()).join(URL(file["url"], encoded=True))) as response:
        assert await response.read() == b"manual"
