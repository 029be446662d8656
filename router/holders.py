"""Who has a ticket: its agent, or whoever is asked. Pure.

What somebody may do with a ticket can hang on who has it, and that can change before it is done. So the judgement and
the act name the same holder, and the script that acts compares (assign.lua, accept.lua).
"""

from collections.abc import Sequence
from typing import Any

from ..config.errors import Conflict, NotFound
from .records import Ticket


def holder_of(ticket: Ticket) -> str:
    """The agent who has it, or to whom it is offered; empty for nobody."""
    return ticket.assignee or (ticket.offer.agent if ticket.offer else "")


def demand_holder(ticket: Ticket, seen: str | None, agent: str) -> None:
    """Whether the ticket is still with whom somebody saw who now gives it to `agent`; None for who did not look.

    Raises Conflict.
    """
    holder = holder_of(ticket)
    if seen not in (None, holder) and ticket.assignee != agent:
        raise gone_from(ticket, str(seen), holder)


def gone_from(ticket: Ticket, seen: str, holder: str) -> Conflict:
    """The ticket is not with whom it was seen, but with the holder, or with nobody."""
    if holder:
        has = "is assigned to" if ticket.assignee else "is offered to"
        return Conflict(f"{ticket.number} {has} {holder} by now", agent=holder)
    return Conflict(f"{ticket.number} is not with {seen} any more, but free")


def raise_for_others(reply: Sequence[Any], ticket: Ticket) -> None:
    """Raises NotFound, or Conflict naming who has it, when the script's answer says so."""
    match reply[0]:
        case b"MISSING":
            raise NotFound(f"there is no ticket {ticket.id}")
        case b"OFFERED":
            raise Conflict(f"{ticket.number} is offered to {reply[1].decode()}", agent=reply[1].decode())
        case b"HELD":
            raise Conflict(f"{ticket.number} is assigned to {reply[1].decode()}", agent=reply[1].decode())
