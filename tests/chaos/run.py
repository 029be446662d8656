"""One run: customers and agents at a station, a nemesis among them, then peace, and the evidence of it all."""

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
from redis import Redis
from redis.exceptions import RedisError

from .desk_people import Person
from .evidence import Evidence, Surface
from .generator import Customers
from .history import History
from .letters import threads
from .nemesis import Nemesis
from .picture import take
from .sink import Sink
from .station import ADMIN, AGENTS, LOOK_SECONDS, Station, until

LAST_TRIES_SECONDS = 60.0
QUIET_SECONDS = 120.0
QUEUES = ("intake", "offers", "clocks", "alerts", "held", "outbox", "rules")
TIMERS = ("offers", "clocks", "rules")  # they hold what is to be looked at in hours, too
SOON_MS = 30_000
TRACEBACK = re.compile(r"^Traceback .*?^[A-Za-z_.]+(?:Error|Exception|Interrupt|Exit)?.*?$", re.MULTILINE | re.DOTALL)

Break = Callable[[Station], Awaitable[None]]


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
    customers = Customers(station, history, threads(scale.seed, scale.messages), seconds=scale.seconds)
    try:
        await station.start()
        await _rage(station, sink, history, customers, scale)
        await quiet(station)
        await customers.look_back()
        return await evidence_of(station, history, sink.taken)
    finally:
        await customers.go()
        await station.stop()
        await sink.stop()
        history.close()


async def short_life(
    folder: Path,
    break_: Break,
    *,
    mutation: str,
    scale: Scale,
    environment: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Evidence:
    """A gateway with a mutation, customers who write to it, and one thing that is broken meanwhile, three times."""
    sink = Sink(scale.seed)
    await sink.start()
    program = (sys.executable, str(Path(__file__).with_name("mutant_gateway.py")), mutation)
    station = Station(folder, sink=sink.port, program=program, environment=environment, settings=settings)
    history = History(file=folder / "history.jsonl")
    customers = Customers(station, history, threads(scale.seed, scale.messages), seconds=scale.seconds)
    try:
        await station.gateway.start()
        writing = asyncio.create_task(customers.write())
        for _ in range(3):
            await asyncio.sleep(scale.seconds / 3)
            await break_(station)
        await writing
        await quiet(station)
        await customers.look_back()
        return await evidence_of(station, history, sink.taken)
    finally:
        await customers.go()
        await station.stop()
        await sink.stop()
        history.close()


async def _rage(station: Station, sink: Sink, history: History, customers: Customers, scale: Scale) -> None:
    people = [Person(station, history, name, scale.seed) for name in AGENTS]
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
            return sum(_left_in(engine, queue) for queue in QUEUES)
    except (RedisError, OSError, ValueError):
        return 1


def _left_in(engine: Redis, queue: str) -> int:
    """What is to be worked off now or soon."""
    entries, dead, later = (f"tl:{{chaos}}:work:{queue}:{part}" for part in ("entries", "dead", "later"))
    left = int(str(engine.hlen(entries))) - int(str(engine.zcard(dead)))
    seconds, _ = cast("tuple[int, int]", engine.time())
    return left - int(str(engine.zcount(later, seconds * 1000 + SOON_MS, "+inf"))) if queue in TIMERS else left


async def evidence_of(station: Station, history: History, sink: Counter[str] | None = None) -> Evidence:
    """What lies there and what is shown, now that nobody writes."""
    surface = await _surface(station)
    with station.engine() as engine:
        picture = take(engine, "chaos", station.data / "blobs")
    return Evidence(history, picture, surface, sink)


async def _surface(station: Station) -> Surface:
    headers = {"authorization": f"Bearer {ADMIN}"}
    async with aiohttp.ClientSession(f"{station.url}/v1/", headers=headers) as session:
        several = asyncio.Semaphore(8)

        async def detail(ticket: Mapping[str, Any]) -> Any:
            async with several:
                return await _read(session, f"tickets/{ticket['id']}")

        tickets = await asyncio.gather(*(detail(ticket) for ticket in await _pages(session, "tickets")))
        return Surface(
            tickets={ticket["id"]: ticket for ticket in tickets},
            dead=await _pages(session, "dead"),
            suspended=await _pages(session, "suspended"),
        )


async def _pages(session: aiohttp.ClientSession, name: str) -> list[dict[str, Any]]:
    found, cursor = list[dict[str, Any]](), ""
    while True:
        page = await _read(session, name, {"limit": "100"} | ({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"] or ""
        if not cursor:
            return found


async def _read(session: aiohttp.ClientSession, path: str, query: Mapping[str, str] | None = None) -> Any:
    """The answer, which may come after some temporary refusals while connections to the engine are made anew."""
    for last in (False,) * 9 + (True,):
        async with session.get(path, params=query) as response:
            if response.status != 503 or last:
                response.raise_for_status()
                return json.loads(await response.read())
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError


def broken_processes(folder: Path) -> list[str]:
    """What the logs of the processes tell of errors that nobody expected, tracebacks whole."""
    logs = [log.read_text(encoding="utf-8") for log in sorted(folder.glob("*.log"))]
    logged = [line for log in logs for line in log.splitlines() if '"exception"' in line]
    return logged + [found for log in logs for found in TRACEBACK.findall(log)]
