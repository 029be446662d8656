"""Sets the workspace's time back to the engine's, when a person says so, while everything runs.

For when the engine's host had a wrong clock for a while: the workspace never goes back by itself, so it would stay
ahead. Every process follows within a second. What waits in the work queues (retries, offers that run out, replies held
back) and the leases keep the time that is left to them. What was written meanwhile keeps the times that it got: tickets
of that time count as younger than they are, and the board's curves go on when real time has caught up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .connection import Engine
from .scripts import Script
from .work import WorkQueue

_RESET = Script.beside(__file__, "clock_reset.lua")


@dataclass(frozen=True, kw_only=True)
class SetBack:
    """What was done."""

    by: int  # milliseconds
    entries: int  # leases and delayed entries that moved with it


async def reset_clock(engine: Engine, queues: Iterable[str], true_now: int) -> SetBack:
    """Set the mark back to `true_now` (ms), with these work queues. Raises EngineUnavailable."""
    timed = [key for name in queues for key in WorkQueue(engine, name).timed_keys]
    keys = [engine.keys("clock"), engine.keys("clock", "resets"), *timed]
    by, entries = await engine.run(_RESET, keys, [true_now])
    return SetBack(by=int(by), entries=int(entries))
