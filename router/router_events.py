"""The events of the offers queue, each handed to whoever acts on it.

An event is a JSON object whose `event` is its name. Those that nobody claims are for the offers.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence

from ..queue.work import Entry

Handler = Callable[[Entry], Awaitable[bool]]
"""Acts on one event; True when the script that acted has completed it."""


class RouterEvents:
    """The handler of the queue."""

    def __init__(self, offers: Handler, others: Sequence[tuple[Handler, Iterable[str]]]) -> None:
        self._offers = offers
        self._by_name = {name: handler for handler, names in others for name in names}

    async def handle(self, entry: Entry) -> bool:
        """Act on one event."""
        name = json.loads(entry.payload)["event"]
        return await self._by_name.get(name, self._offers)(entry)
