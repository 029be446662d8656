"""Sets the workspace's time back to the engine's, when a person says so, while everything runs.

For when the engine's host had a wrong clock for a while: the workspace never goes back by itself, so it would stay
ahead. What waits in the work queues (retries, offers that run out, replies held back) and the leases keep the time that
is left to them. What was written meanwhile keeps the times that it got: tickets of that time count as younger than they
are, and the board's curves go on when real time has caught up.

It takes two steps, and between them every process follows: by the old time all that has been moved would seem due, so
one that lags behind would let offers run out, send what is held back and take the lanes of others. A reset that was
broken off between the steps is finished by the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from .clock import STEP_MS
from .connection import Engine
from .scripts import Script, ScriptKeys
from .work import WorkQueue

FOLLOW_SECONDS = 3.0  # a process looks at the clock once a second, and waits a second for the engine

_RESET = Script.beside(__file__, "clock_reset.lua")
_MOVE = Script.beside(__file__, "clock_move.lua")


@dataclass(frozen=True, kw_only=True)
class SetBack:
    """What was done."""

    by: int  # milliseconds
    entries: int  # leases and delayed entries that moved with it


async def _have_followed() -> None:
    await asyncio.sleep(FOLLOW_SECONDS)


async def reset_clock(
    engine: Engine, queues: Iterable[str], true_now: int, *, followed: Callable[[], Awaitable[None]] = _have_followed
) -> SetBack:
    """Set the mark back to `true_now` (ms), with these work queues; `followed` returns when every process goes by it.

    When it goes back by less than a minute, what waits only waits so much longer. Raises EngineUnavailable.
    """
    works = [WorkQueue(engine, name) for name in queues]
    timed = [key for work in works for key in (work.keys["later"], work.settling["leases"])]
    unfinished = engine.keys("clock", "unfinished")
    marks = {"mark": engine.keys("clock"), "resets": engine.keys("clock", "resets")}
    keys: ScriptKeys = {**marks, "unfinished": unfinished, "timed": timed}
    if not await engine.run(_RESET, keys, {"target": true_now}):
        return SetBack(by=0, entries=0)
    await followed()
    by, entries = await engine.run(_MOVE, {"unfinished": unfinished, "timed": timed}, {"least": STEP_MS})
    return SetBack(by=int(by), entries=int(entries))
