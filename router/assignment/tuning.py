"""The numbers of the assignment, in one place; `docs/decisions/0029` says what each was measured to do.

Shares are whole fractions, so that Lua and Python compute the same: a numerator, and the denominator in the name.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Tuning:
    """What a router is tuned by. Times are milliseconds."""

    shortlist: int = 8
    """Free agents among whom the least scarce is chosen."""
    looks: int = 64
    """Places of one bucket that one search looks at; the sweep finds what lies behind them."""
    ladder: tuple[int, ...] = (2, 4)
    """Multiples of the target to which the aim of a late ticket moves, before it is head of the line for good."""
    horizon_quarters: tuple[int, ...] = (1, 2, 4)
    """Horizons of the slack test, in quarters of the target of the more important priority."""
    slack_fifths: int = 4
    """The share of the starts within a horizon that may be spoken for."""
    slack_reserve: int = 3
    """Tickets added to what is due, for what cannot be foreseen."""
    scarcity_tenths: int = 7
    """By so much the price of a token falls with each further free agent who has it."""
    overflow_tenths: int = 3
    """The share of the target after which a ticket is second-choice work too, and a heavy one has room kept."""
    bonus_halves: int = 1
    """How much sooner the previous agent sees a ticket, and how much later others do, in halves of its mean work."""
    match_eighths: int = 10
    """How much later a ticket is seen by an agent of no speed at all, in eighths of its mean work."""
    hold_quarters: int = 1
    """At most this share of the time left is held for the previous agent."""
    mean_work: int = 480_000
    """Of a signature of which no ticket has been finished yet."""
    work_memory: int = 32
    """The mean work of a signature moves by one of so many parts with each finished ticket."""
    ask_again: int = 300_000
    """After this time a ticket that all have declined is offered anew."""
    deserted_at_once: int = 100
    """Waiting tickets of a token that are looked at together when somebody who has it leaves; and tickets that an agent
    had before, when nothing is held for them any longer."""
    sweep_every: int = 60_000
    """The safety net's period."""


DEFAULT = Tuning()
