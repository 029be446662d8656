"""The life cycle of a ticket: one table of moves. docs/life_cycle.md draws it.

    new       filed, nobody has it yet           accept → open
    open      an agent works on it, or it waits for one again
    pending   we wait for the customer           their message → open
    on_hold   we wait for somebody else          their message → open
    solved    we think it is done                their message → open (reopened, counted)
    closed    done; it stays as it is            their message → a new ticket with follow_up_of

Pending, on hold, solved and closed tickets free their agent's slot. `resolution` says how a solved or closed ticket
ended: resolved or cancelled.
"""

from collections.abc import Sequence

from ..config.errors import Conflict, Invalid
from ..queue.script_head import names_beside
from .records import Resolution, Status

MOVES: dict[Status, frozenset[Status]] = {
    "new": frozenset({"new", "open", "pending", "on_hold", "solved", "closed"}),
    "open": frozenset({"open", "pending", "on_hold", "solved", "closed"}),
    "pending": frozenset({"pending", "open", "on_hold", "solved", "closed"}),
    "on_hold": frozenset({"on_hold", "open", "pending", "solved", "closed"}),
    "solved": frozenset({"solved", "open", "pending", "on_hold", "closed"}),
    "closed": frozenset({"closed"}),
}

ACTIVE = frozenset(names_beside(__file__, "life_cycle.lua", "active"))
FINISHED = frozenset(names_beside(__file__, "life_cycle.lua", "finished"))
PARKED: Sequence[Status] = tuple(status for status in MOVES if status not in ACTIVE | FINISHED)


def may_come_from(status: Status) -> dict[str, bool]:
    """The statuses from which a ticket may move to this one, as the scripts take them."""
    return {before: True for before, after in MOVES.items() if status in after}


def resolution_of(status: Status | None, given: Resolution | None) -> Resolution | None:
    """The resolution that goes with a status; finished tickets have one, others have none. Raises Invalid."""
    if status in FINISHED:
        return given or "resolved"
    if given is not None:
        raise Invalid("a resolution goes with the status solved or closed", field="resolution")
    return None


def cannot_move(before: str, after: str) -> Conflict:
    """The error for a move that the table does not have."""
    remedy = " A closed ticket stays closed; open a new one." if before == "closed" else ""
    return Conflict(f"a ticket that is {before} cannot become {after}.{remedy}", status=before)
