"""Which tickets have changed, for all open pages of a process: one reader of the feed, however many pages listen.

It reads while somebody listens. A listener is told at once, and then at most every `PAUSE` seconds, with all changes of
a ticket joined into one; so a ticket in uproar costs a page four refreshes a second and no more. What a listener did
not take in time is joined as well, and when that is too much, or the feed was away, it is told to look at everything
anew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import structlog

from ...config.errors import Gone, Temporary
from ...queue.feed import Feed, FeedLine
from ...queue.service import Background

log = structlog.get_logger()

PAUSE = 0.25  # seconds
AGAIN = 0.5
MOST_WAITING = 500
REMEMBERED = 20_000


@dataclass
class Change:
    """What has happened to one ticket since a listener was last told."""

    ticket: str
    number: str
    kinds: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)  # who had it, was offered it or lost it
    queues: set[str] = field(default_factory=set)
    known: bool = True  # whether it is known who had it before
    case: str = ""  # the ticket that stands for it, when it is merged


@dataclass
class News:
    """What a listener is told at once."""

    changes: list[Change] = field(default_factory=list)
    presences: set[str] = field(default_factory=set)  # agents who said how they are
    everything: bool = False


class Listener:
    """One page that wants to know."""

    def __init__(self, changes: "Changes") -> None:
        self._changes = changes
        self._waiting: OrderedDict[str, Change] = OrderedDict()
        self._presences: set[str] = set()
        self._everything = False
        self._woken = asyncio.Event()
        self._notified_at = -PAUSE

    async def __aenter__(self) -> Self:
        await self._changes.enter(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._changes.leave(self)

    def hear(self, change: Change) -> None:
        """Join a change to what waits for the listener."""
        waiting = self._waiting.setdefault(change.ticket, Change(change.ticket, change.number))
        waiting.kinds += [kind for kind in change.kinds if kind not in waiting.kinds]
        waiting.agents |= change.agents
        waiting.queues |= change.queues
        waiting.known = waiting.known and change.known
        waiting.case = change.case
        if len(self._waiting) > MOST_WAITING:
            self.hear_everything()
        self._woken.set()

    def hear_presence(self, agent: str) -> None:
        """An agent said how they are."""
        self._presences.add(agent)
        self._woken.set()

    def hear_everything(self) -> None:
        """Something may have been missed."""
        self._waiting.clear()
        self._everything = True
        self._woken.set()

    async def news(self) -> News:
        """What has happened since the last call, as soon as something has, and not too often."""
        await self._woken.wait()
        await _pause(max(0.0, self._notified_at + PAUSE - _monotonic()))
        self._woken.clear()
        self._notified_at = _monotonic()
        news = News(list(self._waiting.values()), self._presences, self._everything)
        self._waiting, self._presences, self._everything = OrderedDict(), set(), False
        return news


class Changes:
    """The one reader of the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._listeners: set[Listener] = set()
        self._holders: OrderedDict[str, tuple[str | None, str]] = OrderedDict()
        self._reading = Background("changes for the pages", self._read)
        self._ready = asyncio.Event()

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return len(self._listeners)

    def listen(self) -> Listener:
        """A listener; it hears from `async with` on."""
        return Listener(self)

    async def enter(self, listener: Listener) -> None:
        """Begin to notify a listener; returns when everything from now on is heard."""
        self._listeners.add(listener)
        await self._reading.start()
        await self._ready.wait()

    async def leave(self, listener: Listener) -> None:
        """End it; the last one ends the reading."""
        self._listeners.discard(listener)
        if not self._listeners:
            self._ready.clear()
            await self._reading.stop()

    async def _read(self) -> None:
        after: int | None = None
        while True:
            try:
                if after is None:
                    after = await self._feed.last()
                    self._begin()
                async for lines in self._feed.follow(after):
                    self._notify(lines)
                    after = lines[-1].position if lines else after
            except Gone:
                after = None
            except Temporary as error:
                log.warning("open pages wait for the feed", action="pages_feed_away", cause=error.detail)
                await asyncio.sleep(AGAIN)

    def _begin(self) -> None:
        """What is heard from now on is whole; whoever has heard before has missed something."""
        if self._ready.is_set():
            for listener in self._listeners:
                listener.hear_everything()
        self._ready.set()

    def _notify(self, lines: Sequence[FeedLine]) -> None:
        for line in lines:
            if line.kind.startswith("agent."):
                for listener in self._listeners:
                    listener.hear_presence(line.subject)
            elif "ticket" in line.data:
                change = self._change(line)
                for listener in self._listeners:
                    listener.hear(change)

    def _change(self, line: FeedLine) -> Change:
        ticket: dict[str, Any] = line.data["ticket"]
        holder = ticket.get("assignee") or (ticket.get("offer") or {}).get("agent")
        before = self._holders.pop(line.subject, None)
        self._holders[line.subject] = (holder, ticket["queue"])
        if len(self._holders) > REMEMBERED:
            self._holders.popitem(last=False)
        changes = line.data.get("changes")
        lost = changes.get("agent") if isinstance(changes, dict) else None
        told = changes.get("mentioned") or () if isinstance(changes, dict) else ()
        agents = {holder, lost, before[0] if before else None, *told}
        return Change(
            ticket=line.subject,
            number=str(ticket.get("number", "")),
            kinds=[line.kind],
            agents={str(agent) for agent in agents if agent},
            queues={ticket["queue"], *([before[1]] if before else [])},
            known=before is not None or line.kind == "ticket.created",
            case=str(ticket.get("merged_into") or ""),
        )


async def _pause(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
