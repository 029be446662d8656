"""The aim of a ticket: the moment by which tickets are ordered, the smallest first. No aim depends on the clock.

    on time     the soft deadline
    late        arrival + 2 targets, then arrival + 4 targets: who is late lets those pass who can be on time
    after that  the deadline again, so that it is head of the line for good

A late ticket climbs this ladder only when somebody looks at it in its line, at most three times in its life. The
previous agent sees a returning ticket half its mean work sooner than its aim, everybody else half of it later.
"""

from .tickets import FINAL, Ticket
from .tuning import Tuning


def is_late(ticket: Ticket, now: int) -> bool:
    """Whether it has passed its aim and has a step of the ladder left."""
    return ticket.step < FINAL and ticket.aim < now


def next_aim(ticket: Ticket, tuning: Tuning) -> int:
    """The aim after one more step of the ladder."""
    if ticket.step < len(tuning.ladder):
        return ticket.arrived_at + tuning.ladder[ticket.step] * ticket.target
    return ticket.due


def bonus(work: int, tuning: Tuning) -> int:
    """By how much the places of a returning ticket lie apart from its aim."""
    return work * tuning.bonus_halves // 2


def mismatch(speed: int, work: int, tuning: Tuning) -> int:
    """By how much later somebody of this speed sees a ticket of this mean work."""
    return (1000 - speed) * (work * tuning.match_eighths // 8) // 1000


def hold_until(ticket: Ticket, now: int, tuning: Tuning) -> int:
    """Until when it may be held for its previous agent; not after `now`: not at all."""
    return now + min(ticket.hold, (ticket.aim - now) * tuning.hold_quarters // 4)
