"""Reading a mailbox once: every folder from the place where it was left to its end.

A mail is fetched, stored, then marked or moved, and only then the place moves: whatever is killed in between, the mail
is met again and recognised. A folder that was numbered anew (another UIDVALIDITY) is read again, as far back as repeats
are recognised; what was taken before is known by what it is. The size is asked first: of a mail that is too large only
the headers are fetched. A mail that cannot be had FAILURES times in a row is passed over, too. Both leave a message
that waits for a person, and stay in their folder as they are.

The folder of sent mails is read after the first one, so that what is answered comes before its answer. It is left as it
is, and copies of what left from here are passed over unread.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Literal, NamedTuple, Protocol

import structlog

from ....config.errors import DeliveryDeferred
from ....queue.clock import Clock
from .cursor import Hold, MailboxCursor, Place
from .mailbox_settings import MailboxSettings
from .session import Denied, Folder, ImapSession, Listed, NoFolder, search_date
from .withheld import stand_in, too_large

log = structlog.get_logger()

FAILURES = 3
AT_ONCE = 200  # mails that are listed together
AGAIN_MS = 30 * 24 * 3600 * 1000
"""How far back a folder is read again that was numbered anew; repeats are recognised for longer (`dedup.keep`)."""

Use = Literal["", "spam", "sent"]

_JUNK = "\\Junk"
_LARGE = 1024 * 1024
_large_ones = asyncio.Semaphore(2)  # in memory at once, of all mailboxes


class Take(Protocol):
    """Stores a mail of a folder of this use; `withheld` says why its bytes are only a stand-in."""

    async def __call__(self, content: bytes, folder: str, *, use: Use = "", withheld: str = "") -> object:
        """Durable when it returns. Raises EngineUnavailable, EngineFull."""


class _Read(NamedTuple):
    """A folder that is read."""

    name: str
    use: Use = ""


class MailboxReading:
    """Reads one mailbox into intake."""

    def __init__(
        self,
        name: str,
        settings: MailboxSettings,
        *,
        cursor: MailboxCursor,
        take: Take,
        clock: Clock,
        largest: int,
        left_here: Callable[[bytes], bool],
    ) -> None:
        """`left_here` tells by its headers whether a sent mail left from here."""
        self._name = name
        self._settings = settings
        self._cursor = cursor
        self._take_in = take
        self._clock = clock
        self._largest = largest
        self._left_here = left_here
        self._failures: Counter[tuple[str, int, int]] = Counter()
        self.taken = 0

    async def read(self, session: ImapSession, hold: Hold) -> None:
        """Read every folder, the first one last. Raises Lost, DeliveryDeferred, EngineUnavailable, EngineFull."""
        first, *others = await self._folders(session)
        for read in (*reversed(others), first):
            await self._read_folder(session, hold, read)
        if sent := await self._sent(session):
            await self._read_folder(session, hold, sent)
            await self._read_folder(session, hold, first)  # of which the server tells from now on
        await self._cursor.finish(hold)

    async def _folders(self, session: ImapSession) -> list[_Read]:
        junk = await session.special(_JUNK) if self._settings.spam else ""
        chosen = [_Read(folder, "spam" if folder == junk else "") for folder in self._settings.folders]
        return chosen if not junk or junk in self._settings.folders else [*chosen, _Read(junk, "spam")]

    async def _sent(self, session: ImapSession) -> _Read | None:
        """The folder of sent mails, where it is read, and there is one that is not read anyhow."""
        if not self._settings.sent:
            return None
        with suppress(NoFolder):
            name = await session.sent_folder()
            return None if name in self._settings.folders else _Read(name, "sent")
        return None

    async def _read_folder(self, session: ImapSession, hold: Hold, read: _Read) -> None:
        name, folder = read.name, await session.select(read.name)
        place = await self._begun(hold, name, folder)
        for uids in _portions(await self._uids(session, place)):
            for mail in await session.listed(uids):
                if mail.uid > place.until or mail.arrived >= place.since:
                    await self._take(session, read, folder, mail)
                place = place.model_copy(update={"uid": mail.uid})
                await self._cursor.move(hold, name, place)
        if place.uid < place.until:
            await self._cursor.move(hold, name, place.model_copy(update={"uid": place.until}))

    async def _begun(self, hold: Hold, name: str, folder: Folder) -> Place:
        """The place from which on the folder is read."""
        known, now = await self._cursor.place(name), self._clock.now()
        if known is not None and known.validity == folder.validity:
            return known
        last = folder.next_uid - 1
        if known is None:
            history = self._settings.history // timedelta(milliseconds=1)
            place = Place(validity=folder.validity, uid=0 if history else last, until=last, since=now - history)
        else:
            read_at = await self._cursor.read_at() or now
            since = max(known.since, min(read_at, now) - AGAIN_MS)
            place = Place(validity=folder.validity, uid=0, until=last, since=since)
            log.warning("a folder was numbered anew and is read again", action="mailbox_renumbered", **self._at(name))
        await self._cursor.move(hold, name, place)
        return place

    async def _uids(self, session: ImapSession, place: Place) -> list[int]:
        """Those that are not taken yet. `n:*` always has the last mail, whatever its number."""
        behind = max(place.uid, place.until)
        later = [uid for uid in await session.uids(f"UID {behind + 1}:*") if uid > behind]
        if place.uid >= place.until:
            return later
        earlier = await session.uids(f"UID {place.uid + 1}:{place.until} SINCE {search_date(place.since)}")
        return [*earlier, *later]

    async def _take(self, session: ImapSession, read: _Read, folder: Folder, mail: Listed) -> None:
        which = (read.name, folder.validity, mail.uid)
        why = too_large(mail.size, self._largest) if mail.size > self._largest else ""
        if self._failures[which] >= FAILURES:
            why = why or "the server does not give it out"
        try:
            if read.use == "sent":
                await self._take_sent(session, read, mail, why)
                why = ""
            elif why:
                header = b"" if self._failures[which] >= 2 * FAILURES else await session.header(mail.uid)
            else:
                await self._store(session, read, mail)
        except DeliveryDeferred:
            self._failures[which] += 1
            raise
        if why:
            await self._pass_over(header, read, mail, why)
        elif read.use != "sent":
            await self._settle(session, read.name, mail)
        self._failures.pop(which, None)

    async def _take_sent(self, session: ImapSession, read: _Read, mail: Listed, why: str) -> None:
        """What was written by hand; what left from here is known by its mark, and is not fetched."""
        if why:
            at = self._at(read.name)
            log.warning("a sent mail was not fetched", action="mail_withheld", uid=mail.uid, why=why, **at)
        elif not self._left_here(await session.header(mail.uid)):
            await self._store(session, read, mail)

    async def _store(self, session: ImapSession, read: _Read, mail: Listed) -> None:
        async with _large_ones if mail.size > _LARGE else nullcontext():
            await self._take_in(await session.fetch(mail.uid, self._largest), read.name, use=read.use)
        self.taken += 1

    async def _pass_over(self, header: bytes, read: _Read, mail: Listed, why: str) -> None:
        """Leave a mail where it is, and a message that says so."""
        note = stand_in(header, name=self._name, folder=read.name, uid=mail.uid, why=why)
        await self._take_in(note, read.name, use=read.use, withheld=why)
        log.warning("a mail was not fetched", action="mail_withheld", uid=mail.uid, why=why, **self._at(read.name))

    async def _settle(self, session: ImapSession, name: str, mail: Listed) -> None:
        """What is done with a mail that is stored; when the server says no, reading goes on."""
        try:
            if target := self._settings.moves_to:
                await session.move(mail.uid, target)
            elif self._settings.after == "seen":
                await session.mark_seen(mail.uid)
        except Denied as error:
            log.warning("a mail could not be marked", action="mail_unmarked", error=error.detail, **self._at(name))

    def _at(self, folder: str) -> dict[str, str]:
        return {"mailbox": self._name, "folder": folder}


def _portions(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (uids[at : at + AT_ONCE] for at in range(0, len(uids), AT_ONCE))
