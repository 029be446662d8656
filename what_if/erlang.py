"""Erlang's delay formula: how likely somebody waits, and how many slots are needed so that few wait too long. Pure.

M/M/n: the load is the mean number of tickets that would be in work if nobody waited (arrivals per time, times the time
that one takes); P(wait > t) = C(n, load) e^(-(n - load) t / work).
"""

import math

MOST = 10_000  # slots that are tried


def wait_probability(slots: int, load: float) -> float:
    """Erlang C: the share of tickets that find no free slot; 1 where the slots are fewer than the load."""
    if load <= 0:
        return 0.0
    if slots <= load:
        return 1.0
    blocked = 1.0
    for number in range(1, slots + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - (load / slots) * (1 - blocked))


def late_probability(slots: int, load: float, work: float, target: float) -> float:
    """The share that waits for longer than the target; `work` is the mean time of one, in the same unit."""
    if slots <= load:
        return 1.0 if load > 0 else 0.0
    return wait_probability(slots, load) * math.exp(-(slots - load) * target / work)


def slots_for(load: float, work: float, target: float, share: float) -> int:
    """The fewest slots with which this share waits no longer than the target."""
    slots = max(1, math.floor(load) + 1) if load > 0 else 0
    while slots < MOST and late_probability(slots, load, work, target) > 1 - share:
        slots += 1
    return slots
