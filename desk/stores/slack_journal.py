"""The journal of what Slack hands to the desk: kept, durably and once, before Slack hears that it was taken.

`keep` returns when the arrival lies in the engine; only then may Slack be answered. It is a work queue with a lane for
each thread (docs/decisions/0003-work-queues-with-lanes.md), so whoever reads it has one thread at a time, and what is
about it in the order of Slack's own times, however it came: an arrival that comes late is put before those that
happened after it. That holds as long as nobody has taken the lane; what was handed out already is not called back.

A repeat is known for `dedup.keep`, by all processes. While the engine is away, or full, `keep` raises a temporary
error: Slack then has to be answered 503, and posts an event again. Clicks and commands it does not post again; whoever
pressed sees that it failed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.dedup import dedup_register, digest
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ...queue.work import Entry, WorkQueue

NAME = "slack_desk"

_KEEP = Script.beside(__file__, "slack_journal.lua")
_DIGITS = 16


@dataclass(frozen=True)
class Kept:
    """An arrival as it is read: when it happened, in microseconds since 1970, of which kind it is, and its JSON."""

    at: int
    kind: str
    body: bytes


class Journal:
    """Keeps arrivals; `queue` is what a worker reads."""

    def __init__(self, engine: Engine, clock: Clock, *, gate: Callable[[], None] = lambda: None) -> None:
        """`gate` raises EngineUnavailable or EngineFull while nothing is taken."""
        self.queue = WorkQueue(engine, NAME)
        self._engine = engine
        self._clock = clock
        self._gate = gate
        self._keys: ScriptKeys = {
            "queue": self.queue.keys,
            "register": dedup_register(engine, NAME),
            "intake_state": WorkQueue(engine, "intake").keys["state"],
        }

    async def keep(self, body: bytes, *, kind: str, key: Sequence[str], lane: str, at: int | None) -> bool:
        """Durable when it returns; False for a repeat, which is what has the same `key`.

        `at` is Slack's time of it in microseconds since 1970; ours stands in where Slack tells none. Raises
        EngineUnavailable or EngineFull.
        """
        self._gate()
        happened = at if at is not None else self._clock.true_now() * 1_000
        payload = b"%0*d %s\n%s" % (_DIGITS, happened, kind.encode(), body)
        args: ScriptArguments = {"digest": digest(NAME, *key), "lane": lane, "payload": payload}
        return bool(await self._engine.run(_KEEP, self._keys, args))


def kept(entry: Entry) -> Kept:
    """What an entry of the queue holds."""
    head, _, body = entry.payload.partition(b"\n")
    at, _, kind = head.partition(b" ")
    return Kept(int(at), kind.decode(), body)
