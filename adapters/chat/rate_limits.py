"""How much visitors may ask for: messages and frames of a visitor, connections of a visitor and of a network address,
new visitors of an address. The room for files that are being uploaded is that of `web/bodies.py`, one for each site.

What is counted is counted in this process, in bounded memory. A flood is answered with the seconds to wait; whoever
goes on all the same is cut off, and nobody else notices.
"""

from contextlib import AbstractContextManager

from ...config.errors import Overloaded
from ...web.bodies import Bodies
from ...web.peers import PeerLimiter, Peers, limited_as
from ...web.places import Places
from .close_codes import flood
from .settings import ChatCaps

FRAMES_PER_MINUTE, FRAMES_AT_ONCE = 300, 120
FRAME_REFUSALS = 30
"""So many refusals in a row end a connection."""

CROWDED_SECONDS = 20


class RateLimits:
    """The caps of one site."""

    def __init__(self, caps: ChatCaps, peers: Peers) -> None:
        self._messages = PeerLimiter(per_minute=caps.messages_per_minute, burst=caps.burst)
        self._frames = PeerLimiter(per_minute=FRAMES_PER_MINUTE, burst=FRAMES_AT_ONCE)
        self._visitors = PeerLimiter(per_minute=caps.visitors_per_minute, burst=max(1, int(caps.visitors_per_minute)))
        self._by_visitor = Places(each=caps.sockets_per_visitor)
        self.uploading = Bodies(peers, caps.uploading, apiece=0)
        self._by_address = Places(each=caps.sockets_per_address)

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

    def connection_from(self, peer: str) -> AbstractContextManager[None]:
        """A connection from this address is open. Raises Overloaded."""
        return self._by_address.held(limited_as(peer), refusal=_crowded)

    def connection_of(self, visitor: str) -> AbstractContextManager[None]:
        """A connection of this visitor is open. Raises Overloaded."""
        return self._by_visitor.held(visitor, refusal=_crowded)


def _crowded() -> Overloaded:
    return flood(CROWDED_SECONDS, "too many connections of one visitor or address")
