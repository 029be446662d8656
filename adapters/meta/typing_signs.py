"""The three dots in a customer's Messenger while an agent writes an answer.

Messenger shows them for twenty seconds, or until a message comes, and the desk tells it every few seconds; so at most
one is on its way to a person, and what does not arrive is forgotten.
"""

import asyncio
from contextlib import suppress

from ...config.errors import TrunklineError
from .graph import Graph

MOST = 200  # told at the same time


class TypingSigns:
    """Tells of one page that somebody writes."""

    def __init__(self, graph: Graph, path: str) -> None:
        self._graph = graph
        self._path = path
        self._telling: dict[str, asyncio.Task[None]] = {}

    def tell(self, person: str) -> None:
        """Somebody writes an answer to this person. Returns at once."""
        if not person or person in self._telling or len(self._telling) >= MOST:
            return
        task = asyncio.create_task(self._tell(person), name=f"meta:typing:{person}")
        self._telling[person] = task
        task.add_done_callback(lambda _: self._telling.pop(person, None))

    async def stop(self) -> None:
        """Break off what is on its way."""
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, person: str) -> None:
        with suppress(TrunklineError):
            content = {"recipient": {"id": person}, "sender_action": "typing_on"}
            await self._graph.post(self._path, content, repeatable=True)
