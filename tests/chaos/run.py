"""One run: customers and agents at a station, a nemesis among them, then peace, and the evidence of it all."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from redis.exceptions import RedisError

from .desk_people import Person
from .evidence import Evidence, Surface
from .generator import Customers
from .history import History
from .letters import threads
from .nemesis import Nemesis
from .picture import take
from .sink import Sink
from .station import ADMIN, AGENTS, Station, until

LAST_TRIES_SECONDS = 60.0
QUIET_SECONDS = 120.0
QUEUES = ("intake", "offers", "outbox")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large a run is; `seconds` is how long things are broken."""

    seed: int
    messages: int
    seconds: float


async def chaos(folder: Path, scale: Scale, program: Sequence[str] = ()) -> Evidence:
    """Run it, and return what it leaves behind; the history and the logs stay in the folder."""
    sink = Sink(scale.seed)
    await sink.start()
    station = Station(folder, sink=sink.port, program=program)
    history = History(file=folder / "history.jsonl")
    try:
        await station.start()
        await _rage(station, sink, history, scale)
        await quiet(station)
        return await evidence_of(station, history, sink.taken)
    finally:
        await station.stop()
        await sink.stop()
        history.close()


async def _rage(station: Station, sink: Sink, history: History, scale: Scale) -> None:
    people = [Person(station, history, name, scale.seed) for name in AGENTS]
    customers = Customers(station, history, threads(scale.seed, scale.messages), seconds=scale.seconds)
    nemesis = Nemesis(station, sink, history, scale.seed)
    at_work = [asyncio.create_task(person.work()) for person in people]
    writing = asyncio.create_task(customers.write())
    await nemesis.rage(scale.seconds)
    await nemesis.heal()
    await asyncio.wait({writing}, timeout=LAST_TRIES_SECONDS)
    customers.give_up()
    await writing
    for person in people:
        person.go_home()
    await asyncio.gather(*at_work)


async def quiet(station: Station) -> None:
    """Returns when nothing is left to do for anybody, or the time is up; the checker sees which."""

    def look() -> bool | None:
        return True if not _unfinished(station) else None

    await until(look, QUIET_SECONDS)


def _unfinished(station: Station) -> int:
    try:
        with station.engine() as engine:
            return sum(
                int(str(engine.hlen(f"tl:{{chaos}}:work:{queue}:entries")))
                - int(str(engine.zcard(f"tl:{{chaos}}:work:{queue}:dead")))
                for queue in QUEUES
            )
    except (RedisError, OSError, ValueError):
        return 1


async def evidence_of(station: Station, history: History, sink: Counter[str] | None = None) -> Evidence:
    """What lies there and what is shown, now that nobody writes."""
    surface = await _surface(station)
    with station.engine() as engine:
        picture = take(engine, "chaos", station.data / "blobs")
    return Evidence(history, picture, surface, sink)


async def _surface(station: Station) -> Surface:
    headers = {"authorization": f"Bearer {ADMIN}"}
    async with aiohttp.ClientSession(f"{station.url}/v1/", headers=headers) as session:
        listed = await _pages(session, "tickets")
        several = asyncio.Semaphore(8)

        async def detail(id_: str) -> Any:
            async with several, session.get(f"tickets/{id_}") as response:
                response.raise_for_status()
                return await response.json()

        tickets = await asyncio.gather(*(detail(ticket["id"]) for ticket in listed))
        return Surface(
            tickets={ticket["id"]: ticket for ticket in tickets},
            dead=await _pages(session, "dead"),
            suspended=await _pages(session, "suspended"),
        )


async def _pages(session: aiohttp.ClientSession, name: str) -> list[dict[str, Any]]:
    found, cursor = list[dict[str, Any]](), ""
    while True:
        async with session.get(name, params={"limit": "100"} | ({"cursor": cursor} if cursor else {})) as response:
            response.raise_for_status()
            page = json.loads(await response.read())
        found += page["items"]
        cursor = page["next"] or ""
        if not cursor:
            return found


def broken_processes(folder: Path) -> list[str]:
    """What the logs of the processes tell of errors that nobody expected: lines with a traceback."""
    lines = [line for log in sorted(folder.glob("*.log")) for line in log.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if '"exception"' in line or line.startswith("Traceback")]
