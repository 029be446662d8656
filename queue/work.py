"""Durable work queues with lanes, fenced leases, delayed entries, back-off and dead letters.

An entry belongs to a *lane*, the key of what must not be worked on twice at the same time: a conversation, a ticket, an
agent. A lane has one holder at a time and its entries come in the order in which they were added; different lanes go
on side by side. A holder has a lease and a token. When it dies, the lane is free again once the lease has run out, and
whatever the old holder still says is answered STALE. An entry that kills its workers, or fails too often, goes to the
dead letters with its payload whole and blocks nobody.

Guarantees: an entry stays until it is finished (at least once), whatever is killed. Scripts of other modules include
`work.lua` and add or finish entries in the same step as the change that causes them. Times are engine time in
milliseconds; nothing rests on a TTL or on the idle times that the engine keeps for consumer groups, which a step of
the clock would falsify (docs/decisions/0003-work-queues-with-lanes.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from .connection import Engine
from .dead_letters import DeadLetters, Decision
from .script_head import Group
from .scripts import Argument, Script, ScriptArguments

MAX_ATTEMPTS = 5
LEASE_MS = 10_000  # a worker extends its leases, so this is how long the lanes of a dead one stand still
WORKER_DIED = "the worker that read it died"

Again = Literal["retry", "fail", "wait"]

_MORE = -2  # as work_claim.lua says that more is ready
_PUSH = Script.beside(__file__, "work_push.lua")
_CLAIM = Script.beside(__file__, "work_claim.lua")
_SETTLE = Script.beside(__file__, "work_settle.lua")
_REDRIVE = Script.beside(__file__, "work_redrive.lua")
_QUEUE = Group.beside(__file__, "work.lua", "work_queue")
_SETTLING = Group.beside(__file__, "work.lua", "work_settling")


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work on a lane, until another holder's token replaces this one."""

    lane: bytes
    token: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as it was claimed."""

    sequence: int
    payload: bytes
    attempts: int  # how often it was tried again
    failures: int  # how often it failed unexpectedly, or its worker died
    lease: Lease
    last: bool  # of its claim: settling it frees the lane

    @property
    def arguments(self) -> dict[str, Argument]:
        """`lane`, `token`, `sequence` and `release`, for scripts that finish it."""
        lane, token = self.lease.lane, self.lease.token
        return {"lane": lane, "token": token, "sequence": self.sequence, "release": self.last}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one claim gave: entries by lane, whether more is ready, and when to look again if not (ms, None: never)."""

    lanes: Sequence[Sequence[Entry]]
    more: bool
    due_in: int | None


class WorkQueue(DeadLetters):
    """One named queue of a workspace."""

    kind = "a work queue"

    def __init__(self, engine: Engine, name: str) -> None:
        self.keys = _QUEUE(**{part: engine.keys("work", name, part) for part in _QUEUE.names})
        self.settling = _SETTLING(**{part: engine.keys("work", name, part) for part in _SETTLING.names})
        super().__init__(engine, name, dead=self.settling["dead"], causes=self.settling["causes"])

    @property
    def bell(self) -> str:
        """The channel on which a sleeping worker is told that there is work."""
        return self.keys["state"]

    async def push(self, lane: str, payload: bytes, *, due: int | None = None) -> int:
        """Add an entry, now or for later; returns its sequence."""
        args = {"lane": checked_lane(lane), "payload": payload, "due": due}
        return int(await self.engine.run(_PUSH, {"queue": self.keys}, args))

    async def claim(self, now: int, *, lanes: int, per_lane: int = 16) -> Batch:
        """Lease up to `lanes` lanes to the caller, the longest waiting first."""
        keys = {"queue": self.keys, "settling": self.settling}
        most: ScriptArguments = {"lanes": lanes, "per_lane": per_lane, "attempts": MAX_ATTEMPTS}
        reply = await self.engine.run(_CLAIM, keys, {"now": now, "lease": LEASE_MS, **most, "died": WORKER_DIED})
        return Batch(lanes=_lanes(reply), more=reply[0] == _MORE, due_in=None if reply[0] < 0 else int(reply[0]))

    async def finish(self, entry: Entry, now: int) -> bool:
        """The entry is done. False when the lease was lost."""
        return await self._settle("finish", entry, now)

    async def retry(self, entry: Entry, now: int, *, due: int, cause: str, how: Again = "retry") -> bool:
        """Again at `due`: after a hindrance (retry), a failure of its own (fail), or just later (wait)."""
        return await self._settle(how, entry, now, due=due, cause=cause)

    async def park(self, entry: Entry, now: int, *, due: int, cause: str, failed: bool) -> bool:
        """Again at `due`, and its lane waits for it, so nothing overtakes. False when there was nothing to park."""
        return await self._settle("park", entry, now, due=due, cause=cause, failed=failed)

    async def give_up(self, entry: Entry, now: int, *, cause: str) -> bool:
        """Give up on it: to the dead letters."""
        return await self._settle("give_up", entry, now, cause=cause)

    async def extend(self, entry: Entry, now: int) -> bool:
        """The work takes longer than the lease."""
        return await self._settle("extend", replace(entry, last=False), now, due=now + LEASE_MS)

    async def release(self, lease: Lease, now: int) -> bool:
        """Free the lane without settling an entry."""
        return await self._settle(
            "release", Entry(sequence=0, payload=b"", attempts=0, failures=0, lease=lease, last=True), now
        )

    async def _settle(
        self, what: str, entry: Entry, now: int, *, due: int | None = None, cause: str = "", failed: bool = False
    ) -> bool:
        keys = {"queue": self.keys, "settling": self.settling}
        outcome: ScriptArguments = {"what": what, "now": now, "due": due, "cause": cause, "failed": failed}
        return bool(await self.engine.run(_SETTLE, keys, {**outcome, **entry.arguments}) == b"OK")

    async def _payload(self, sequence: int) -> bytes | None:
        payload: bytes | None = await self.engine.call("HGET", self.keys["entries"], sequence)
        return payload

    async def _decided(self, sequence: int, what: Decision) -> bool:
        keys = {"queue": self.keys, "settling": self.settling}
        return bool(await self.engine.run(_REDRIVE, keys, {"what": what, "sequence": sequence}) == b"OK")

    async def ready(self) -> int:
        """How many lanes have work that nobody has claimed."""
        return int(await self.engine.call("ZCARD", self.keys["ready"]))

    async def counts(self) -> dict[str, int]:
        """How many entries are unfinished, waiting for their time, and dead."""
        entries = await self.engine.call("HLEN", self.keys["entries"])
        later = await self.engine.call("ZCARD", self.keys["later"])
        return {"entries": entries, "later": later, "dead": await self.dead_count()}


def checked_lane(lane: str) -> str:
    """The lane, which must not hold the separator. Raises ValueError."""
    if not lane or "\0" in lane:
        raise ValueError(f"a lane is a non-empty text without NUL: {lane!r}")
    return lane


def _lanes(reply: Sequence[Any]) -> list[list[Entry]]:
    lanes, at = [], 1
    while at < len(reply):
        lease, count = Lease(lane=reply[at], token=reply[at + 1]), reply[at + 2]
        at += 3
        lanes.append(
            [
                Entry(
                    sequence=reply[at + 4 * index],
                    payload=reply[at + 4 * index + 1],
                    attempts=reply[at + 4 * index + 2],
                    failures=reply[at + 4 * index + 3],
                    lease=lease,
                    last=index == count - 1,
                )
                for index in range(count)
            ]
        )
        at += 4 * count
    return lanes
