"""Files that a message only names are fetched after it was filed, once, whatever is killed, or it is said why not."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import (
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    EngineFull,
    EngineUnavailable,
    TrunklineError,
)
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.later_files import later_file
from trunkline.normalizer.outgoing import Fetched, FileSink
from trunkline.queue.blob_collector import BlobCollector
from trunkline.queue.blobs import GRACE_MS
from trunkline.queue.work import LEASE_MS
from trunkline.queue.worker import Worker
from trunkline.router.file_fetching import KEEP_TRYING_MS, FileFetching
from trunkline.router.records import Article
from trunkline.router.split_plan import SplitRequest
from trunkline.router.splits import Splits

if TYPE_CHECKING:
    from .conftest import Desk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SHA = hashlib.sha256(PNG).hexdigest()
DAY = 86_400_000
SETTLE = "settle_file.lua"


class Media:
    """The queue, its worker, and a channel that gives files as a test wants."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self.answers: dict[str, bytes | Exception] = {}
        self.asked: list[tuple[str, str]] = []
        self.told = Fetched()
        self.largest = 1000
        self.full = False
        self.meanwhile: Callable[[], Any] | None = None
        self.fetching = self.made()
        self.worker = Worker(self.fetching.queue, desk.clock, self.fetching.handle)

    def made(self) -> FileFetching:
        desk = self.desk
        return FileFetching(
            *(desk.engine, desk.clock, desk.blobs),
            fetchers={"test": self.fetch},
            largest=lambda: self.largest,
            gate=self.gate,
        )

    def gate(self) -> None:
        if self.full:
            raise EngineFull("full")

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        self.asked.append((account, reference))
        answer = self.answers.get(reference, PNG)
        if isinstance(answer, Exception):
            raise answer
        await into.write(answer[:5])
        await into.write(answer[5:])
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.told

    async def write(self, *references: str, **facts: Any) -> Article:
        """A message with a file each comes and is filed."""
        files = [later_file(each, kind="photo", media_type="image/jpeg", **facts) for each in references]
        await self.desk.write(conversation="c", attachments=[each.model_dump() for each in files])
        await self.desk.settle()
        return await self.newest()

    async def newest(self) -> Article:
        articles = await self.desk.reader.articles((await self.desk.tickets())[0].id)
        return [each for each in articles if each.kind == "message" and each.author.kind == "customer"][-1]

    async def file(self, place: int = 0) -> Attachment:
        return (await self.newest()).attachments[place]

    async def pass_time(self, milliseconds: int) -> None:
        self.desk.clock.advance(milliseconds)
        await self.worker.drain()


@pytest.fixture
def media(desk: "Desk") -> Media:
    return Media(desk)


async def test_a_message_is_filed_before_its_files_and_has_them_when_they_came(media: Media) -> None:
    article = await media.write("one")
    assert article.attachments == (
        Attachment(name="photo.jpg", media_type="image/jpeg", state="fetching", fetch="one"),
    )
    await media.worker.drain()
    assert media.asked == [("desk", "one")]
    assert await media.file() == Attachment(
        name="photo.jpg", media_type="image/png", size=len(PNG), sha256=SHA, fetch="one"
    )
    assert await media.desk.blobs.get(SHA) == PNG
    assert (await media.desk.reader.attachment(SHA)).name == "photo.jpg"
    assert await media.fetching.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_the_feed_tells_of_the_file_with_the_article_as_it_is_by_then(media: Media) -> None:
    await media.write("one")
    await media.worker.drain()
    line = (await media.desk.lines())[-1]
    assert line.kind == "message.file_fetched"
    assert line.data["article"]["attachments"][0]["sha256"] == SHA
    assert line.data["ticket"]["revision"] == line.sequence
    assert not any(name.startswith("_") for name in line.data["article"])


async def test_an_album_comes_file_by_file_and_each_finds_its_place(media: Media) -> None:
    media.answers = {"two": b"second", "three": DeliveryFailed("the channel no longer has it")}
    await media.write("one", "two", "three")
    await media.worker.drain()
    files = (await media.newest()).attachments
    assert [each.state for each in files] == ["stored", "stored", "missing"]
    assert [each.size for each in files] == [len(PNG), 6, 0]


async def test_what_is_put_off_comes_later_and_the_others_do_not_wait_for_it(media: Media) -> None:
    media.answers = {"one": DeliveryDeferred("not yet")}
    await media.write("one", "two")
    await media.worker.drain()
    assert [each.state for each in (await media.newest()).attachments] == ["fetching", "stored"]
    media.answers = {}
    await media.pass_time(2_000)
    assert (await media.file()).state == "stored"


async def test_the_wait_that_a_channel_asks_for_is_kept(media: Media) -> None:
    media.answers = {"one": DeliveryDeferred("slow down", retry_after=60)}
    await media.write("one")
    await media.worker.drain()
    media.answers = {}
    await media.pass_time(59_000)
    assert (len(media.asked), (await media.file()).state) == (1, "fetching")
    await media.pass_time(1_001)
    assert (await media.file()).state == "stored"


