"""Files of answers at addresses for vendors: one file of one answer each, until they end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector

from trunkline.adapters.public_file_face import EACH, FileOf, PublicFileFace
from trunkline.adapters.public_files import DAY_MS, PublicFiles
from trunkline.config.errors import NotFound
from trunkline.normalizer.envelope import Attachment
from trunkline.queue.blobs import Blobs
from trunkline.router.sent_files import SentFiles
from trunkline.web import downloads
from trunkline.web.downloads import Files, Result
from trunkline.web.peers import PeerLimiter, Peers
from trunkline.web.service import WebService, new_application

from .conftest import FILE, sha256
from .test_uploads_api import upload, write

if TYPE_CHECKING:
    from .conftest import Face

HOUR = 3_600_000


@dataclass
class Shelf:
    """The files of a desk as a vendor sees them; `there` takes an address apart from its host."""

    face: "Face"
    links: PublicFiles
    session: ClientSession

    async def answered(self, name: str = "plan.pdf", content: bytes = FILE) -> str:
        """The article of an answer with a file."""
        ticket = await self.face.ticket()
        file = (await upload(self.face, content, name=name)).body
        return str((await write(self.face, ticket.id, file)).body["id"])

    async def link(self, article: str, sha: str = "") -> str:
        return await self.links.address("", article, sha or sha256(FILE))

    async def get(self, link: str, method: str = "GET", **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
        async with self.session.request(method, link, headers=headers) as response:
            return response.status, await response.read(), response.headers


@asynccontextmanager
async def _shelf(
    face: "Face", limiter: PeerLimiter | None = None, file_of: FileOf | None = None, blobs: Files | None = None
) -> AsyncIterator[Shelf]:
    desk = face.desk
    links = PublicFiles(desk.engine, desk.clock)
    application = new_application()
    found = file_of or SentFiles(desk.reader).file
    PublicFileFace(links, found, blobs or desk.blobs, Peers(), limiter=limiter).mount(application)
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    async with ClientSession(f"http://127.0.0.1:{service.address[1]}") as session:
        yield Shelf(face, links, session)
    await service.stop()


@pytest.fixture
async def shelf(face: "Face") -> AsyncIterator[Shelf]:
    async with _shelf(face) as made:
        yield made


async def test_a_vendor_fetches_the_file_of_an_answer_with_its_type_and_name(shelf: Shelf) -> None:
    link = await shelf.link(await shelf.answered())
    status, content, headers = await shelf.get(link)
    assert (status, content, headers["Content-Type"]) == (200, FILE, "application/pdf")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith('attachment; filename="plan.pdf"')
    status, content, headers = await shelf.get(link, "HEAD")
    assert (status, content, headers["Content-Length"]) == (200, b"", str(len(FILE)))


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-3", 206, FILE[:4], f"bytes 0-3/{len(FILE)}"),
        ("bytes=5-", 206, FILE[5:], f"bytes 5-{len(FILE) - 1}/{len(FILE)}"),
        ("bytes=-4", 206, FILE[-4:], f"bytes {len(FILE) - 4}-{len(FILE) - 1}/{len(FILE)}"),
        ("bytes=2-99999", 206, FILE[2:], f"bytes 2-{len(FILE) - 1}/{len(FILE)}"),
        ("bytes=99999-", 416, b"", f"bytes */{len(FILE)}"),
        ("bytes=0-1,3-4", 200, FILE, None),
        ("lines=1-2", 200, FILE, None),
    ],
)
async def test_one_range_of_bytes_is_given_as_players_ask_for_it(
    shelf: Shelf, asked: str, status: int, content: bytes, told: str | None
) -> None:
    link = await shelf.link(await shelf.answered())
    given, got, headers = await shelf.get(link, Range=asked)
    assert (given, got, headers.get("Content-Range")) == (status, content, told)


async def test_a_link_ends(shelf: Shelf) -> None:
    link = await shelf.link(await shelf.answered())
    shelf.face.desk.clock.advance(DAY_MS - 1)
    assert (await shelf.get(link))[0] == 200
    shelf.face.desk.clock.advance(HOUR + 1)
    assert (await shelf.get(link))[0] == 404


async def test_no_character_of_a_link_can_be_changed(shelf: Shelf) -> None:
    link = await shelf.link(await shelf.answered())
    for place in range(len("/files/"), len(link)):
        other = "A" if link[place] != "A" else "B"
        assert (await shelf.get(link[:place] + other + link[place + 1 :]))[0] == 404
    for changed in (link[:-1], link + "A", link + "====", "/files/x", "/files/%C3%A9", "/files/" + "A" * 5000):
        assert (await shelf.get(changed))[0] == 404


async def test_a_link_is_good_for_no_other_file_and_no_other_message(shelf: Shelf) -> None:
    article, other = await shelf.answered(), await shelf.answered(content=b"%PDF-1.4 another")
    assert (await shelf.get(await shelf.link(other)))[0] == 404
    assert (await shelf.get(await shelf.link(article, "0" * 64)))[0] == 404
    _, received = await shelf.face.attached()
    assert (await shelf.get(await shelf.link(received.id)))[0] == 404
    ticket = await shelf.face.ticket()
    note = await write(shelf.face, ticket.id, (await upload(shelf.face)).body, kind="note")
    assert (await shelf.get(await shelf.link(note.body["id"])))[0] == 404
    assert (await shelf.get(await shelf.link("0193512e-aaaa-7000-8000-000000000002")))[0] == 404


async def test_files_are_not_listed(shelf: Shelf) -> None:
    await shelf.answered()
    for path in ("/files", "/files/"):
        assert (await shelf.get(path))[0] == 404


async def test_a_file_that_is_gone_is_not_there(shelf: Shelf) -> None:
    link = await shelf.link(await shelf.answered())
    blobs: Blobs = shelf.face.desk.blobs
    blobs.files.path(sha256(FILE)).unlink()
    assert (await shelf.get(link))[0] == 404


async def test_a_link_is_good_in_every_process(shelf: Shelf) -> None:
    article = await shelf.answered()
    desk = shelf.face.desk
    link = await PublicFiles(desk.engine, desk.clock).address("", article, sha256(FILE))
    assert (await shelf.get(link))[0] == 200


async def test_who_asks_too_often_is_told_to_wait(face: "Face") -> None:
    limiter = PeerLimiter(per_minute=1, burst=2)
    async with _shelf(face, limiter) as shelf:
        assert [(await shelf.get("/files/x"))[0] for _ in range(3)] == [404, 404, 429]


async def test_one_peer_does_not_take_the_places_of_others(face: "Face") -> None:
    arrived, release = asyncio.Semaphore(0), asyncio.Event()

    async def held_up(_: str, __: str) -> Attachment:
        arrived.release()
        await release.wait()
        raise NotFound("there is no such file")

    async with _shelf(face, file_of=held_up) as shelf, _from_elsewhere(shelf) as other:
        link = await shelf.link("0193512e-aaaa-7000-8000-000000000002")
        first = [asyncio.create_task(shelf.get(link)) for _ in range(EACH)]
        for _ in first:
            await arrived.acquire()
        assert (await asyncio.wait_for(shelf.get(link), 5))[0] == 503
        last = asyncio.create_task(other.get(link))
        await arrived.acquire()
        release.set()
        assert {(await each)[0] for each in [*first, last]} == {404}


@asynccontextmanager
async def _from_elsewhere(shelf: Shelf) -> AsyncIterator[Shelf]:
    connector = TCPConnector(local_addr=("127.0.0.2", 0))
    async with ClientSession(shelf.session._base_url, connector=connector) as session:
        yield Shelf(shelf.face, shelf.links, session)


class _Slow:
    """Files of which no part comes in time."""

    def __init__(self, blobs: Blobs) -> None:
        self.open = blobs.open

    async def in_thread(self, work: Callable[..., Result], *args: object) -> Result:
        if work.__name__ == "read":
            await asyncio.Event().wait()
        return work(*args)


async def test_a_download_that_takes_too_long_in_all_is_cut_off(face: "Face", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PATIENCE", 0.05)
    async with _shelf(face, blobs=_Slow(face.desk.blobs)) as shelf:
        link = await shelf.link(await shelf.answered())
        with pytest.raises(ClientError):
            await asyncio.wait_for(shelf.get(link), 10)
