"""Accounts of channels whose messages do not come or do not leave, as `/readyz` tells them: by name, with what to do.

What the vendor said of it is on the board and in the log, because anybody may ask here.
"""

from collections.abc import Sequence

from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.unread_sources import UnreadSources
from ..router.parking import Parking

_REFUSED = "credentials refused: trunkline channels check says what is missing, and the board the cause"
_AWAY = "not reached or put off: it is tried by itself, and the board has the cause"
_ELSEWHERE = "hands its messages to somebody else, or to nobody: the board has the remedy"


async def hindrances(engine: Engine, clock: Clock) -> Sequence[str]:
    """A sentence for each account, once. Raises EngineUnavailable."""
    found = dict[str, str]()
    for each in await UnreadSources(engine, clock).list():
        words = _ELSEWHERE if each.elsewhere else _REFUSED if each.credentials else _AWAY
        found.setdefault(f"{each.channel} {each.account}", words)
    for parked in await Parking(engine, clock).list():
        found.setdefault(f"{parked.channel} {parked.account}", _REFUSED if parked.credentials else _AWAY)
    return [f"{name}: {words}" for name, words in found.items()]
