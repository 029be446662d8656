"""What waits of a person who is erased: messages given up or suspended, replies held back, work that names them.

What they write from the order on is a new customer's, so a message that is only on its way stays. One that was given up
was never read, so it goes when their address stands in it; and so does a change that waits for its message.
"""

import json
import re
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import suppress

from ...config.errors import Gone, NotFound, Unreadable
from ...queue.blobs import Blobs
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.intake import unpack
from ...queue.scanning import scan
from ...queue.work import WorkQueue
from ...queue.work_drop import Matches, drop_where
from ..amendments import AWAITED
from ..held_replies import HeldReplies
from ..suspended import Suspended, SuspendedMessages, suspended_keys
from .erasure_record import QUEUE, ErasurePlan

SHORTEST = 6  # characters of an identity that is looked for in bytes; shorter ones stand anywhere

INTAKE, OF_TICKETS = "intake", ("outbox", "held", "media")


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

    async def messages(self, plan: ErasurePlan) -> set[str]:
        """The ids of those that were suspended, with them as the sender, or name them and were given up or wait."""
        values, pattern = set(plan.values), _pattern(plan.values)
        found = scan(self._engine, "HSCAN", suspended_keys(self._engine)["records"])
        theirs = {
            id_.decode()
            async for id_, record in found
            if not values.isdisjoint(Suspended.model_validate_json(record).senders)
        }
        for queue in self._queues:
            if queue.name == INTAKE and pattern:
                theirs |= {id_ async for id_ in self._unfiled(queue, pattern)}
        return theirs

    async def drop(self, plan: ErasurePlan, tickets: Collection[str], raws: Collection[str]) -> tuple[int, list[str]]:
        """How many went, and the blobs that they needed, or that those needed which had gone before.

        `tickets` are those of the person, `raws` the raw messages from which their articles were made; `plan.raws`
        those that are in no ticket.
        """
        for ticket in tickets:
            await self._take_back(ticket)
        pattern, names, going = _pattern(plan.values), list[str](), {*raws, *plan.raws}
        dropped = await self._drop_suspended(plan.raws)
        for queue in self._queues:
            payloads = await drop_where(queue, _going(queue.name, pattern, tickets, going))
            if queue.name == INTAKE:
                dropped |= {json.loads(payload.partition(b"\n")[0])["id"] for payload in payloads}
        for id_ in dropped.union(plan.raws):
            names += await self._released(id_)
        return len(dropped), names

    async def _take_back(self, ticket: str) -> None:
        for reply in await self._held.of(ticket):
            try:
                await self._held.take_back(reply.id)
            except Gone:  # it is leaving: what it becomes is found with the ticket's articles
                continue

    async def _drop_suspended(self, ids: Iterable[str]) -> set[str]:
        """Those of these that were suspended still."""
        dropped = set[str]()
        for id_ in ids:
            with suppress(NotFound):  # it is none, or somebody has decided it meanwhile
                await self._suspended.drop(id_, self._clock.now())
                dropped.add(id_)
        return dropped

    async def _unfiled(self, queue: WorkQueue, pattern: "re.Pattern[bytes]") -> AsyncIterator[str]:
        """The ids of messages given up, and of changes that wait, whose bytes name them, wherever those lie."""
        causes = scan(self._engine, "HSCAN", queue.settling["causes"])
        waiting = [sequence async for sequence, cause in causes if json.loads(cause)["cause"] == AWAITED]
        for sequence in (*await self._engine.call("ZRANGE", queue.dead_key, 0, -1), *waiting):
            payload = await self._engine.call("HGET", queue.keys["entries"], sequence) or b"{}\n"
            header, _ = unpack(payload)
            if "id" in header and (pattern.search(payload) or pattern.search(await self._bytes(header["blob"]))):
                yield header["id"]

    async def _bytes(self, blob: str) -> bytes:
        """Those of a blob; nothing where it is lost, for which a message may have been given up."""
        try:
            return await self._blobs.get(blob) if blob else b""
        except Unreadable:
            return b""

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

    def of_ticket(payload: bytes, _: bool) -> bool:
        return named(payload) or json.loads(payload)["ticket"] in tickets

    def other(payload: bytes, _: bool) -> bool:
        return named(payload)

    return message if queue == INTAKE else of_ticket if queue in OF_TICKETS else other


def _pattern(values: Sequence[str]) -> "re.Pattern[bytes] | None":
    """Finds one of the identities as a whole, in raw bytes and in JSON."""
    long = [form for value in values if len(value) >= SHORTEST for form in (value, json.dumps(value)[1:-1])]
    words = b"|".join(re.escape(form.encode("utf-8", "surrogateescape")) for form in dict.fromkeys(long))
    return re.compile(rb"(?<![\w.+@-])(?:" + words + rb")(?![\w@-])", re.IGNORECASE) if words else None
