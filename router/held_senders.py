"""What is held of a sender who wrote too much (sender_caps.py): how much it is, and letting it go with one step."""

from contextlib import suppress

from ..config.errors import NotFound
from ..queue.connection import Engine
from .spam_tickets import sender_of
from .stored_ticket import StoredTicket, load_ticket
from .suspended import SuspendedMessages

MOST = 500  # filed in one step


class HeldSenders:
    """The held messages of whoever opened a ticket."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._suspended = SuspendedMessages(engine)

    async def count(self, stored: StoredTicket) -> int:
        """How many there are."""
        sender = sender_of(stored)
        return await self._suspended.held_count(sender) if sender else 0

    async def release(self, ticket: str) -> int:
        """File the oldest of them, up to `MOST`, in the order in which they came; how many. Raises NotFound."""
        sender = sender_of(await load_ticket(self._engine, ticket))
        ids = await self._suspended.held_of(sender, MOST) if sender else []
        released = 0
        for id_ in ids:
            with suppress(NotFound):  # somebody has decided it meanwhile
                await self._suspended.release(id_)
                released += 1
        return released