async def test_what_is_put_off_for_a_day_is_missing_and_says_so(media: Media) -> None:
    media.answers = {"one": DeliveryDeferred("the vendor puts it off (503)")}
    await media.write("one")
    await media.worker.drain()
    await media.pass_time(KEEP_TRYING_MS + 1)
    file = await media.file()
    assert (file.state, file.problem) == ("missing", "given up after a day: the vendor puts it off (503)")
    assert (await media.fetching.queue.counts())["entries"] == 0


async def test_what_holds_a_file_up_is_told_once_when_it_does_not_pass(media: Media) -> None:
    media.answers = {"one": DeliveryDeferred("the vendor puts it off (503)")}
    await media.write("one")
    for _ in range(3):
        await media.pass_time(60_000)
        assert (await media.file()).problem == ""
    for _ in range(5):
        await media.pass_time(60_000)
    assert await media.file() == Attachment(
        name="photo.jpg",
        media_type="image/jpeg",
        state="fetching",
        fetch="one",
        problem="the vendor puts it off (503)",
    )
    assert [line.kind for line in await media.desk.lines()].count("message.file_delayed") == 1
    media.answers = {}
    await media.pass_time(600_000)
    assert ((await media.file()).state, (await media.file()).problem) == ("stored", "")


async def test_while_our_credentials_are_refused_it_is_told_at_once_and_tried_for_five_days(media: Media) -> None:
    media.answers = {"one": CredentialsRefused("the vendor does not take our credentials")}
    await media.write("one")
    await media.worker.drain()
    await media.pass_time(4 * DAY)
    file = await media.file()
    assert (file.state, file.problem) == ("fetching", "the vendor does not take our credentials")
    await media.pass_time(DAY + 1)
    assert (await media.file()).problem == "given up after five days: the vendor does not take our credentials"


async def test_what_is_gone_for_good_is_missing_with_the_reason_of_the_channel(media: Media) -> None:
    media.answers = {"one": DeliveryFailed("the channel no longer has it")}
    await media.write("one")
    await media.worker.drain()
    assert await media.file() == Attachment(
        name="photo.jpg",
        media_type="image/jpeg",
        state="missing",
        fetch="one",
        problem="the channel no longer has it",
    )
    assert (await media.desk.lines())[-1].kind == "message.file_missing"
    assert media.desk.blobs.files.empty()


async def test_what_is_too_large_is_missing_and_a_size_that_is_known_is_not_fetched(media: Media) -> None:
    media.answers = {"one": bytes(1001)}
    await media.write("one")
    await media.write("two", size=1001)
    await media.worker.drain()
    assert media.asked == [("desk", "one")]
    for file in (await media.newest()).attachments:
        assert (file.state, file.problem) == ("missing", "larger than we take (1kB)")
    assert list(media.desk.blobs.files.drafts.iterdir()) == []


