"""A ticket as stored: the record, and beside it what only the router keeps."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..config.errors import NotFound
from ..queue.connection import Engine
from .records import Ticket
from .ticket_keys import TicketKeys

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@dataclass(frozen=True)
class StoredTicket:
    """A record and the fields that begin with an underscore."""

    record: Ticket
    own: dict[str, Any]

    @classmethod
    def from_flat(cls, flat: Sequence[bytes]) -> Self:
        """The ticket of a hash as the engine gave it: names and pieces in turn."""
        stored = dict(zip(flat[::2], flat[1::2], strict=True))
        own = {name.decode(): json.loads(piece) for name, piece in stored.items() if name.startswith(b"_")}
        return cls(Ticket.from_hash(stored), own)


async def load_ticket(engine: Engine, ticket: str) -> StoredTicket:
    """Read a ticket by id or number. Raises NotFound."""
    keys = TicketKeys(engine)
    if ticket[:2].upper() == "T-":
        found = await engine.call("HGET", keys.threads, f"number:{ticket.upper()}")
        if found is None:
            raise NotFound(f"there is no ticket {ticket}")
        ticket = found.decode()
    if not _ID.match(ticket):
        raise NotFound(f"there is no ticket {ticket}")
    flat = await engine.call("HGETALL", keys.ticket(ticket))
    if not flat:
        raise NotFound(f"there is no ticket {ticket}")
    return StoredTicket.from_flat(flat)
