"""The channel mail for the conformance tests, read from a mailbox at a real Dovecot."""

import asyncio
import time
from typing import ClassVar
from uuid import uuid4

from tests.dovecot import PASSWORD, USER, Dovecot
from trunkline.adapters.mail.imap.access import Credential
from trunkline.adapters.mail.imap.cursor import Hold, MailboxCursor
from trunkline.adapters.mail.imap.mailbox_settings import MailboxSettings
from trunkline.adapters.mail.imap.reading import MailboxReading
from trunkline.adapters.mail.imap.session import ImapSession
from trunkline.adapters.mail.mailbox_intake import MailboxIntake
from trunkline.adapters.mail.sent_mails import left_here
from trunkline.config.errors import TrunklineError
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys

from .mail_subject import MailSubject, mail
from .subject import Answer


class MailboxSubject(MailSubject):
    """A mail is put into the mailbox, which is read then; it is taken when it is marked as read."""

    account = USER
    listens_itself = False
    needs: ClassVar[tuple[str, ...]] = ("engine_url", "dovecot")
    secrets = (PASSWORD,)

    async def open(self) -> None:
        await super().open()
        self._dovecot: Dovecot = self.given["dovecot"]
        self._dovecot.remove()
        self._engine = Engine(str(self.given["engine_url"]), Keys(f"t{uuid4().hex[:16]}"))
        self._one = asyncio.Lock()
        clock = ManualClock(int(time.time() * 1000))
        self._settings = MailboxSettings.model_validate(
            {
                "address": USER,
                "imap": f"localhost:{self._dovecot.implicit}",
                "authority": str(self._dovecot.authority),
                "history": "366d",
            }
        )
        self._cursor = MailboxCursor(self._engine, clock, "support", holder="the test")
        take = MailboxIntake("support", self._settings, self.intake).take  # type: ignore[arg-type]
        self._reading = MailboxReading(
            "support",
            self._settings,
            cursor=self._cursor,
            take=take,
            clock=clock,
            largest=1 << 20,
            left_here=left_here,
        )

    async def close(self) -> None:
        await super().close()
        await self._engine.close()

    async def deliver(self, identifier: str, text: str) -> Answer:
        async with self._one:
            await asyncio.to_thread(self._dovecot.deliver, mail(identifier, text))
            try:
                await self._read()
            except TrunklineError:
                return "later"
            flags = await asyncio.to_thread(self._dovecot.flags)
        return "taken" if set(flags) == {"seen"} else "later"

    async def _read(self) -> None:
        session = ImapSession(self._settings)
        try:
            await session.open(Credential(USER, PASSWORD))
            held = await self._cursor.claim()
            assert isinstance(held, Hold)
            await self._reading.read(session, held)
        finally:
            await session.close()


SUBJECT = MailboxSubject