async def test_killed_between_the_blob_and_the_article_it_is_fetched_again(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    await media.write("one")
    run = media.desk.engine.run

    async def away(script: Any, *args: Any) -> Any:
        if script.name == SETTLE:
            raise asyncio.CancelledError
        return await run(script, *args)

    (entry,) = (await media.fetching.queue.claim(media.desk.clock.now(), lanes=1)).lanes[0]
    monkeypatch.setattr(media.desk.engine, "run", away)
    with pytest.raises(asyncio.CancelledError):
        await media.fetching.handle(entry)
    monkeypatch.setattr(media.desk.engine, "run", run)
    assert (await media.file()).state == "fetching"
    await media.pass_time(LEASE_MS + 1)
    assert (await media.file()).sha256 == SHA


async def test_what_is_entered_twice_is_one_file_and_one_line(media: Media) -> None:
    await media.write("one")
    (entry,) = (await media.fetching.queue.claim(media.desk.clock.now(), lanes=1)).lanes[0]
    assert not await media.fetching.handle(entry)
    lines = len(await media.desk.lines())
    assert not await media.fetching.handle(entry)
    assert len(await media.desk.lines()) == lines
    assert len(media.asked) == 1
    assert len(await media.desk.blobs.owners(SHA)) == 1


async def test_two_who_fetch_the_same_at_once_agree(media: Media) -> None:
    await media.write("one")
    (entry,) = (await media.fetching.queue.claim(media.desk.clock.now(), lanes=1)).lanes[0]
    await asyncio.gather(media.fetching.handle(entry), media.made().handle(entry))
    assert (await media.file()).sha256 == SHA
    assert [line.kind for line in await media.desk.lines()].count("message.file_fetched") == 1


async def test_a_file_of_an_article_that_was_erased_meanwhile_is_not_kept(media: Media) -> None:
    article = await media.write("one")
    key = media.desk.engine.keys("article", article.id)

    async def erase() -> None:
        await media.desk.engine.call("HDEL", key, "attachments")
        await media.desk.engine.call("HSET", key, "erased_at", "7", "text", '""')

    media.meanwhile = erase
    await media.worker.drain()
    assert media.desk.blobs.files.empty()
    assert (await media.newest()).attachments == ()
    await media.pass_time(DAY)
    assert len(media.asked) == 1


async def test_nothing_is_fetched_for_an_article_that_was_erased_before(media: Media) -> None:
    article = await media.write("one")
    await media.desk.engine.call("HDEL", media.desk.engine.keys("article", article.id), "attachments")
    await media.worker.drain()
    assert media.asked == []
    assert (await media.fetching.queue.counts())["entries"] == 0


async def test_an_article_that_moved_to_another_ticket_has_its_file_there(media: Media) -> None:
    await media.desk.write("the first", conversation="c")
    article = await media.write("one")
    (ticket,) = await media.desk.tickets()
    moved = []

    async def split() -> None:
        splits = Splits(media.desk.engine, media.desk.clock, lambda: media.desk.policy)
        moved.append(await splits.split(ticket.id, SplitRequest(articles=[article.id]), actor="agent:ada"))

    media.meanwhile = split
    await media.worker.drain()
    line = (await media.desk.lines())[-1]
    assert (line.kind, line.data["article"]["id"]) == ("message.file_fetched", article.id)
    assert line.data["ticket"]["id"] != ticket.id
    assert len(moved) == 1


async def test_a_blob_that_was_condemned_meanwhile_is_kept(media: Media) -> None:
    await media.write("one")
    script_runs = media.desk.engine.run
    condemned = []

    async def condemning(script: Any, *args: Any) -> Any:
        if script.name == SETTLE and not condemned:
            condemned.append(await media.desk.engine.call("ZADD", media.desk.blobs.keys["condemned"], 9, SHA))
        return await script_runs(script, *args)

    media.desk.engine.run = condemning  # type: ignore[method-assign]
    await media.worker.drain()
    media.desk.engine.run = script_runs  # type: ignore[method-assign]
    assert (condemned, (await media.file()).sha256) == ([1], SHA)
    media.desk.clock.advance(2 * GRACE_MS)
    await BlobCollector(media.desk.blobs, media.desk.clock).run_once()
    assert await media.desk.blobs.get(SHA) == PNG


async def test_an_unexpected_failure_ends_in_the_dead_letters_and_a_redrive_brings_the_file(media: Media) -> None:
    media.answers = {"one": ZeroDivisionError("a defect")}
    await media.write("one")
    for _ in range(5):
        await media.pass_time(60_000)
    file = await media.file()
    assert (file.state, file.problem[:24]) == ("missing", "it could not be fetched;")
    (letter,) = await media.fetching.queue.dead(limit=9)
    assert "a defect" in letter.cause
    media.answers = {}
    await media.fetching.queue.redrive(letter.sequence, "retry")
    await media.worker.drain()
    assert (await media.file()).sha256 == SHA


@pytest.mark.parametrize("trouble", [EngineUnavailable("away"), EngineFull("no room"), TrunklineError("odd")])
async def test_our_own_trouble_only_takes_time(media: Media, trouble: TrunklineError) -> None:
    media.answers = {"one": trouble}
    await media.write("one")
    await media.worker.drain()
    media.answers = {}
    await media.pass_time(60_000)
    assert (await media.file()).sha256 == SHA


async def test_nothing_is_fetched_while_there_is_no_room(media: Media) -> None:
    media.full = True
    await media.write("one")
    await media.worker.drain()
    assert (media.asked, (await media.file()).state) == ([], "fetching")
    media.full = False
    await media.pass_time(60_000)
    assert (await media.file()).state == "stored"


async def test_a_channel_that_is_not_configured_any_more_is_waited_for(media: Media) -> None:
    media.fetching._fetchers = {}
    await media.write("one")
    await media.worker.drain()
    assert (await media.file()).state == "fetching"
    media.fetching._fetchers = {"test": media.fetch}
    await media.pass_time(60_000)
    assert (await media.file()).state == "stored"


async def test_a_process_that_ends_does_not_wait_for_a_file_and_the_next_one_fetches_it(media: Media) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def long_film() -> None:
        begun.set()
        await never.wait()

    media.meanwhile = long_film
    await media.write("one")
    work = asyncio.create_task(media.worker.run_once())
    await begun.wait()
    await media.fetching.stop()
    await work
    assert list(media.desk.blobs.files.drafts.iterdir()) == []
    media.meanwhile = None
    await media.fetching.start()
    await media.worker.drain()
    assert (await media.file()).sha256 == SHA


async def test_a_better_name_that_the_vendor_tells_is_found_by_the_search(media: Media) -> None:
    await media.desk.write(conversation="c", attachments=[later_file("one", name="file").model_dump()])
    await media.desk.settle()
    media.told = Fetched(name="../Rechnung.png")
    await media.worker.drain()
    assert (await media.file()).name == "Rechnung.png"
    stored = await media.desk.reader.stored_article((await media.newest()).id)
    assert stored is not None
    assert "rechnung" in stored.work.words


async def test_files_of_one_account_lie_in_few_lanes(media: Media) -> None:
    await media.write(*map(str, range(20)))
    assert await media.fetching.queue.ready() == 4
