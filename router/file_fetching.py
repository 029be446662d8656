"""Fetching: the queue `media` worked off, each file of a message that its channel gives on demand.

The message was filed before and waits for nothing. Here its file is fetched into a blob as it comes, and one script
enters it in the article; killed before that, it is fetched again. What the channel puts off is tried again with growing
pauses, not before it asks for, for a day, and for five while it does not take our credentials; where it says when, the
lane waits as a whole. The article says what holds it up. What is refused for good, or too large, is missing, and the
article says why. An entry that fails in an unexpected way goes to
the dead letters like all others; before its last try the file is said to be missing, so that no agent waits for it,
and a redrive still brings it. Nothing is fetched for an article that was erased, and what was under way is thrown away.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from ..config.errors import (
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    EngineUnavailable,
    Gone,
    Temporary,
    TooLarge,
)
from ..config.quantities import format_size
from ..normalizer.envelope import Attachment
from ..normalizer.later_files import as_fetched, delayed_file, missing_file
from ..normalizer.outgoing import Fetched, Fetcher
from ..queue.blob_collector import BlobCollector
from ..queue.blob_sink import BlobSink
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments
from ..queue.work import MAX_ATTEMPTS, Entry, WorkQueue
from ..queue.worker import backoff_ms
from .file_fetches import QUEUE
from .records import json_bytes
from .stored_ticket import StoredArticle
from .stored_words import StoredWords
from .ticket_keys import TicketKeys

log = structlog.get_logger()

KEEP_TRYING_MS = 86_400_000
KEEP_TRYING_REFUSED_MS = 5 * KEEP_TRYING_MS  # somebody has to renew the credentials first
TOLD_AFTER = 3  # tries; most hindrances have passed before
LONGEST_SECONDS = 540.0  # within what a worker extends the lease for

_SETTLE = Script.beside(__file__, "settle_file.lua")
_CHANGED = ("name", "media_type", "size", "sha256", "state", "fetch", "problem")


@dataclass(frozen=True)
class _Job:
    """One entry, the article that it is for, and the file as the article names it."""

    entry: Entry
    article: StoredArticle
    channel: str
    account: str
    place: int
    file: Attachment


class FileFetching:
    """The handler of the queue. `gate` raises while there is no room; `largest` gives bytes."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        blobs: Blobs,
        *,
        fetchers: Mapping[str, Fetcher],
        largest: Callable[[], int],
        gate: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._fetchers = fetchers
        self._largest = largest
        self._gate = gate
        self._keys = TicketKeys(engine)
        self._words = StoredWords(engine, blobs)
        self._ending = asyncio.Event()
        self.queue = WorkQueue(engine, QUEUE)

    async def start(self) -> None:
        """Fetch. Idempotent."""
        self._ending.clear()

    async def stop(self) -> None:
        """Break off what is under way, so that nobody waits for a long film; it is fetched again. Idempotent."""
        self._ending.set()

    async def handle(self, entry: Entry) -> bool:
        """Fetch one file; True when the entry was settled with it. Raises temporary errors."""
        job = await self._job(entry)
        if job is None:
            return False
        if job.file.state == "stored":
            await self._words.write(job.article.record.id)
            return False
        self._gate()
        if entry.failures + 1 >= MAX_ATTEMPTS:
            await self._missing(job, "it could not be fetched; an administrator finds the cause in the dead letters")
        try:
            return await self._unless_ending(job)
        except TooLarge:
            await self._missing(job, f"larger than we take ({format_size(self._largest())})")
        except DeliveryFailed as error:
            await self._missing(job, error.detail)
        except DeliveryDeferred as error:
            return await self._later(job, error)
        return False

    async def _job(self, entry: Entry) -> _Job | None:
        """What there is to do; None when nobody needs it any more."""
        names = json.loads(entry.payload)
        flat = await self._engine.call("HGETALL", self._keys.article(names["article"]))
        article = StoredArticle.from_flat(flat) if flat else None
        if article is None or article.record.erased_at or names["file"] >= len(article.record.attachments):
            return None
        file = article.record.attachments[names["file"]]
        if file.state != "stored" and not file.fetch:
            return None
        return _Job(entry, article, names["channel"], names["account"], names["file"], file)

    async def _unless_ending(self, job: _Job) -> bool:
        """Fetch it, unless this process is asked to end first: then it waits for the next one."""
        fetch = asyncio.create_task(self._fetch(job))
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({fetch, ending}, return_when=asyncio.FIRST_COMPLETED)
            if fetch.done():
                return await fetch
        finally:
            ending.cancel()
            fetch.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await fetch
        now = self._clock.now()
        return await self.queue.retry(job.entry, now, due=now, cause="the process that fetched it ended", how="wait")

    async def _fetch(self, job: _Job) -> bool:
        fetcher = self._fetchers.get(job.channel)
        if fetcher is None:
            raise DeliveryDeferred(f"no channel {job.channel!r} is configured")
        if job.file.size > self._largest():
            raise TooLarge(f"the channel says {job.file.size} bytes")
        async with BlobSink(self._blobs, largest=self._largest()) as sink:
            told = await self._poured(fetcher, job, sink)
            kept = await sink.poured()
        file = as_fetched(job.file, told, sha256=kept.sha256, size=kept.size, head=kept.head)
        answer = await self._settle(job, file, "message.file_fetched")
        if answer == b"GONE":
            with suppress(EngineUnavailable):  # the collector finds it
                await BlobCollector(self._blobs, self._clock).remove_now([kept.sha256])
        elif file.name != job.file.name:
            await self._words.write(job.article.record.id)
        return False

    async def _poured(self, fetcher: Fetcher, job: _Job, sink: BlobSink) -> Fetched:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await fetcher(job.account, job.file.fetch, sink)
        except TimeoutError as error:
            raise DeliveryDeferred("the channel takes too long to give it out") from error

    async def _later(self, job: _Job, error: DeliveryDeferred) -> bool:
        """Again later; where the channel says when, its lane waits too. Raises the error for that."""
        now, refused = self._clock.now(), isinstance(error, CredentialsRefused)
        if now - job.article.record.created_at > (KEEP_TRYING_REFUSED_MS if refused else KEEP_TRYING_MS):
            await self._missing(job, f"given up after {'five days' if refused else 'a day'}: {error.detail}")
            return False
        if not job.file.problem and (refused or job.entry.attempts >= TOLD_AFTER):
            await self._settle(job, delayed_file(job.file, error.detail), "message.file_delayed")
        if error.asked:
            raise error
        due = now + backoff_ms(job.entry.attempts)
        await self.queue.retry(job.entry, now, due=due, cause=error.detail)
        return True

    async def _missing(self, job: _Job, problem: str) -> None:
        log.info("a file is missing", action="file_missing", channel=job.channel, article=job.article.record.id)
        await self._settle(job, missing_file(job.file, problem), "message.file_missing")

    async def _settle(self, job: _Job, file: Attachment, kind: str) -> bytes:
        """Enter what became of it; the script's answer. Raises Temporary when the blob is gone again."""
        keys, id_ = self._keys, job.article.record.id
        args: ScriptArguments = {
            "article_id": id_,
            "file": job.place + 1,
            "fetch": job.file.fetch,
            "kind": kind,
            "became": json_bytes(file.model_dump(mode="json", include=set(_CHANGED))),
        }
        ticket = case = job.article.record.ticket
        while True:
            names = {"ticket": keys.ticket(ticket), "case": keys.ticket(case), "article": keys.article(id_)}
            reply = await self._engine.run(
                _SETTLE,
                {**names, "desk": keys.desk, "blobs": keys.blobs},
                {"now": self._clock.now(), "ticket_id": ticket, "case_id": case, **args},
            )
            match reply[0]:
                case b"MOVED":
                    ticket = case = reply[1].decode()
                case b"OTHER_CASE":
                    case = reply[1].decode()
                case b"BLOB_CONDEMNED":
                    await self._kept(file.sha256)
                case answer:
                    return bytes(answer)

    async def _kept(self, sha256: str) -> None:
        try:
            await self._blobs.keep(sha256)
        except Gone as error:
            raise Temporary("what was fetched has been removed again") from error
