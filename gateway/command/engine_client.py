"""A command's way to the records: attached to the engine that runs, for as long as the command takes."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ...router.stored_format import convert_records
from ..assembly import Assembly
from ..configuration import Configuration
from ..engine_source import COMMAND_PATIENCE, SharedEngine
from ..logs import start_logging


@asynccontextmanager
async def attached(configuration: Configuration) -> AsyncIterator[Assembly]:
    """The parts of a process, attached. Raises EngineUnavailable when no engine runs, or Misconfigured."""
    start_logging("error", sys.stderr)
    assembly = Assembly(configuration, await SharedEngine(configuration, patience=COMMAND_PATIENCE).start())
    try:
        await assembly.recognition.start()
        await convert_records(assembly.engine)
        await assembly.clock.start()
        yield assembly
    finally:
        await assembly.close_channels()
        await assembly.blobs.stop()
        await assembly.engine.close()
