"""A person says that a ticket is spam: it is closed as such, its sender blocked if wished; both can be undone.

A block holds what was really there (blocked_senders.py): where nobody had proven who wrote the ticket, only what is
unproven is held, and the person in whose name it was written writes on. Undone, the ticket is what it was before.
"""

from typing import Literal

from ..config.errors import Conflict, NotFound
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptKeys
from .blocked_senders import BlockedSenders, Holds, blocked_key
from .stored_ticket import StoredTicket, load_ticket
from .ticket_keys import TicketKeys

_MARK = Script.beside(__file__, "mark_spam.lua")

Block = Literal["nobody", "sender", "domain"]


class SpamTickets:
    """Decides what is spam."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)
        self._blocked = BlockedSenders(engine, clock)

    async def mark(self, ticket: str, *, block: Block, actor: str) -> None:
        """Close it as spam; again is fine. Raises NotFound, Invalid or Conflict when that cannot be."""
        stored = await load_ticket(self._engine, ticket)
        sender = sender_of(stored)
        if block != "nobody" and not sender:
            raise Conflict(f"{stored.record.number} has no sender with an e-mail address to block")
        whom = sender if block == "sender" else f"@{sender.rpartition('@')[2]}"
        if block != "nobody":
            blocked_key(whom)
        await self._run(stored, actor, spam=True)
        if block != "nobody":
            reason, holds = f"{stored.record.number} is spam", holds_of(stored)
            await self._blocked.block(whom, holds=holds, actor=actor, reason=reason, ticket=stored.record.id)

    async def unmark(self, ticket: str, *, actor: str) -> None:
        """It was none: it is what it was, and whom the mark blocked writes in again. Raises NotFound, Conflict."""
        stored = await load_ticket(self._engine, ticket)
        await self._run(stored, actor, spam=False)
        await self._blocked.lift(stored.record.id)

    async def _run(self, stored: StoredTicket, actor: str, *, spam: bool) -> None:
        keys: ScriptKeys = {"ticket": self._keys.ticket(stored.record.id), "desk": self._keys.desk}
        number = stored.record.number
        match await self._engine.run(_MARK, keys, {"now": self._clock.now(), "actor": actor, "spam": spam}):
            case b"MISSING":
                raise NotFound(f"there is no ticket {stored.record.id}")
            case b"CLOSED":
                raise Conflict(f"{number} is closed and was no spam; it stays as it is")
            case b"MERGED":
                raise Conflict(f"{number} is merged into another ticket; work there")


def holds_of(stored: StoredTicket) -> Holds:
    """What a block of this ticket's sender holds."""
    return "unproven" if stored.record.unproven else "all"


def sender_of(stored: StoredTicket) -> str:
    """The mail address that opened the ticket; empty where there is none."""
    sender = str(stored.work.facts.get("sender", ""))
    return sender if "@" in sender else ""
