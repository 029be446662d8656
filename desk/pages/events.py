"""`GET /desk/events`: what an open page must know at once, as server-sent events.

    ready     {}                                    everything from now on is told; look at what was loaded before
    change    {ticket, number, kinds, mine}         a ticket of the agent, of their queues, or the one that is open
    all       {}                                    something may have been missed; look at everything anew
    presence  {}                                    the agent is now otherwise: available, busy, away, offline
    typing    {name}                                the visitor of the open ticket is writing
    writing   {number, name, note}                  a colleague writes in a ticket of which a change would be told
    visitor   {here}                                the visitor of the open ticket came or left

A page hears of no ticket that is none of its agent's business, of the one that is open only as long as its agent sees
it, and of nobody else's presence. What the events are about
is fetched by the page, so nothing of a customer stands in them.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiohttp import web

from ...config.errors import NotFound, Temporary
from ...queue.signals import Signals
from ...router.records import Ticket
from ...router.sight import Sight
from ...web.places import Places
from ...web.sse import ServerEvent, serve_events
from ..stores.sessions import PageSession
from ..views.chat_presence import ChatPresence
from ..views.writing_together import Writes, WritingTogether
from .changes import Change, Changes, News
from .shell import Shell, session_of

MOST_STREAMS = 1_000
PRESENCE_SECONDS = 5.0
_BEFOREHAND = 50  # events that a slow page may have before it


class DeskEvents:
    """Serves the streams of one process."""

    def __init__(self, shell: Shell, changes: Changes, signals: Signals, presence: ChatPresence) -> None:
        self._shell = shell
        self._changes = changes
        self._signals = signals
        self._presence = presence
        self._together = WritingTogether(signals)
        self._streams = Places(MOST_STREAMS)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One stream; `ticket` names the ticket that is open in the page. Raises Overloaded."""
        with self._streams.held():
            opened, conversation = await self._opened(request, request.query.get("ticket", ""))
            events = self._events(session_of(request), opened, conversation)
            return await serve_events(request, self._shell.while_signed_in(request, events))

    async def _opened(self, request: web.Request, named: str) -> tuple[Ticket | None, str]:
        if not named:
            return None, ""
        try:
            stored = await self._shell.parts.access.ticket(session_of(request).principal, named)
        except NotFound:
            return None, ""
        return stored.record, self._presence.conversation_of(stored)

    async def _events(
        self, session: PageSession, opened: Ticket | None, conversation: str
    ) -> AsyncGenerator[ServerEvent, None]:
        notices: asyncio.Queue[ServerEvent] = asyncio.Queue(_BEFOREHAND)
        work: list[Coroutine[Any, Any, None]] = [
            self._notify_of_writing(notices, session, opened),
            self._notify_of_changes(notices, session, opened),
        ]
        if conversation:
            watched = (notices, session, opened, conversation)
            work += [self._notify_of_typing(*watched), self._notify_of_presence(*watched)]
        tasks = [asyncio.create_task(each) for each in work]
        try:
            while True:
                yield await notices.get()
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _notify_of_changes(
        self, notices: asyncio.Queue[ServerEvent], session: PageSession, opened: Ticket | None
    ) -> None:
        async with self._changes.listen() as listener:
            await notices.put(_event("ready"))
            while True:
                news = await listener.news()
                for event in self._chosen(news, session, await self._seen(session, opened)):
                    await notices.put(event)

    async def _seen(self, session: PageSession, opened: Ticket | None) -> Ticket | None:
        """The ticket that is open, as long as it is seen: it may have moved to a queue that is not."""
        access = self._shell.parts.access
        if opened is None or access.of(session.principal).sight is None:
            return opened
        try:
            await access.ticket(session.principal, opened.id)
        except (NotFound, Temporary):
            return None
        return opened

    def _chosen(self, news: News, session: PageSession, opened: Ticket | None) -> list[ServerEvent]:
        agent = session.agent or ""
        if news.everything:
            return [_event("all")]
        sight = self._shell.parts.access.of(session.principal).sight
        queues = self._queues(agent, sight)
        events = [_event("presence")] if agent in news.presences else []
        case = [_of(opened, each) for each in news.changes if opened and each.case == opened.id]
        if sight is not None and not all(each.known for each in news.changes):
            events.append(_event("all"))  # who had it before is not known, so whether it was theirs is not either
        return events + [
            _event("change", ticket=each.ticket, number=each.number, kinds=each.kinds, mine=agent in each.agents)
            for each in (*news.changes, *case)
            if _concerns(each, agent, queues, sight) or (opened and each.ticket == opened.id)
        ]

    def _queues(self, agent: str, sight: Sight | None) -> Collection[str]:
        """Those whose tickets concern them."""
        if sight is not None:
            return sight.queues
        settings = self._shell.parts.policy().settings
        configured = settings.agents.get(agent)
        return configured.queues if configured and configured.queues else settings.queues

    async def _notify_of_writing(
        self, notices: asyncio.Queue[ServerEvent], session: PageSession, opened: Ticket | None
    ) -> None:
        async for writes in self._together.heard():
            if self._is_told(writes, session, opened):
                told = {"number": writes.number, "name": writes.name, "note": writes.is_note}
                await notices.put(_event("writing", **told))

    def _is_told(self, writes: Writes, session: PageSession, opened: Ticket | None) -> bool:
        agent, sight = session.agent or "", self._shell.parts.access.of(session.principal).sight
        if writes.agent == agent or not writes.is_seen(sight):
            return False
        is_open = opened is not None and opened.id == writes.ticket
        return is_open or writes.holder == agent or writes.queue in self._queues(agent, sight)

    async def _notify_of_typing(
        self, notices: asyncio.Queue[ServerEvent], session: PageSession, opened: Ticket | None, conversation: str
    ) -> None:
        async with self._signals.listen(conversation) as listening:
            async for signal in listening:
                if signal.get("who") == "visitor" and await self._seen(session, opened):
                    await notices.put(_event("typing", name=str(signal.get("name") or "")))

    async def _notify_of_presence(
        self, notices: asyncio.Queue[ServerEvent], session: PageSession, opened: Ticket | None, conversation: str
    ) -> None:
        known: bool | None = None
        while True:
            with suppress(Temporary):
                here = await self._presence.is_here(conversation)
                if here != known and known is not None and await self._seen(session, opened):
                    await notices.put(_event("visitor", here=here))
                known = here
            await asyncio.sleep(PRESENCE_SECONDS)


def _of(opened: Ticket, change: Change) -> Change:
    """What changed in a ticket that is merged into the one that is open, as a change of that one."""
    return replace(change, ticket=opened.id, number=opened.number)


def _concerns(change: Change, agent: str, queues: Collection[str], sight: Sight | None) -> bool:
    is_theirs = agent in change.agents or not change.queues.isdisjoint(queues)
    return is_theirs or (sight is None and not change.known)


def _event(event: str, /, **data: Any) -> ServerEvent:
    return ServerEvent(event=event, data=json.dumps(data))
