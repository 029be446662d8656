"""What waits of a person who is erased: messages given up or suspended, replies held back, work that names them.

What they write from the order on is a new customer's, so a message that is only on its way stays. One that was given up
was never read, so it goes when their address stands in it.
"""

import json
import re
from collections.abc import AsyncIterator, Collection, Iterable, Sequence, Set

from ...config.errors import Gone, NotFound
from ...queue.blobs import Blobs
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.intake import unpack
from ...queue.scanning import scan
from ...queue.work import WorkQueue
from ...queue.work_drop import Matches, drop_where
from ..held_replies import HeldReplies
from ..suspended import Suspended, SuspendedMessages, suspended_keys
from .erasure_record import QUEUE, ErasurePlan

SHORTEST = 6  # characters of an identity that is looked for in bytes; shorter ones stand anywhere

INTAKE, REPLIES = "intake", ("outbox", "held")


class WaitingMessages:
    """Drops what waits; everything here may be done again."""

    def __init__(
        self, engine: Engine, clock: Clock, blobs: Blobs, queues: Iterable[WorkQueue], held: HeldReplies
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._queues = [queue for queue in queues if queue.name != QUEUE]
        self._held = held
        self._suspended = SuspendedMessages(engine)

    async def drop(self, plan: ErasurePlan, tickets: Collection[str], raws: Collection[str]) -> tuple[int, list[str]]:
        """How many went, and the blobs that they needed.

        `tickets` are those of the person, `raws` the raw messages from which their articles were made.
        """
        for ticket in tickets:
            await self._take_back(ticket)
        pattern, names = _pattern(plan.values), list[str]()
        dropped = await self._drop_suspended(set(plan.values))
        for queue in self._queues:
            if queue.name == INTAKE and pattern:
                raws = {*raws, *[id_ async for id_ in self._given_up_blobs(queue, pattern)]}
            payloads = await drop_where(queue, _going(queue.name, pattern, tickets, raws))
            if queue.name == INTAKE:
                dropped += [json.loads(payload.partition(b"\n")[0]) for payload in payloads]
        for header in dropped:
            names += await self._released(header["id"])
        return len(dropped), names

    async def _take_back(self, ticket: str) -> None:
        for reply in await self._held.of(ticket):
            try:
                await self._held.take_back(reply.id)
            except Gone:  # it is leaving: what it becomes is found with the ticket's articles
                continue

    async def _drop_suspended(self, values: Set[str]) -> list[dict[str, str]]:
        """The headers of suspended messages in which they are the sender."""
        found, dropped = scan(self._engine, "HSCAN", suspended_keys(self._engine)["records"]), list[dict[str, str]]()
        theirs = [
            id_.decode()
            async for id_, record in found
            if not values.isdisjoint(Suspended.model_validate_json(record).senders)
        ]
        for id_ in theirs:
            try:
                header, _ = unpack(await self._suspended.raw(id_))
                await self._suspended.drop(id_)
            except NotFound:  # somebody has decided it meanwhile
                continue
            dropped.append(header)
        return dropped

    async def _given_up_blobs(self, queue: WorkQueue, pattern: "re.Pattern[bytes]") -> AsyncIterator[str]:
        """The ids of messages given up whose bytes lie in a blob and name them."""
        for sequence in await self._engine.call("ZRANGE", queue.dead_key, 0, -1):
            payload = await self._engine.call("HGET", queue.keys["entries"], sequence)
            header, _ = unpack(payload) if payload else ({"blob": ""}, b"")
            if header["blob"] and pattern.search(await self._blobs.get(header["blob"])):
                yield header["id"]

    async def _released(self, owner: str) -> Sequence[str]:
        """The blobs that a raw message needed, and that it needs no more."""
        names = await self._blobs.owned(owner)
        await self._blobs.release(owner, self._clock.now())
        return names


def _going(queue: str, pattern: "re.Pattern[bytes] | None", tickets: Collection[str], raws: Collection[str]) -> Matches:
    """Which entries of a queue go."""

    def named(payload: bytes) -> bool:
        return pattern is not None and pattern.search(payload) is not None

    def message(payload: bytes, dead: bool) -> bool:
        return (dead and named(payload)) or json.loads(payload.partition(b"\n")[0])["id"] in raws

    def reply(payload: bytes, _: bool) -> bool:
        return named(payload) or json.loads(payload)["ticket"] in tickets

    def other(payload: bytes, _: bool) -> bool:
        return named(payload)

    return message if queue == INTAKE else reply if queue in REPLIES else other


def _pattern(values: Sequence[str]) -> "re.Pattern[bytes] | None":
    """Finds one of the identities as a whole, in raw bytes and in JSON."""
    long = [form for value in values if len(value) >= SHORTEST for form in (value, json.dumps(value)[1:-1])]
    words = b"|".join(re.escape(form.encode("utf-8", "surrogateescape")) for form in dict.fromkeys(long))
    return re.compile(rb"(?<![\w.+@-])(?:" + words + rb")(?![\w@-])", re.IGNORECASE) if words else None
