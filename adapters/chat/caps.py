"""How much visitors may ask for: messages and frames of a visitor, connections of a visitor and of a network address,
new visitors of an address, bytes that are being uploaded.

What is counted is counted in this process, in bounded memory. A flood is answered with the seconds to wait; whoever
goes on all the same is cut off, and nobody else notices.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ...web.peers import PeerLimiter, limited_as
from .endings import flood
from .settings import ChatCaps

FRAMES_PER_MINUTE, FRAMES_AT_ONCE = 300, 120
FRAME_REFUSALS = 30
"""So many refusals in a row end a connection."""

CROWDED_SECONDS = 20

UPLOADING_SHARE = 4
"""One address may have this part of the bytes being uploaded, or one file; so a few slow ones stop nobody else."""


class Caps:
    """The caps of one site."""

    def __init__(self, caps: ChatCaps) -> None:
        self._caps = caps
        self._messages = PeerLimiter(per_minute=caps.messages_per_minute, burst=caps.burst)
        self._frames = PeerLimiter(per_minute=FRAMES_PER_MINUTE, burst=FRAMES_AT_ONCE)
        self._visitors = PeerLimiter(per_minute=caps.visitors_per_minute, burst=max(1, int(caps.visitors_per_minute)))
        self._by_visitor: Counter[str] = Counter()
        self._by_address: Counter[str] = Counter()
        self._uploading: Counter[str] = Counter()

    def message(self, visitor: str) -> float:
        """Count a message; 0 when there is room for it, else the seconds until there will be."""
        return self._messages.wait(visitor)

    def frame(self, visitor: str) -> float:
        """Count a frame of another kind, in the same way."""
        return self._frames.wait(visitor)

    def demand_visitor(self, peer: str) -> None:
        """Count somebody new from this address. Raises Overloaded."""
        if (seconds := self._visitors.wait(peer)) > 0:
            raise flood(seconds, "too many new visitors from one address")

    @contextmanager
    def connection_from(self, peer: str) -> Iterator[None]:
        """A connection from this address is open. Raises Overloaded."""
        with _counted(self._by_address, limited_as(peer), self._caps.sockets_per_address, "address"):
            yield

    @contextmanager
    def connection_of(self, visitor: str) -> Iterator[None]:
        """A connection of this visitor is open. Raises Overloaded."""
        with _counted(self._by_visitor, visitor, self._caps.sockets_per_visitor, "visitor"):
            yield

    @contextmanager
    def upload(self, peer: str, size: int) -> Iterator[None]:
        """So many bytes are being uploaded from this address. Raises Overloaded."""
        key, under_way = limited_as(peer), self._uploading
        share = max(self._caps.file, self._caps.uploading // UPLOADING_SHARE)
        if under_way.total() + size > self._caps.uploading or under_way[key] + size > share:
            raise flood(5, "too many files are being uploaded at once")
        under_way[key] += size
        try:
            yield
        finally:
            under_way[key] -= size
            if under_way[key] <= 0:
                del under_way[key]


@contextmanager
def _counted(counts: Counter[str], key: str, most: int, what: str) -> Iterator[None]:
    if counts[key] >= most:
        raise flood(CROWDED_SECONDS, f"too many connections of one {what}")
    counts[key] += 1
    try:
        yield
    finally:
        counts[key] -= 1
        if counts[key] <= 0:
            del counts[key]
