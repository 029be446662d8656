"""A day at a desk: people write, agents accept, decline, miss, finish, go and come back, by chance with a seed.

The day is played on a real engine with the test's clock. What anybody does next depends on what the router did, as it
does at a desk.
"""

import heapq
import itertools
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from trunkline.queue.feed import FeedLine
from trunkline.router.ticket_requests import TicketChanges

if TYPE_CHECKING:
    from .conftest import Desk

SECOND, MINUTE = 1_000, 60_000
TEXTS = ("my lamp is broken", "where is my parcel", "I want a refund", "a refund please", "hello")
STEP = 2 * MINUTE


class PlayedDay:
    """Plays it; `lunch` is when somebody goes and for how long, by agent."""

    def __init__(self, desk: "Desk", seed: int, *, gap: int = MINUTE) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self._gap = gap
        self._order = itertools.count()
        self._events: list[tuple[int, int, Callable[..., Awaitable[None]], tuple[Any, ...]]] = []
        self._read = 0
        self._customers = itertools.count(1)

    async def play(self, minutes: int, *, lunch: dict[str, tuple[int, int]] | None = None) -> None:
        """So long; then nobody writes any more, and what is in hand is finished."""
        end = self.desk.clock.now() + minutes * MINUTE
        for agent in self.desk.policy.settings.agents:
            await self.presence(agent, "available")
            if agent in (lunch or {}):
                begin, length = (lunch or {})[agent]
                self.later(begin * MINUTE, self.presence, agent, "offline")
                self.later((begin + length) * MINUTE, self.presence, agent, "available")
        self.later(self.between(0, self._gap), self.write, end)
        await self.go_on()
        while self._events:
            at = min(self._events[0][0], self.desk.clock.now() + STEP)
            self.desk.clock.advance(max(0, at - self.desk.clock.now()))
            if self._events[0][0] <= at:
                _, _, act, words = heapq.heappop(self._events)
                await act(*words)
            await self.go_on()

    def later(self, after: int, act: Callable[..., Awaitable[None]], *words: Any) -> None:
        heapq.heappush(self._events, (self.desk.clock.now() + after, next(self._order), act, words))

    def between(self, least: int, most: int) -> int:
        return self.chance.randint(least, most)

    async def go_on(self) -> None:
        """The router does what it does, and people what follows from it."""
        await self.desk.settle()
        for line in await self.desk.feed.read(self._read, 10_000):
            self._read = line.position
            self.follow(line)

    def follow(self, line: FeedLine) -> None:
        """What somebody does about a change."""
        ticket = line.data.get("ticket", {})
        if line.kind == "ticket.offered":
            agent, roll = ticket["offer"]["agent"], self.chance.random()
            if roll < 0.9:
                self.later(self.between(4 * SECOND, 40 * SECOND), self.accept, ticket["id"], agent)
            elif roll < 0.97:
                self.later(self.between(4 * SECOND, 40 * SECOND), self.decline, ticket["id"], agent)
            else:
                self.later(self.between(8, 12) * MINUTE, self.presence, agent, "available")
        elif line.kind in ("ticket.assigned", "ticket.status_changed") and ticket["status"] == "open":
            self.later(self.between(3 * MINUTE, 12 * MINUTE), self.finish, ticket["id"], ticket["assignee"])

    async def write(self, end: int) -> None:
        name = f"c{next(self._customers)}"
        await self.desk.write(self.chance.choice(TEXTS), sender=f"{name}@example.org", conversation=name)
        if self.desk.clock.now() < end:
            self.later(int(self.chance.expovariate(1 / self._gap)), self.write, end)

    async def again(self, ticket: str) -> None:
        """The customer writes once more."""
        stored = await self.desk.reader.ticket(ticket)
        name = stored.work.preview.key.removeprefix("email:").partition("@")[0]
        await self.desk.write("and now?", sender=f"{name}@example.org", conversation=name)

    async def accept(self, ticket: str, agent: str) -> None:
        if await self.is_offered(ticket, agent):
            await self.desk.actions.accept(ticket, agent, actor=f"agent:{agent}")

    async def decline(self, ticket: str, agent: str) -> None:
        if await self.is_offered(ticket, agent):
            await self.desk.actions.decline(ticket, agent, actor=f"agent:{agent}")

    async def is_offered(self, ticket: str, agent: str) -> bool:
        offer = (await self.desk.reader.ticket(ticket)).record.offer
        return offer is not None and offer.agent == agent

    async def finish(self, ticket: str, agent: str) -> None:
        record = (await self.desk.reader.ticket(ticket)).record
        if record.assignee != agent or record.status != "open":
            return
        if self.chance.random() < 0.3:
            changes = TicketChanges(status="pending")
            self.later(self.between(5 * MINUTE, 20 * MINUTE), self.again, ticket)
        else:
            changes = TicketChanges(status="solved", resolution="resolved")
        await self.desk.actions.change(ticket, changes, actor=f"agent:{agent}")

    async def presence(self, agent: str, presence: Any) -> None:
        await self.desk.actions.presence(agent, presence, actor=f"agent:{agent}")
