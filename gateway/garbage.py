"""The garbage collector, kept from making people wait.

CPython frees most things at once and looks for cycles now and then. A full look goes over everything that lives, and is
taken whenever much was made since the last one, even if none of that lives any more: with 5,000 chats open that is a
second without service, several times a minute (docs/measurements.md). So what lives at the start is set aside, young
things are looked at as ever, and a full look is taken only when what is allocated has grown by half since the last one:
then there are cycles to be freed, or the process really holds more.
"""

import gc
import sys
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

SECONDS = 5.0
GROWTH = 1.5

_YOUNG, _MIDDLE, _NEVER = 5_000, 20, 2**31 - 1


class Garbage:
    """Decides when to look, for the rest of the process; `run_once` is called every few seconds."""

    def __init__(self, allocated: Callable[[], int] = sys.getallocatedblocks) -> None:
        self._allocated = allocated
        self._lived = 0

    async def set_aside(self) -> None:
        """What lives now lives as long as the process. Idempotent."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
        self._lived = self._allocated()

    async def run_once(self) -> None:
        """Take a full look if it is worth it."""
        if self._allocated() < self._lived * GROWTH:
            return
        begun = time.monotonic()
        found = gc.collect()
        self._lived = self._allocated()
        took = round(1000 * (time.monotonic() - begun))
        log.info("looked for garbage", action="garbage_collected", found=found, milliseconds=took)
