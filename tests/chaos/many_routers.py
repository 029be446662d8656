"""Fifty routers on one engine, and people whose day is played at random while handlers, connections and processes end.

Customers write, agents accept, decline, let offers run out, solve, park and wake tickets, give them back, come and go.
Meanwhile handlers are cancelled in the middle of a call, some routers lose every so many answers of the engine together
with their connection, and whole processes of routers are killed. Then all faults end, everybody comes on duty and takes
what they are offered until nothing moves any more; what is kept then is the evidence.
"""

import asyncio
import contextlib
import json
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from redis import Redis

from trunkline.config.errors import TrunklineError
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.router.ticket_requests import TicketChanges

from ..integration.conftest import Desk
from .dropping_proxy import DroppingProxy, every
from .evidence import Evidence
from .history import History
from .picture import take
from .router_process import Router, WallClock, shorten_leases

IN_PROCESS, BEHIND_PROXY, PROCESSES, IN_EACH = 14, 6, 2, 15
SKILLS, LANGUAGES, QUEUES = ("lamps", "wires"), ("de", "en", "fr"), ("help", "sales")
AGENTS = 12
KINDS = [(queue, skill) for queue in QUEUES for skill in ("", *SKILLS)]
CHANGES = {
    "solved": TicketChanges(status="solved", resolution="resolved"),
    "parked": TicketChanges(status="pending"),
    "woken": TicketChanges(status="open"),
}
LOST_ANSWERS = 25  # of so many, one
SOON_MS = 4_000  # no wish and no offer waits longer for its time


def settings_of(chance: random.Random) -> dict[str, Any]:
    """Agents of all sorts, and rules that place a message by a word of it."""
    queue = {"language_wait": "2s", "offer_time": "3s"}
    agents = {
        f"a{at}": {
            "name": f"A {at}",
            "queues": sorted(chance.sample(QUEUES, chance.randint(1, 2))),
            "languages": sorted(chance.sample(LANGUAGES, chance.randint(1, 2))),
            "skills": {skill: 1 for skill in SKILLS if chance.random() < 0.5},
            "capacity": chance.randint(1, 3),
        }
        for at in range(AGENTS)
    }
    rules = [
        {
            "name": f"k{at}",
            "when": {"keywords": [f"k{at}"]},
            "then": {"queue": name, "priority": 1 + at % 4, **({"require_skills": [skill]} if skill else {})},
        }
        for at, (name, skill) in enumerate(KINDS)
    ]
    queues = {"help": {"fallback": True, **queue}, "sales": queue}
    return {"queues": queues, "agents": agents, "rules": rules, "senders": {"messages_per_hour": 1_000_000}}


