"""How soon a customer should hear from us, by channel and priority.

It is the time in which a waiting ticket should get an agent, by which the most due waits at the front, and in which
somebody who wrote should have an answer. Whoever waits before a chat is owed minutes, whoever sent a letter hours.
"""

from collections.abc import Mapping

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

_LETTERS: Mapping[int, int] = {1: 15 * MINUTE_MS, 2: HOUR_MS, 3: 4 * HOUR_MS, 4: 8 * HOUR_MS}
_LIVE: Mapping[int, int] = {1: MINUTE_MS, 2: 2 * MINUTE_MS, 3: 3 * MINUTE_MS, 4: 5 * MINUTE_MS}


def target_ms(priority: int, *, live: bool) -> int:
    """The time in milliseconds; priorities are 1 to 4, and `live` is a fact of the channel."""
    return (_LIVE if live else _LETTERS)[priority]
