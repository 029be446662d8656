"""The visitors who are connected to this process.

Every 15 s all of them are marked as here; the last connection of a visitor that closes marks that they have left.
What comes from outside (an agent is typing, nobody is there any more) is left with the sessions, which are then woken:
a socket that does not read holds up nobody.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog

from ...config.errors import Temporary
from ...queue.conversation_log import ConversationLogs
from ...queue.service import Background, Periodic
from ...queue.signals import Signals
from .session import Session
from .sites import Availability

log = structlog.get_logger()

PRESENT_SECONDS = 15.0
STATUS_SECONDS = 5.0

End = Callable[[], Awaitable[None]]


class Connected:
    """A service: all sessions of this process."""

    def __init__(self, logs: ConversationLogs, signals: Signals, availability: Availability) -> None:
        self._logs = logs
        self._signals = signals
        self._availability = availability
        self._sessions: dict[str, set[Session]] = defaultdict(set)
        self._ends: set[End] = set()
        self._jobs = (
            Periodic("chat presence", self.mark_present, PRESENT_SECONDS),
            Periodic("chat status", self.notify_status, STATUS_SECONDS),
            Background("chat typing", self._listen),
        )
        self.closing = asyncio.Event()

    def __len__(self) -> int:
        return len(self._ends)

    async def start(self) -> None:
        """Begin. Idempotent."""
        self.closing.clear()
        for job in self._jobs:
            await job.start()

    async def stop(self) -> None:
        """End all connections, then everything else. Idempotent."""
        await self.close_all()
        for job in self._jobs:
            await job.stop()

    async def close_all(self) -> None:
        """Ask every connection to end after what it is doing; returns when all have."""
        self.closing.set()
        await asyncio.gather(*(end() for end in list(self._ends)), return_exceptions=True)

    @contextmanager
    def standing(self, end: End) -> Iterator[None]:
        """A connection stands; `end` ends it after what it is doing."""
        self._ends.add(end)
        try:
            yield
        finally:
            self._ends.discard(end)

    @asynccontextmanager
    async def joined(self, session: Session, *, leaves: bool) -> AsyncIterator[None]:
        """The session is connected; with `leaves` its end means that the visitor leaves, if it was the last."""
        conversation = session.visitor.conversation
        self._sessions[conversation].add(session)
        try:
            yield
        finally:
            self._sessions[conversation].discard(session)
            if not self._sessions[conversation]:
                del self._sessions[conversation]
                if leaves:
                    await self._mark_left(conversation)

    async def _mark_left(self, conversation: str) -> None:
        try:
            await self._logs.left(conversation)
        except Temporary as error:  # the mark of presence then runs out by itself
            log.info("a visitor's leaving was not noted", action="chat_leaving_missed", cause=error.detail)

    async def mark_present(self) -> None:
        """Say who is here, and forget who has been away for long. Raises EngineUnavailable."""
        if self._sessions:
            await self._logs.seen_here(list(self._sessions))
        await self._logs.forget_absent()

    async def notify_status(self) -> None:
        """Tell the visitors of each site when somebody is there now, or nobody any more. Raises EngineUnavailable."""
        for site in {session.visitor.site for sessions in self._sessions.values() for session in sessions}:
            online, opens_at = await self._availability(site)
            for session in [each for sessions in self._sessions.values() for each in sessions]:
                if session.visitor.site == site:
                    session.notify_status(online, opens_at)

    async def _listen(self) -> None:
        async with self._signals.listen("") as listening:
            async for signal in listening:
                if signal.get("who") == "agent":
                    for session in self._sessions.get(str(signal["topic"]), ()):
                        session.notify_typing(str(signal.get("name", "")))
