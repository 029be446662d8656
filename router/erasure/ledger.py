"""The ledger of erasures: who was erased, kept where no restored backup brings back an earlier state of it.

    <folder>/<id of the erasure>.json     one file each, fsynced, written before anything is removed

A file says when, on whose word and why, which records went, and of each identity a digest. Ids of records are random.
Digests are keyed with a secret that the engine has, and with it every backup, so the folder by itself names nobody;
with an engine that has another secret, what went is found by the ids of records alone.
"""

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from ...config.durable_file import in_thread, put_once
from ...config.errors import Misconfigured
from ...normalizer.envelope import Record
from ...queue.connection import Engine
from ...queue.engine_secret import engine_secret
from .erasure_record import ErasureKeys, ErasurePlan, ErasureRecord


class LedgerEntry(Record):
    """One erasure, as it can be carried out again."""

    id: str
    by: str
    reason: str = ""
    ordered_at: int
    records: tuple[str, ...]
    identities: tuple[str, ...]  # digests of their keys


class ErasureLedger:
    """The ledger of a workspace, in a folder that need not exist yet."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._keys = ErasureKeys(engine)
        self._secret = b""

    async def start(self) -> None:
        """Make the folder, and the secret for an engine that has none. Raises EngineUnavailable."""
        await in_thread(lambda: self._folder.mkdir(mode=0o700, parents=True, exist_ok=True))
        self._secret = await engine_secret(self._engine, self._keys.secret)

    async def put(self, record: ErasureRecord, plan: ErasurePlan) -> None:
        """Write one down, unless it stands there; durable when it returns. Raises EngineUnavailable."""
        await self.start()
        entry = LedgerEntry(
            id=record.id,
            by=record.by,
            reason=record.reason,
            ordered_at=record.ordered_at,
            records=plan.records,
            identities=tuple(self.digest(key) for key in plan.keys),
        )
        await in_thread(put_once, self._folder / f"{entry.id}.json", entry.model_dump_json().encode())

    async def entries(self) -> Sequence[LedgerEntry]:
        """All of them, the oldest first. Raises Misconfigured naming a file that is damaged."""
        found: list[LedgerEntry] = await in_thread(lambda: [_read(file) for file in self._folder.glob("[!.]*.json")])
        return sorted(found, key=lambda entry: entry.ordered_at)

    def digest(self, key: str) -> str:
        """What the ledger says of an identity."""
        return hmac.new(self._secret, key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _read(file: Path) -> LedgerEntry:
    try:
        return LedgerEntry.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise Misconfigured(
            f"{file} cannot be read, so nobody knows whether that person is erased here: bring it back from a copy of "
            f"the ledger, or remove it and erase them again by hand ({error.errors()[0]['msg']})"
        ) from error
