"""Accounts of channels whose messages do not come or do not leave, as `/readyz` tells them: by name, with what to do.

What the vendor said of it is on the board and in the log, because anybody may ask here. They may ask as often as they
like: the engine is asked once in `KEPT_SECONDS`, and how many messages wait is not counted.
"""

import math
import time
from collections.abc import Callable, Sequence

from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.unread_sources import UnreadSources
from ..router.parking import Parking

KEPT_SECONDS = 3.0
LOOKED_AT = 20  # of the messages that wait for an account, to tell whether any does

_REFUSED = "credentials refused: trunkline channels check says what is missing, and the board the cause"
_AWAY = "not reached or put off: it is tried by itself, and the board has the cause"
_ELSEWHERE = "hands its messages to somebody else, or to nobody: the board has the remedy"


async def hindrances(engine: Engine, clock: Clock) -> Sequence[str]:
    """A sentence for each account, once. Raises EngineUnavailable."""
    found = dict[str, str]()
    for each in await UnreadSources(engine, clock).list():
        words = _ELSEWHERE if each.elsewhere else _REFUSED if each.credentials else _AWAY
        found.setdefault(f"{each.channel} {each.account}", words)
    for parked in await Parking(engine, clock).list(LOOKED_AT):
        found.setdefault(f"{parked.channel} {parked.account}", _REFUSED if parked.credentials else _AWAY)
    return [f"{name}: {words}" for name, words in found.items()]


class KeptHindrances:
    """Those of a moment ago; `seconds` is a clock that never goes back."""

    def __init__(self, engine: Engine, clock: Clock, seconds: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._seconds = seconds
        self._due = -math.inf
        self._told: Sequence[str] = ()

    async def list(self) -> Sequence[str]:
        """Whoever asks while somebody else is looking hears what was known before. Raises EngineUnavailable."""
        if self._seconds() >= self._due:
            self._due = self._seconds() + KEPT_SECONDS
            self._told = await hindrances(self._engine, self._clock)
        return self._told
