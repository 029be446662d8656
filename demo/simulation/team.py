"""The simulated agents as a team: a service that follows the feed like any face and tells each what concerns them.

One agent is for the person who looks on. They are simulated like the others until somebody signs in with the demo's
link; from then on they are left alone until that person signs out, offers in their queues last as people need them, and
what nobody of the demo has written, which is what the person writes, is declined or handed over by the others until it
is there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from .answering import understood
from .background_tasks import BackgroundTasks
from .chance import chance
from .desk_client import AGAIN_SECONDS, DeskClient, Event, Unreachable
from .pace import Pace
from .simulated_agent import SimulatedAgent, Ticket, Typing, last_words
from .talk import ENGLISH, languages

Present = Callable[[], Awaitable[bool]]
"""Whether a person is signed in as their agent."""

LOOK_SECONDS = 0.5
LEFT = 2  # tickets under way that the person finds
HANDED = "written by hand, not by the demo"


class Team:
    """All agents of the configuration."""

    def __init__(
        self,
        client: DeskClient,
        tasks: BackgroundTasks,
        pace: Pace,
        *,
        seed: int,
        names: Mapping[str, str],
        me: str,
        present: Present,
        typing: Typing,
        arriving: Callable[[bool], Awaitable[None]],
        arrived: Callable[[bool], None],
    ) -> None:
        """`names` are shown names by id; `me` is whom a person can be, or empty.

        `arriving` and `arrived` hear of the person who comes (True) and goes, before and after room is made for them.
        """
        self._client = client
        self._tasks = tasks
        self._pace = pace
        self._seed = seed
        self._me = me
        self._present = present
        self._arriving = arriving
        self._arrived = arrived
        self._after = 0
        self.agents = {
            name: SimulatedAgent(
                name,
                shown,
                seed=seed,
                client=client,
                pace=pace,
                tasks=tasks,
                typing=typing,
                steer=self._hand_over,
            )
            for name, shown in names.items()
        }

    async def start(self) -> None:
        """They come on duty, look at what is theirs from before, and watch until all tasks end."""
        self._after = await self._client.last_position()
        self._tasks.run(self._watch())
        for agent in self.agents.values():
            await self._resume(agent)
            self._tasks.run(agent.work())
            self._tasks.run(agent.rest())
        if self._me:
            self._tasks.run(self._look_for_the_person())
        for agent in self.agents.values():
            await agent.be("available")

    async def stop(self) -> None:
        """Their tasks end with all others."""

    def be_attentive(self) -> None:
        """From now on no offer is missed."""
        for agent in self.agents.values():
            agent.attentive = True

    async def _resume(self, agent: SimulatedAgent) -> None:
        for which in ("offered_to", "assignee"):
            page = await self._client.get(f"/v1/tickets?{which}={agent.name}&limit=50")
            for ticket in page["items"] if page else ():
                agent.offered(ticket) if which == "offered_to" else agent.written(ticket)

    async def _watch(self) -> None:
        while True:
            try:
                async for event in self._client.events(self._after):
                    self._after = int(event["cursor"])
                    self._notice(event)
            except Unreachable:
                await asyncio.sleep(AGAIN_SECONDS)

    def _notice(self, event: Event) -> None:
        data: Mapping[str, Any] = event["data"]
        ticket: Ticket = data.get("ticket") or {}
        assignee = self.agents.get(str(ticket.get("assignee")))
        match event["type"]:
            case "agent.presence_changed" if data["agent"]["presence"] == "away":
                self._missed(data["agent"]["id"])
            case "ticket.offered" if ticket["offer"]["agent"] in self.agents:
                self.agents[ticket["offer"]["agent"]].offered(ticket)
            case "message.received" if assignee is not None:
                assignee.written(ticket)
            case "ticket.assigned" if assignee is not None and data.get("actor") != f"agent:{assignee.name}":
                assignee.written(ticket)

    def _missed(self, name: str) -> None:
        if name in self.agents:
            self.agents[name].missed()

    async def _look_for_the_person(self) -> None:
        agent = self.agents[self._me]
        while True:
            here = await self._present()
            if here != agent.taken_over:
                await self._change_places(agent, here)
            await asyncio.sleep(LOOK_SECONDS)

    async def _change_places(self, agent: SimulatedAgent, here: bool) -> None:
        agent.taken_over = here
        await self._arriving(here)
        if here:
            await self._clear(agent)
        for each in self._beside_the_person():
            each.attentive = here
        await agent.be("available")
        if not here:
            await self._resume(agent)
        self._arrived(here)

    async def _clear(self, agent: SimulatedAgent) -> None:
        """A little of what is under way stays, because who is full is offered nothing; hasty offers go."""
        await self._give_back(agent, "release", f"assignee={agent.name}&status=open", left=LEFT)
        await self._give_back(agent, "decline", f"offered_to={agent.name}", left=0)

    async def _give_back(self, agent: SimulatedAgent, verb: str, which: str, *, left: int) -> None:
        page = await self._client.get(f"/v1/tickets?{which}&limit=50")
        for ticket in page["items"][left:] if page else ():
            path = f"/v1/tickets/{ticket['id']}/{verb}"
            await self._client.ask(agent.name, "POST", path, {"reason": "change of shift"})

    def _beside_the_person(self) -> Sequence[SimulatedAgent]:
        return [agent for name, agent in self.agents.items() if name != self._me]

    async def _hand_over(self, ticket: Ticket) -> bool:
        """What a person writes goes to the person, if one is here."""
        if not self._me or not self.agents[self._me].taken_over:
            return False
        detail = await self._client.get(f"/v1/tickets/{ticket['id']}")
        if detail is None:
            return False
        said, language = last_words(detail), str(detail["language"])
        words = understood(language if language in languages() else ENGLISH, said, chance(self._seed, said))
        if words.known or not said:
            return False
        path, agent = f"/v1/tickets/{ticket['id']}", str(ticket["offer"]["agent"])
        person = await self._client.get(f"/v1/agents/{self._me}") or {}
        if person.get("presence") == "available" and person["load"] < person["capacity"]:
            return await self._client.ask(agent, "POST", f"{path}/decline", {"reason": HANDED})
        body = {"agent": self._me, "force": True, "reason": HANDED}
        return await self._client.ask(agent, "POST", f"{path}/assign", body)
