"""The nemesis: breaks one thing after the other, as the seed says, and puts it right again.

Some faults have something to show for themselves (a second gateway is refused, an orphaned engine is adopted, a full
one refuses and drains); whether it was seen is noted in the history. In the end `heal` leaves everything running.
"""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from redis.exceptions import RedisError

from ..ports import free_port
from .history import Fault, History
from .sink import Sink
from .station import MAXMEMORY, Process, Station, until

DRAIN_SECONDS = 60.0
NOTICED_SECONDS = 2.0  # within which a gateway has looked at the engine's memory again
LEASE_SECONDS = 32.0  # longer than a lease holds


@dataclass(frozen=True)
class Seen:
    """Whether a fault showed what it should, and what there is to say about it."""

    held: bool = True
    note: str = ""


Break = Callable[[], Awaitable[Seen]]


class Nemesis:
    """One nemesis for one station."""

    def __init__(self, station: Station, sink: Sink, history: History, seed: int) -> None:
        self._station = station
        self._sink = sink
        self._history = history
        self._random = random.Random(f"nemesis {seed}")
        self._outliving: asyncio.Task[None] | None = None
        self._quick: Sequence[Break] = (
            self.kill_engine,
            self.kill_gateway,
            self.kill_everything,
            self.kill_parsers,
            self.second_gateway,
            self.orphan_engine,
            self.restart_in_order,
            self.reload,
            self.pause_engine,
            self.pause_gateway,
            self.sink_puts_off,
            self.sink_is_silent,
        )
        # These want to see everybody at work, so they come when the worker that stood still has gone on.
        self._slow: Sequence[Break] = (self.kill_worker, self.fill, self.brim)

    async def rage(self, seconds: float) -> None:
        """Break things for so long, and each thing once at least; the order is shuffled anew for each round."""
        clock = asyncio.get_running_loop().time
        end, first = clock() + seconds, True
        while clock() < end:
            self._outliving = asyncio.create_task(self._commit(self.outlive_a_lease))
            for break_ in (*self._shuffled(self._quick), *self._shuffled(self._slow)):
                if clock() < end or first:
                    await self._commit(break_)
                    await self._pause(0.2, 2.0)
            first = False

    def _shuffled(self, breaks: Sequence[Break]) -> list[Break]:
        return self._random.sample(breaks, k=len(breaks))

    async def heal(self) -> None:
        """Everything runs, nothing stands still, there is room, and mails are taken."""
        self._sink.mood = "takes"
        for process in (self._station.gateway, self._station.worker):
            process.send(signal.SIGCONT)
        await self._outlived()
        for process in (self._station.gateway, self._station.worker):
            if not process.alive:
                await process.start()
        await self._engine_serves()
        self._set_maxmemory(MAXMEMORY)

    async def _commit(self, break_: Break) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        seen = await break_()
        what = getattr(break_, "__name__", "")
        self._history.add(Fault(what=what, began=began, ended=clock(), held=seen.held, note=seen.note))

    async def _outlived(self) -> None:
        if self._outliving is not None:
            await self._outliving

    # Kills

    async def kill_gateway(self) -> Seen:
        """The gateway dies and comes back."""
        await self._station.gateway.kill()
        await self._pause(0.0, 0.5)
        await self._station.gateway.start()
        return Seen()

    async def kill_worker(self) -> Seen:
        """The second worker dies and comes back."""
        await self._outlived()
        await self._station.worker.kill()
        await self._pause(0.0, 0.5)
        await self._station.worker.start()
        return Seen()

    async def kill_engine(self) -> Seen:
        """The engine dies; its supervisor starts it again."""
        before = self._station.engine_pid()
        if before is None:
            return Seen(note="there was none")
        os.kill(before, signal.SIGKILL)
        after = await self._engine_serves(other_than=before)
        return Seen(after is not None, f"{before} → {after}")

    async def kill_everything(self) -> Seen:
        """As a power cut looks to processes: all of them at once."""
        engine = self._station.engine_pid()
        self._station.gateway.send(signal.SIGKILL)
        if engine is not None:
            os.kill(engine, signal.SIGKILL)
        await self._station.worker.kill()
        await self._station.gateway.kill()
        await self._station.gateway.start()
        await self._station.worker.start()
        return Seen()

    async def orphan_engine(self) -> Seen:
        """The gateway dies, its engine lives on with the other worker, and the next gateway adopts it."""
        before = self._station.engine_pid()
        await self._station.gateway.kill()
        await self._pause(0.5, 2.0)
        await self._station.gateway.start()
        after = self._station.engine_pid()
        return Seen(before is None or before == after, f"{before} → {after}")

    async def kill_parsers(self) -> Seen:
        """The processes that read mails die under them."""
        killed = 0
        for process in (self._station.gateway, self._station.worker):
            for pid in process.children():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
        return Seen(note=f"{killed} killed")

    async def restart_in_order(self) -> Seen:
        """The gateway is asked to end, and ends in order; its engine goes too, and the worker waits for the next."""
        gateway = self._station.gateway
        gateway.send(signal.SIGTERM)
        status = await gateway.ended()
        await gateway.start()
        return Seen(status == 0, f"exit status {status}")

    async def reload(self) -> Seen:
        """Both processes read their configuration again."""
        for process in (self._station.gateway, self._station.worker):
            process.send(signal.SIGHUP)
        return Seen()

    # Standing still

    async def pause_engine(self) -> Seen:
        """The engine stands still for longer than anybody waits for it."""
        pid = self._station.engine_pid()
        if pid is not None:
            os.kill(pid, signal.SIGSTOP)
            await self._pause(0.5, 2.5)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return Seen()

    async def pause_gateway(self) -> Seen:
        """The gateway stands still."""
        await self._stand_still(self._station.gateway, self._random.uniform(0.5, 3.0))
        return Seen()

    async def outlive_a_lease(self) -> Seen:
        """A worker stands still with what it has claimed until others have taken it over, and then goes on."""
        await self._stand_still(self._station.worker, LEASE_SECONDS)
        return Seen()

    async def _stand_still(self, process: Process, seconds: float) -> None:
        process.send(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        process.send(signal.SIGCONT)

    # Two of one

    async def second_gateway(self) -> Seen:
        """Another gateway on the same folder is refused, and says who is there."""
        names = ("TRUNKLINE_LISTEN__HTTP", "TRUNKLINE_LISTEN__SMTP")
        listen = {name: f"127.0.0.1:{free_port()}" for name in names}
        second = Process(self._station, "serve", listen)
        await second.launch()
        status = await second.ended()
        said = "".join(second.said)
        return Seen(status != 0 and str(self._station.gateway.pid) in said, f"{status}: {said[-300:]}")

    # Fullness

    async def fill(self) -> Seen:
        """There is room for a little more only: intake is refused, and what was accepted drains all the same."""
        await self._outlived()
        if self._used_memory() is None:
            return Seen(note="there was no engine")
        known, noticed = len(self._history.records), monotonic() + NOTICED_SECONDS
        refused = await until(lambda: self._refused_when_filled(known), DRAIN_SECONDS / 2)
        drained = await until(self._drained, DRAIN_SECONDS)
        self._set_maxmemory(MAXMEMORY)
        # On a slow machine nobody may try: all have written.
        heard = refused or all(each.began < noticed for each in self._history.attempts_since(known))
        return Seen(bool(heard and drained), f"refused {refused}, drained {drained}")

    async def brim(self) -> Seen:
        """There is no room at all: the engine itself refuses every write that needs memory."""
        await self._outlived()
        used = self._used_memory()
        if used is None:
            return Seen(note="there was no engine")
        self._set_maxmemory(used * 9 // 10)
        await self._pause(1.0, 3.0)
        drained = await until(self._drained, DRAIN_SECONDS)
        self._set_maxmemory(MAXMEMORY)
        return Seen(bool(drained), f"drained {drained}")

    def _refused_when_filled(self, known: int) -> bool | None:
        """Intake is refused at 75 % of the limit; what is used may be passing, so the limit follows it."""
        used = self._used_memory()
        if used is not None:
            self._set_maxmemory(int(used * 1.1))
        return any(each.outcome == "temporary" for each in self._history.attempts_since(known)) or None

    def _drained(self) -> bool | None:
        try:
            with self._station.engine() as engine:
                entries: Any = engine.hlen("tl:{chaos}:work:intake:entries")
                dead: Any = engine.zcard("tl:{chaos}:work:intake:dead")
        except (RedisError, OSError, ValueError):
            return None
        return True if entries == dead else None

    def _used_memory(self) -> int | None:
        try:
            with self._station.engine() as engine:
                facts: Any = engine.info("memory")
                return int(facts["used_memory"])
        except (RedisError, OSError, ValueError):
            return None

    def _set_maxmemory(self, limit: int) -> None:
        with suppress(RedisError, OSError, ValueError), self._station.engine() as engine:
            engine.config_set("maxmemory", limit)

    # The way out

    async def sink_puts_off(self) -> Seen:
        """The server that takes our mails puts them off."""
        return await self._in_a_mood("puts off")

    async def sink_is_silent(self) -> Seen:
        """It hangs up instead of saying whether it has taken a mail."""
        return await self._in_a_mood("is silent")

    async def _in_a_mood(self, mood: Any) -> Seen:
        self._sink.mood = mood
        await self._pause(0.5, 2.0)
        self._sink.mood = "takes"
        return Seen()

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self._random.uniform(least, most))

    async def _engine_serves(self, other_than: int | None = None) -> int | None:
        def look() -> int | None:
            pid = self._station.engine_pid()
            return pid if pid != other_than else None

        return await until(look, 40.0)
