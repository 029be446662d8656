"""Our answers in the folder of sent mails of their mailbox, where its provider does not put them there itself.

It is done after the answer has left, beside everything else, and never changes what became of it: when the server
cannot be reached, it is tried again a few times, then told in the log. A mail that lies there already, by its
Message-ID, is not put there once more. What is not done when the process ends is left undone; the ticket has it.
"""

import asyncio
from collections.abc import Sequence

import structlog

from ....config.errors import Misconfigured, Temporary
from .access import Access
from .mailbox_settings import MailboxSettings
from .reader import opened
from .session import ImapSession

PAUSES: Sequence[float] = (2.0, 30.0)  # seconds between tries
MOST = 20  # mails that wait, each in memory
LEAVE_SECONDS = 5.0

log = structlog.get_logger()


class SentFolder:
    """Files what left from one mailbox."""

    def __init__(self, name: str, settings: MailboxSettings, access: Access, pauses: Sequence[float] = PAUSES) -> None:
        self._name = name
        self._settings = settings
        self._access = access
        self._pauses = pauses
        self._one = asyncio.Lock()
        self._waiting: set[asyncio.Task[None]] = set()

    def put(self, message_id: str, content: bytes) -> None:
        """Put a mail there, soon. Returns at once and raises nothing."""
        if len(self._waiting) >= MOST:
            self._tell("too many wait")
            return
        task = asyncio.create_task(self._put(message_id, content), name=f"sent mail of {self._name}")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def stop(self) -> None:
        """Let what is under way come to its end, for a moment."""
        if self._waiting:
            _, left = await asyncio.wait(self._waiting, timeout=LEAVE_SECONDS)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        await self._access.close()

    async def _put(self, message_id: str, content: bytes) -> None:
        for pause in (*self._pauses, None):
            try:
                async with self._one:
                    await self._filed(message_id, content)
                return
            except (Temporary, Misconfigured) as error:
                if pause is None:
                    self._tell(error.detail)
                    return
            await asyncio.sleep(pause)

    async def _filed(self, message_id: str, content: bytes) -> None:
        session = await opened(self._settings, self._access)
        try:
            folder = await session.sent_folder()
            if not await _is_there(session, folder, message_id):
                await session.append(folder, content)
        finally:
            await session.close()

    def _tell(self, error: str) -> None:
        log.warning("an answer is not in the folder of sent mails", action="mail_not_filed", mailbox=self._name,
                    error=error)  # fmt: skip


async def _is_there(session: ImapSession, folder: str, message_id: str) -> bool:
    await session.select(folder)
    return bool(await session.uids(f'HEADER Message-ID "<{message_id}>"'))
