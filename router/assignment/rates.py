"""How often something happens, as a count that halves: exact in expectation, lazy, in whole numbers.

A count grows by UNIT with each event and is halved when an epoch of EPOCH_MS begins (epochs are multiples of it since
1970, the same for all counts, so counts compare without knowing the time). With a steady rate r the count at a moment
is r x UNIT x `span`, where `span` is EPOCH_MS and what has passed of the current epoch. A count and its epoch are all
that is stored. Halving rounds down; a division by a power of two is exact in Lua's doubles as it is here.
"""

from dataclasses import dataclass

EPOCH_MS = 1 << 20  # 17.5 minutes
UNIT = 16
LARGEST = 1 << 30  # a count stays below, so that products of it are whole in a double


def epoch_of(now: int) -> int:
    """The number of the epoch."""
    return now // EPOCH_MS


def span(now: int) -> int:
    """The time that a count stands for, in milliseconds."""
    return EPOCH_MS + now % EPOCH_MS


def decayed(count: int, epoch: int, now: int) -> int:
    """The count as it is now."""
    return count >> min(epoch_of(now) - epoch, 40)


@dataclass(slots=True)
class Rate:
    """One count."""

    count: int = 0
    epoch: int = 0

    def at(self, now: int) -> int:
        """The count now."""
        return decayed(self.count, self.epoch, now)

    def add(self, now: int) -> None:
        """Count one event."""
        self.count = min(self.at(now) + UNIT, LARGEST)
        self.epoch = epoch_of(now)


def scarcities(tenths: int, length: int = 64) -> tuple[int, ...]:
    """What a token is worth by how many free agents have it, in parts of 2^16; each step rounded down."""
    worth = [1 << 16]
    while len(worth) < length:
        worth.append(worth[-1] * tenths // 10)
    return tuple(worth)
