"""What there was with a customer before a message, for rules that ask for it; read only where one does.

The newest fifty tickets of all their records are looked at; how many there are is counted in the index. Reads only.
"""

import asyncio
import json
from collections.abc import Sequence

from ..queue.connection import Engine
from .facts import History
from .life_cycle import FINISHED
from .records import Customer
from .ticket_index import TicketIndex
from .ticket_keys import TicketKeys

LOOKED_AT = 50
_NAMES = ("status", "reopened", "updated_at")


class CustomerHistories:
    """Reads histories."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._index = TicketIndex(engine)

    async def of(self, person: Customer | None) -> History:
        """That of a person; of nobody there is none. Raises EngineUnavailable."""
        if person is None:
            return History()
        heads = [f"customer:{record}" for record in person.records or (person.id,)]
        counts = await asyncio.gather(*(self._index.count(head) for head in heads))
        found = await asyncio.gather(*(self._index.newest(head, LOOKED_AT) for head in heads))
        newest = sorted((place for part in found for place in part), key=lambda place: place.order, reverse=True)
        rows = await asyncio.gather(*(self._row(place.ticket) for place in newest[:LOOKED_AT]))
        return History(
            tickets=sum(counts),
            open=sum(status not in FINISHED for status, _, _ in rows),
            reopened=sum(reopened for _, reopened, _ in rows),
            last_contact_at=max((at for _, _, at in rows), default=None),
        )

    async def _row(self, ticket: str) -> tuple[str, int, int]:
        pieces: Sequence[bytes | None] = await self._engine.call("HMGET", self._keys.ticket(ticket), *_NAMES)
        status, reopened, at = (json.loads(piece or b"0") for piece in pieces)
        return str(status), int(reopened), int(at)
