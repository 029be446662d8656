"""Finds the embedded engine that another process owns; never starts one.

For role processes (`trunkline web`, `smtp`, `worker`) and the command line. The engine must be the run that
`data/engine.json` records and must write to this very data folder, so that neither a stale record nor a copied folder
leads to somebody else's engine. An engine that is starting again is waited for.
"""

import asyncio
from pathlib import Path

from ..config.errors import EngineUnavailable
from .data_folder import DataFolder
from .engine_record import EngineRecord
from .engine_server import ask
from .takeover import Patience

PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.05


async def attach(data: Path, *, patience: float = PATIENCE_SECONDS) -> str:
    """The address of the engine of this folder. Raises EngineUnavailable, or Misconfigured for a newer format."""
    folder = DataFolder.at(data)
    folder.check_format()
    waiting = Patience(patience)
    while True:
        record = EngineRecord.read(folder.record)
        obstacle = await _obstacle(folder, record)
        if record is not None and obstacle is None:
            return record.url
        if waiting.over:
            raise EngineUnavailable(str(obstacle))
        await asyncio.sleep(LOOK_SECONDS)


async def _obstacle(folder: DataFolder, record: EngineRecord | None) -> str | None:
    """Why the engine cannot be used now, or None."""
    if record is None:
        return f"no engine runs on {folder.root}; start `trunkline serve` or `trunkline engine`"
    answer = await ask(record.socket)
    if answer is None:
        return f"the engine of {folder.root} does not answer on {record.socket}"
    if record.run_id != answer.run_id or not answer.lives_in(folder.engine):
        return f"the server on {record.socket} is not the one that {folder.record} records"
    return "the engine is loading its data" if answer.loading else None
