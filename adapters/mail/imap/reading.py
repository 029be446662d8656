"""Reading a mailbox once: every folder from the place where it was left to its end.

A mail is fetched, stored, then marked or moved, and only then the place moves: whatever is killed in between, the mail
is met again and recognised. A folder that was numbered anew (another UIDVALIDITY) is read again, as far back as repeats
are recognised; what was taken before is known by what it is. The size is asked first: of a mail that is too large only
the headers are fetched. A mail that cannot be had FAILURES times in a row is passed over, too. Both leave a message
that waits for a person, and stay in their folder as they are.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Protocol

import structlog

from ....config.errors import DeliveryDeferred
from ....queue.clock import Clock
from .cursor import Hold, MailboxCursor, Place
from .mailbox_settings import MailboxSettings
from .session import Denied, Folder, ImapSession, Listed, search_date
from .withheld import stand_in, too_large

log = structlog.get_logger()

FAILURES = 3
AT_ONCE = 200  # mails that are listed together
AGAIN_MS = 30 * 24 * 3600 * 1000
"""How far back a folder is read again that was numbered anew; repeats are recognised for longer (`dedup.keep`)."""

_JUNK = "\\Junk"
_LARGE = 1024 * 1024
_large_ones = asyncio.Semaphore(2)  # in memory at once, of all mailboxes


class Take(Protocol):
    """Stores a mail of a folder; `withheld` says why its bytes are only a stand-in."""

    async def __call__(self, content: bytes, folder: str, *, spam: bool = False, withheld: str = "") -> object:
        """Durable when it returns. Raises EngineUnavailable, EngineFull."""


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
    ) -> None:
        self._name = name
        self._settings = settings
        self._cursor = cursor
        self._take_in = take
        self._clock = clock
        self._largest = largest
        self._failures: Counter[tuple[str, int, int]] = Counter()
        self.taken = 0

    async def read(self, session: ImapSession, hold: Hold) -> None:
        """Read every folder, the first one last. Raises Lost, DeliveryDeferred, EngineUnavailable, EngineFull."""
        for folder, spam in reversed(await self._folders(session)):
            await self._read_folder(session, hold, folder, spam=spam)
        await self._cursor.finish(hold)

    async def _folders(self, session: ImapSession) -> list[tuple[str, bool]]:
        junk = await session.special(_JUNK) if self._settings.spam else ""
        chosen = [(folder, folder == junk) for folder in self._settings.folders]
        return chosen if not junk or junk in self._settings.folders else [*chosen, (junk, True)]

    async def _read_folder(self, session: ImapSession, hold: Hold, name: str, *, spam: bool) -> None:
        folder = await session.select(name)
        place = await self._begun(hold, name, folder)
        for uids in _portions(await self._uids(session, place)):
            for mail in await session.listed(uids):
                if mail.uid > place.until or mail.arrived >= place.since:
                    await self._take(session, name, folder, mail, spam=spam)
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

    async def _take(self, session: ImapSession, name: str, folder: Folder, mail: Listed, *, spam: bool) -> None:
        which = (name, folder.validity, mail.uid)
        why = too_large(mail.size, self._largest) if mail.size > self._largest else ""
        if self._failures[which] >= FAILURES:
            why = why or "the server does not give it out"
        try:
            if why:
                header = b"" if self._failures[which] >= 2 * FAILURES else await session.header(mail.uid)
            else:
                await self._store(session, name, mail, spam=spam)
        except DeliveryDeferred:
            self._failures[which] += 1
            raise
        if why:
            await self._pass_over(header, name, mail, why, spam=spam)
        else:
            await self._settle(session, name, mail)
        self._failures.pop(which, None)

    async def _store(self, session: ImapSession, name: str, mail: Listed, *, spam: bool) -> None:
        async with _large_ones if mail.size > _LARGE else nullcontext():
            await self._take_in(await session.fetch(mail.uid, self._largest), name, spam=spam)
        self.taken += 1

    async def _pass_over(self, header: bytes, name: str, mail: Listed, why: str, *, spam: bool) -> None:
        """Leave a mail where it is, and a message that says so."""
        note = stand_in(header, name=self._name, folder=name, uid=mail.uid, why=why)
        await self._take_in(note, name, spam=spam, withheld=why)
        log.warning("a mail was not fetched", action="mail_withheld", uid=mail.uid, why=why, **self._at(name))

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
