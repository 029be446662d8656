"""How often Slack lets a method be called: by method in any minute, and for messages one in a channel in any second.

The numbers stand at the methods; they are those of "Rate limits" on docs.slack.dev and of Slack's Java SDK. Slack takes
short bursts beyond them and does not say how long, so here there are none. A call that is put off is not counted.
"""

from collections import deque
from collections.abc import Callable

MINUTE_MS, SECOND_MS = 60_000, 1_000
_POST = "chat.postMessage"


class CallRates:
    """What was called when. `now` is in milliseconds since 1970."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._called = dict[tuple[str, ...], deque[int]]()

    def wait(self, method: str, a_minute: int, channel: str) -> int:
        """Seconds until the call is let in; 0 when it is now, and then it counts."""
        buckets: list[tuple[tuple[str, ...], int, int]] = [((method,), a_minute, MINUTE_MS)]
        if method == _POST:
            buckets.append(((method, channel), 1, SECOND_MS))
        waits = [self._wait(*bucket) for bucket in buckets]
        if max(waits) > 0:
            return -(-max(waits) // 1_000)
        for key, _, _ in buckets:
            self._called[key].append(self._now())
        return 0

    def _wait(self, key: tuple[str, ...], most: int, period: int) -> int:
        called = self._called.setdefault(key, deque())
        while called and called[0] <= self._now() - period:
            called.popleft()
        return called[0] + period - self._now() if len(called) >= most else 0
