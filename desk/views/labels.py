"""Statuses and priorities as people say them: one table each, for every page."""

PRIORITIES = {1: "1 urgent", 2: "2 high", 3: "3 normal", 4: "4 low"}

_STATUSES = {"on_hold": "on hold"}

PARKING = {"pending": "Pending: wait for the customer", "on_hold": "On hold: wait for somebody else"}
"""What a button says that parks a ticket."""


def status_words(status: str) -> str:
    """A status as people say it."""
    return _STATUSES.get(status, status)
