"""The look at the engine: one script, one answer, and the samples of a day.

`look` costs the engine a few counts for every queue and agent of the configuration, and reads the weight of each ticket
on offer. The samples are a ring of 25 hours with one entry a minute; `keep_sample` writes at most one a minute, whoever
calls it.
"""

import json
from collections.abc import Mapping, Sequence

from ...config.settings import Settings
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.dead_letters import DeadLetters
from ...queue.dedup import dedup_register
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ...queue.unread_sources import Unread, UnreadSources
from ...queue.work import WorkQueue
from ...router.parking import Parked, Parking
from ...router.suspended import suspended_keys
from ...router.ticket_keys import TicketKeys
from .feed_counts import RING
from .rates import SPAN
from .samples import KEPT, Sample
from .snapshot import Snapshot

STRAYS = 100

_LOOK = Script.beside(__file__, "look.lua")
_SAMPLE = Script.beside(__file__, "sample.lua")


class BoardQuery:
    """Reads what the board is made of."""

    def __init__(self, engine: Engine, dead_letters: Mapping[str, DeadLetters]) -> None:
        keys, tickets, intake = engine.keys, TicketKeys(engine), WorkQueue(engine, "intake")
        self._engine = engine
        self._ticket_prefix = tickets.ticket("")
        self._samples = keys("board", "samples")
        self._index = tickets.index
        self._keys: ScriptKeys = {
            "desk": tickets.desk,
            "rates": keys("board", "rates"),
            "intake": intake.keys,
            "settling": intake.settling,
            "suspended": suspended_keys(engine),
            "customers": tickets.directory,
            "seen": dedup_register(engine, "raw"),
            "given_up": [each.dead_key for name, each in dead_letters.items() if name != intake.name],
        }

    async def look(self, settings: Settings, now: int) -> Snapshot:
        """What is there now. Queues of an earlier configuration are there too while somebody waits in them.

        Raises EngineUnavailable.
        """
        seen = await self._look(sorted(settings.queues), settings, now)
        if seen.wanted == sum(queue.wanted for queue in seen.queues):
            return seen
        strays = sorted(await self._waited_in() - set(settings.queues))
        return await self._look([*sorted(settings.queues), *strays], settings, now)

    async def parked(self, clock: Clock) -> Sequence[Parked]:
        """The accounts of channels that take nothing now. Raises EngineUnavailable."""
        return await Parking(self._engine, clock).list()

    async def unread(self, clock: Clock) -> Sequence[Unread]:
        """The sources of messages that cannot be read now. Raises EngineUnavailable."""
        return await UnreadSources(self._engine, clock).list()

    async def _look(self, queues: Sequence[str], settings: Settings, now: int) -> Snapshot:
        args: ScriptArguments = {
            "now": now,
            "ring": RING,
            "span": SPAN,
            "queues": json.dumps(queues),
            "agents": json.dumps(sorted(settings.agents)),
            "tickets": self._ticket_prefix,
        }
        return Snapshot.model_validate_json(await self._engine.run(_LOOK, self._keys, args))

    async def _waited_in(self) -> set[str]:
        """Names of the queues in which somebody waits, up to STRAYS of them, each found by one step in the index."""
        found, after = set[str](), "[wanted:"
        for _ in range(STRAYS):
            members = await self._engine.call("ZRANGE", self._index, after, "(wanted;", "BYLEX", "LIMIT", 0, 1)
            if not members:
                break
            name = members[0].decode().removeprefix("wanted:").partition("|")[0]
            found.add(name)
            after = f"[wanted:{name}}}"
        return found

    async def keep_sample(self, sample: Sample) -> bool:
        """Write the sample of its minute; False when there is one already. Raises EngineUnavailable."""
        values = " ".join(map(str, sample.values))
        args: ScriptArguments = {"slot": sample.minute % KEPT, "minute": sample.minute, "values": values}
        return bool(await self._engine.run(_SAMPLE, {"samples": self._samples}, args))

    async def has_sample(self, minute: int) -> bool:
        """Whether that minute has one. Raises EngineUnavailable."""
        found = await self._engine.call("HGET", self._samples, minute % KEPT)
        return found is not None and int(found.split()[0]) >= minute

    async def samples(self) -> Mapping[int, Sequence[int]]:
        """The values of all minutes that are kept. Raises EngineUnavailable."""
        found = await self._engine.call("HVALS", self._samples)
        numbers = ([int(word) for word in each.split()] for each in found)
        return {minute: values for minute, *values in numbers}
