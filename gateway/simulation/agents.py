"""Simulated agents: they are available, accept most offers, decline some, miss some, answer, and solve.

They follow the feed like any face would and act through the API. Who has missed an offer is away until the next sign of
life, so each comes back after a while.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from .cast import chance, the_cast
from .desk_client import AGAIN_SECONDS, DeskClient, Event, Unreachable
from .errands import Errands
from .script import Script

ACCEPTS, DECLINES = 0.76, 0.12  # of all offers; what is left is missed
REACTION_SECONDS = (0.8, 3.5)
WORK_SECONDS = (4.0, 12.0)
BREAK_SECONDS = 10.0
NOTES, SOLVES = 0.2, 0.6

Ticket = Mapping[str, Any]


class Agents:
    """A service; all agents of the configuration take part."""

    def __init__(self, script: Script, client: DeskClient, errands: Errands, *, names: Sequence[str]) -> None:
        self._script = script
        self._client = client
        self._errands = errands
        self._names = names
        self._after = 0
        self._turns: Counter[str] = Counter()

    async def start(self) -> None:
        """They say that they are available, and watch until all errands end."""
        self._after = await self._client.last_position()
        self._errands.run(self._watch())
        for name in self._names:
            await self._be_available(name)

    async def stop(self) -> None:
        """Their errands end with all others."""

    async def _watch(self) -> None:
        while True:
            try:
                async for event in self._client.events(self._after):
                    self._after = int(event["cursor"])
                    self._notice(event)
            except Unreachable:
                await asyncio.sleep(self._script.seconds(AGAIN_SECONDS))

    def _notice(self, event: Event) -> None:
        data = event["data"]
        if event["type"] == "agent.presence_changed" and data["agent"]["presence"] == "away":
            self._errands.run(self._come_back(data["agent"]["id"]))
            return
        ticket = data.get("ticket") or {}
        if event["type"] == "ticket.offered":
            self._errands.run(self._consider(ticket, ticket["offer"]["agent"], self._dice(ticket)))
        elif event["type"] == "message.received" and ticket.get("assignee") in self._names:
            self._errands.run(self._answer(ticket, ticket["assignee"], self._dice(ticket)))

    def _dice(self, ticket: Ticket) -> Random:
        self._turns[ticket["number"]] += 1
        return chance(self._script.seed, "turn", ticket["number"], self._turns[ticket["number"]])

    async def _consider(self, ticket: Ticket, agent: str, dice: Random) -> None:
        await self._wait(dice.uniform(*REACTION_SECONDS))
        mood = dice.random()
        path = f"/v1/tickets/{ticket['id']}"
        if mood < ACCEPTS:
            if await self._client.ask(agent, "POST", f"{path}/accept", {}):
                await self._answer(ticket, agent, dice)
        elif mood < ACCEPTS + DECLINES:
            reason = dice.choice(the_cast().reasons)
            await self._client.ask(agent, "POST", f"{path}/decline", {"reason": reason})

    async def _answer(self, ticket: Ticket, agent: str, dice: Random) -> None:
        await self._wait(dice.uniform(*WORK_SECONDS))
        path = f"/v1/tickets/{ticket['id']}/messages"
        if dice.random() < NOTES:
            note = dice.choice(the_cast().notes)
            await self._client.ask(agent, "POST", path, {"kind": "note", "text": note})
        text = the_cast().answer(str(ticket.get("language")), dice)
        status = "solved" if dice.random() < SOLVES else "pending"
        await self._client.ask(agent, "POST", path, {"kind": "reply", "text": text, "status": status})

    async def _come_back(self, agent: str) -> None:
        await self._wait(BREAK_SECONDS)
        await self._be_available(agent)

    async def _be_available(self, agent: str) -> None:
        await self._client.ask(agent, "PUT", f"/v1/agents/{agent}/presence", {"presence": "available"})

    async def _wait(self, of_life: float) -> None:
        await asyncio.sleep(self._script.seconds(of_life))
