"""How much may be asked of the engine at once.

The engine does one thing at a time, and what it is asked together it does in one go: 32 offers with 1,000 candidates
each held it for 0.2 s, in which nothing was accepted. So whoever asks takes as much of the allowance as the step costs,
and waits while too much is under way; the one who asked first gets it first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Allowance:
    """An amount that those who work share; a step that costs more than all of it runs alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._turn = asyncio.Lock()
        self._returned = asyncio.Event()

    @asynccontextmanager
    async def of(self, cost: int) -> AsyncIterator[None]:
        """Take part of it for as long as the step is under way."""
        share = min(cost, self._most)
        async with self._turn:
            while self._left < share:
                self._returned.clear()
                await self._returned.wait()
            self._left -= share
        try:
            yield
        finally:
            self._left += share
            self._returned.set()