class ManyRouters:
    """One run; `seed` decides who does what, though not when the routers get to it."""

    def __init__(self, socket: str, folder: Path, seed: int, *, processes: int = PROCESSES) -> None:
        self.done: Counter[str] = Counter()
        self._socket, self._folder, self._workspace = socket, folder, f"routers{seed}"
        self._chance = random.Random(seed)
        self._settings = settings_of(self._chance)
        self._desk = Desk(self._engine(), folder / "blobs", self._settings, WallClock())
        self._proxy = DroppingProxy(folder / "proxy.sock", lambda: socket, every(LOST_ANSWERS, b""))
        self._others = (self._desk.filers, self._desk.timers, self._desk.senders)
        self._routers = list[Router]()
        self._number = processes
        self._processes = list[asyncio.subprocess.Process]()

    def _engine(self) -> Engine:
        return Engine(f"unix://{self._socket}", Keys(self._workspace))

    async def __aenter__(self) -> Self:
        shorten_leases()
        await self._proxy.start()
        await self._desk.blobs.start()
        await self._desk.start()
        direct, through = f"unix://{self._socket}", f"unix://{self._proxy.socket}"
        for url in [direct] * IN_PROCESS + [through] * BEHIND_PROXY:
            self._routers.append(Router(url, self._workspace, self._desk.policy))
        self._processes = [await self._process() for _ in range(self._number)]
        for worker in (*self._others, *(router.worker for router in self._routers)):
            await worker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            await process.wait()
        await asyncio.gather(*(router.stop() for router in self._routers))
        for worker in self._others:
            await worker.stop()
        await self._proxy.stop()
        await self._desk.blobs.stop()
        await self._desk.engine.close()

    @property
    def dropped(self) -> int:
        """How many answers of the engine were lost."""
        return self._proxy.dropped

    async def _process(self) -> asyncio.subprocess.Process:
        program, pipe = Path(__file__).with_name("router_process.py"), asyncio.subprocess.PIPE
        words = (str(program), f"unix://{self._socket}", self._workspace, str(IN_EACH))
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe)
        assert process.stdin is not None
        process.stdin.write(json.dumps(self._settings).encode())
        process.stdin.close()
        return process

    async def play(self, seconds: float) -> None:
        """Everything at once, for so long."""
        everybody = [*[self._customer] * 2, *[self._agent] * 4, self._comes_and_goes, self._breaks]
        everybody += [self._kills] if self._processes else []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(self._again(act) for act in everybody))

    async def _again(self, act: Callable[[], Awaitable[str]]) -> None:
        while True:
            try:
                self.done[await act()] += 1
            except TrunklineError:  # somebody was quicker
                self.done["too late"] += 1

    async def _customer(self) -> str:
        await asyncio.sleep(self._chance.expovariate(12))
        self.done["messages"] += 1
        kind, number = self._chance.randrange(len(KINDS)), self.done["messages"]
        language = self._chance.choice((*LANGUAGES, "unknown"))
        channel = self._chance.choice(("test", "mail", "chat"))
        await self._desk.write(f"k{kind}", sender=f"p{number}@example.org", language=language, channel=channel)
        return "written"

    async def _agent(self) -> str:
        await asyncio.sleep(0.01)
        agent = f"a{self._chance.randrange(AGENTS)}"
        offered = await self._desk.tickets(offered_to=agent)
        held = await self._desk.tickets(assignee=agent, status=self._chance.choice(("open", "open", "pending")))
        if offered and (not held or self._chance.random() < 0.6):
            return await self._answers(agent, self._chance.choice(offered).id)
        return await self._works(self._chance.choice(held).id, agent) if held else "idle"

    async def _answers(self, agent: str, ticket: str) -> str:
        way = self._chance.choice(("accepted", "accepted", "accepted", "declined", "ignored"))
        if way == "accepted":
            await self._desk.actions.accept(ticket, agent, actor=f"agent:{agent}")
        elif way == "declined":
            await self._desk.actions.decline(ticket, agent, actor=f"agent:{agent}")
        return way

    async def _works(self, ticket: str, agent: str) -> str:
        way = self._chance.choice(("solved", "solved", "parked", "woken", "released"))
        if way == "released":
            await self._desk.actions.release(ticket, actor=f"agent:{agent}")
        else:
            await self._desk.actions.change(ticket, CHANGES[way], actor=f"agent:{agent}")
        return way

    async def _comes_and_goes(self) -> str:
        await asyncio.sleep(0.1)
        agent = f"a{self._chance.randrange(AGENTS)}"
        presence = self._chance.choice(("available", "available", "available", "busy", "away", "offline"))
        await self._desk.actions.presence(agent, presence, actor=f"agent:{agent}")  # type: ignore[arg-type]
        return presence

    async def _breaks(self) -> str:
        await asyncio.sleep(0.2)
        at_work = [router for router in self._routers if router.worker._lanes]
        return "handler cancelled" if at_work and self._chance.choice(at_work).break_off() else "nobody at work"

    async def _kills(self) -> str:
        await asyncio.sleep(5.0)  # a process takes a while to begin
        at = self._chance.randrange(self._number)
        self._processes[at].kill()
        await self._processes[at].wait()
        self._processes[at] = await self._process()
        return "process killed"

    async def quiet(self) -> Evidence:
        """No faults any more: whoever is offered a ticket takes it, until nothing moves."""
        self._proxy.loses = lambda _: False
        async with asyncio.timeout(60):
            while await self._moves():  # noqa: ASYNC110 (other processes)
                await asyncio.sleep(0.1)
        with Redis(unix_socket_path=self._socket) as engine:
            return Evidence(History(), take(engine, self._workspace, self._folder / "blobs"))

    async def _moves(self) -> bool:
        """Whether anybody was away or was offered anything, or an event is on its way."""
        moved = False
        for agent in await self._desk.agents.all(self._desk.policy.settings):
            if agent.presence != "available":
                await self._desk.actions.presence(agent.id, "available", actor="lead")
                moved = True
            for ticket in await self._desk.tickets(offered_to=agent.id):
                with contextlib.suppress(TrunklineError):
                    await self._desk.actions.accept(ticket.id, agent.id, actor=f"agent:{agent.id}")
                moved = True
        return moved or await self._anything_on_its_way()

    async def _anything_on_its_way(self) -> bool:
        queue, call = self._desk.offers._keys.offers, self._desk.engine.call
        later = queue.keys["later"]
        parked = await call("ZRANGE", later, 0, -1)
        counts = (
            await call("ZCOUNT", later, "-inf", WallClock().now() + SOON_MS),
            await call("ZCARD", queue.settling["leases"]),
            await queue.ready(),
            await self._desk.intake.queue.ready(),
        )
        return any(counts) or any(each.startswith(b"0" * 16) for each in parked)
