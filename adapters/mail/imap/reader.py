"""The reader of a mailbox: signs in, reads, waits for the next mail, and begins again whatever breaks.

One process reads a mailbox at a time; the others wait for its lease to run out. After trouble the pauses grow. Refused
credentials are tried seldom, because providers lock accounts that are tried often, and at once when the secret is
another one. What the trouble is stands in `trouble`, and on the board
once, from its beginning to its end.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ....config.errors import CredentialsRefused, Misconfigured, Temporary, TrunklineError
from ....queue.service import Background
from ....queue.unread_sources import UnreadSources
from .access import Access, Credential
from .cursor import LEASE_MS, Hold, Lost, MailboxCursor
from .mailbox_settings import MailboxSettings
from .reading import MailboxReading
from .session import ImapSession

log = structlog.get_logger()

CHANNEL = "mail"

SHORTEST, LONGEST = 1.0, 300.0  # seconds between two tries
REFUSED = 60.0, 900.0  # the same while the credentials are refused
LOOK_AGAIN = 5.0  # seconds after which a secret is looked at again

_REFUSED = "give another secret, which counts at once without a restart; trunkline mail check tries it"
_AWAY = "it is tried again by itself; trunkline mail check says what it meets"


@dataclass(frozen=True)
class Trouble:
    """Why a mailbox is not read."""

    words: str
    refused: bool  # the credentials are


class MailboxReader:
    """Reads one mailbox for as long as it runs."""

    def __init__(
        self,
        name: str,
        settings: MailboxSettings,
        *,
        cursor: MailboxCursor,
        reading: MailboxReading,
        access: Access,
        sources: UnreadSources,
    ) -> None:
        self.name = name
        self.trouble: Trouble | None = None
        self._settings = settings
        self._cursor = cursor
        self._reading = reading
        self._access = access
        self._sources = sources
        self._told = True  # as far as is known; what another process told is taken back by the first that reads
        self._background = Background(f"mailbox {name}", self._body)

    @property
    def taken(self) -> int:
        """How many mails this process has taken."""
        return self._reading.taken

    async def start(self) -> None:
        """Begin to read."""
        await self._background.start()

    async def stop(self) -> None:
        """Break off; what was stored and not marked is met again."""
        await self._background.stop()
        await self._access.close()

    async def _body(self) -> None:
        failures = 0
        while True:
            hold = await self._held()
            mark = self._mark()
            try:
                await self._read(hold)
            except Lost:
                failures = 0
                continue
            except (Temporary, Misconfigured) as error:
                failures = 1 if self.trouble is None else failures + 1
                await self._troubled(error)
            finally:
                with suppress(Lost, Temporary):
                    await self._cursor.release(hold)
            await self._pause(failures, mark)

    async def _held(self) -> Hold:
        held = await self._cursor.claim()
        while not isinstance(held, Hold):
            await asyncio.sleep(min(held, LEASE_MS) / 1000)
            held = await self._cursor.claim()
        return held

    async def _read(self, hold: Hold) -> None:
        session = await opened(self._settings, self._access)
        try:
            while True:
                await self._reading.read(session, hold)
                await self._well()
                await self._wait(session, hold)
        finally:
            await session.close()

    async def _wait(self, session: ImapSession, hold: Hold) -> None:
        """Until there is news, or it is time to look again; the lease is kept meanwhile."""
        left, slice_ = self._settings.poll.total_seconds(), LEASE_MS / 3000
        while left > 0 and not await session.wait(min(left, slice_)):
            left -= slice_
            await self._cursor.keep(hold)

    async def _well(self) -> None:
        if self._told:
            await self._sources.read(CHANNEL, self.name)
        self._told = False
        if self.trouble is not None:
            log.info("the mailbox is read again", action="mailbox_read", mailbox=self.name)
        self.trouble = None

    async def _troubled(self, error: TrunklineError) -> None:
        """One line in the log for one trouble, however often it is met."""
        trouble = Trouble(error.detail, isinstance(error, CredentialsRefused | Misconfigured))
        remedy = _REFUSED if trouble.refused else _AWAY
        if self.trouble is None or self.trouble.refused != trouble.refused:
            words = "the mailbox is not read"
            log.warning(words, action="mailbox_trouble", mailbox=self.name, error=error.detail, remedy=remedy)
        self.trouble, self._told = trouble, True
        with suppress(Temporary):
            await self._sources.failed(CHANNEL, self.name, trouble.words, credentials=trouble.refused, remedy=remedy)

    async def _pause(self, failures: int, mark: str) -> None:
        shortest, longest = REFUSED if self.trouble and self.trouble.refused else (SHORTEST, LONGEST)
        pause = min(longest, shortest * 2 ** min(failures - 1, 20))
        for _ in range(max(1, round(pause / LOOK_AGAIN))):
            await asyncio.sleep(min(pause, LOOK_AGAIN))
            if self.trouble and self.trouble.refused and self._mark() != mark:
                return

    def _mark(self) -> str:
        with suppress(TrunklineError):
            return self._access.mark()
        return ""


async def opened(settings: MailboxSettings, access: Access) -> ImapSession:
    """A session that is let in; a token that is refused is tried again as another one, for it may have been revoked.

    Raises DeliveryDeferred, CredentialsRefused, Misconfigured.
    """
    credential = await access.credential()
    try:
        return await _opened(settings, credential)
    except CredentialsRefused:
        another = await access.credential(instead_of=credential)
        if another == credential:
            raise
        return await _opened(settings, another)


async def _opened(settings: MailboxSettings, credential: Credential) -> ImapSession:
    session = ImapSession(settings)
    try:
        await session.open(credential)
    except BaseException:
        await session.close()
        raise
    return session


def mailbox_metrics(readers: Sequence[MailboxReader]) -> Iterable[Metric]:
    """Of the mailboxes that this process reads, none of any other."""
    if not readers:
        return
    taken = CounterMetricFamily("trunkline_mailbox_taken", "Mails taken out of a mailbox.", labels=["mailbox"])
    refused = GaugeMetricFamily("trunkline_mailbox_refused", "Whether it refuses our credentials.", labels=["mailbox"])
    trouble = GaugeMetricFamily("trunkline_mailbox_trouble", "Whether it cannot be read.", labels=["mailbox"])
    for reader in readers:
        taken.add_metric([reader.name], reader.taken)
        refused.add_metric([reader.name], int(reader.trouble is not None and reader.trouble.refused))
        trouble.add_metric([reader.name], int(reader.trouble is not None))
    yield from (taken, refused, trouble)
