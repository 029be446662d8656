"""Statuses and priorities as people say them, and the tone in which a page does: one table each, for every page."""

from ...router.life_cycle import ACTIVE
from ...router.records import Ticket

PRIORITIES = {1: "1 urgent", 2: "2 high", 3: "3 normal", 4: "4 low"}

_STATUSES = {"on_hold": "on hold"}

PARKING = {"pending": "Pending: wait for the customer", "on_hold": "On hold: wait for somebody else"}
"""What a button says that parks a ticket."""


DECLINES = ("No time now", "Not my subject", "Not my language", "I know the customer")
"""Why an offer is declined, to choose from."""


_TONES = {1: "bad", 2: "warn"}


def urgency(priority: int) -> str:
    """The tone of a priority; empty when it is not urgent."""
    return _TONES.get(priority, "")


def status_tone(status: str) -> str:
    """The tone of a status: whether there is something to do, or it is done."""
    return "accent" if status in ACTIVE else "good" if status == "solved" else ""


def status_words(status: str) -> str:
    """A status as people say it."""
    return _STATUSES.get(status, status)


def standing(ticket: Ticket) -> str:
    """How a ticket stands, as people say it; one that is merged is not merely closed."""
    return "merged" if ticket.merged_into else status_words(ticket.status)
