"""Erases again whom a restored backup has brought back, before anything is served.

What the ledger has and the engine knows nothing of was erased after the state that the engine has. It is ordered once
more under the same id and carried out at once; when that breaks off, the next start goes on. Their records are those
that the ledger names; people they were made one with, or parted from, since the backup are not touched. An identity
that has no record yet is found where it takes part in tickets of others, in what was passed on, among what was
suspended, and among messages that the backup holds unread: those that are older than the order are dropped.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from ...queue.connection import Engine
from ...queue.intake import unpack
from ...queue.scanning import scan
from ...queue.work import WorkQueue
from ..belongings import Belongings
from ..passed_on import PassedOn
from ..suspended import suspended_keys
from .erasure_record import ErasureKeys, ErasureRecord
from .ledger import ErasureLedger, LedgerEntry

if TYPE_CHECKING:
    from .erasing import Erasing
    from .erasure import Erasure

log = structlog.get_logger()

Senders = Callable[[bytes], Awaitable[Collection[str]]]
"""Of a message as it lies in the intake queue, the keys of those who wrote it. Raises Temporary."""


@dataclass(frozen=True)
class Unfiled:
    """A message that is in no ticket: when it came, and who wrote it."""

    id: str
    received_at: int
    keys: Collection[str]


class Repetition:
    """What the start of every process looks after."""

    def __init__(self, engine: Engine, ledger: ErasureLedger) -> None:
        self._engine = engine
        self._ledger = ledger
        self._records = ErasureKeys(engine).records
        self._unfiled = (WorkQueue(engine, "intake").keys["entries"], suspended_keys(engine)["raw"])

    async def due(self) -> Sequence[LedgerEntry]:
        """Those that the engine knows nothing of, and those that broke off. Raises EngineUnavailable, Misconfigured."""
        await self._ledger.start()
        entries = await self._ledger.entries()
        stored = await self._engine.call("HMGET", self._records, *(each.id for each in entries)) if entries else []
        return [entry for entry, record in zip(entries, stored, strict=True) if _is_due(record)]

    async def run(self, due: Sequence[LedgerEntry], erasure: "Erasure", erasing: "Erasing", senders: Senders) -> None:
        """Returns when everybody who was erased is. Raises EngineUnavailable."""
        unfiled = [each async for each in self._messages(senders)]
        passed_on = {f"email:{address}" for address in await PassedOn(self._engine).addresses()}
        loose = await Belongings(self._engine).participants() | passed_on
        known = {self._ledger.digest(key): key for key in loose.union(*(each.keys for each in unfiled))}
        for entry in due:
            named = {known[digest] for digest in entry.identities if digest in known}
            theirs = [
                each for each in unfiled if each.received_at < entry.ordered_at and not named.isdisjoint(each.keys)
            ]
            await erasure.order_again(entry, sorted(named), [each.id for each in theirs])
            await erasing.carry_out(entry.id)
            log.warning("a backup had brought back an erased person", action="erased_again", erasure=entry.id)

    async def _messages(self, senders: Senders) -> AsyncIterator[Unfiled]:
        """What waits, was given up or suspended."""
        for key in self._unfiled:
            async for _, payload in scan(self._engine, "HSCAN", key):
                header, _ = unpack(payload)
                yield Unfiled(header["id"], header["received_at"], await senders(payload))


def _is_due(stored: bytes | None) -> bool:
    if stored is None:
        return True
    record = ErasureRecord.model_validate_json(stored)
    return record.again and record.state != "done"
