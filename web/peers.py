"""Who is at the other end, and how much one peer may ask for.

The peer is the address of the socket. Only when that is one of the trusted proxies is X-Forwarded-For read, from the
right, up to the first address that is not trusted: what stands further left was written by the client and proves
nothing. Limits count an IPv6 peer by its /64, which is what one household or machine is given.

`PeerLimiter` is a token bucket per peer, in this process only, in bounded memory: the peer longest unseen is forgotten
first, which at worst gives it a full bucket again.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache

from aiohttp import hdrs, web

from ..config.errors import Overloaded

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN = "unknown"


@lru_cache(maxsize=4096)
def address_of(text: str) -> Address | None:
    """The address that a text means, IPv4-mapped ones as IPv4; None when it means none."""
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def limited_as(peer: str) -> str:
    """The key under which a peer is counted."""
    address = address_of(peer)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return peer if address is None else str(address)


class Peers:
    """Tells who is at the other end of a request."""

    def __init__(self, trusted_proxies: Iterable[str] = ()) -> None:
        self._trusted: tuple[Network, ...] = tuple(
            ipaddress.ip_network(entry, strict=False) for entry in trusted_proxies
        )

    def trusts(self, text: str) -> bool:
        """Whether the address is a proxy whose word counts."""
        address = address_of(text)
        return address is not None and any(address in network for network in self._trusted)

    def peer(self, request: web.Request) -> str:
        """The address that the request comes from."""
        remote = request.remote or UNKNOWN
        if not self._trusted or not self.trusts(remote):
            return remote
        hops = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, ())).split(",")
        for hop in reversed(hops):
            address = address_of(hop)
            if address is None:
                return remote  # a proxy that says nothing readable vouches for nobody but itself
            remote = str(address)
            if not self.trusts(remote):
                return remote
        return remote


class PeerLimiter:
    """At most `burst` at once and `per_minute` in the long run, for each peer."""

    def __init__(
        self,
        *,
        per_minute: float,
        burst: int,
        remembered: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._remembered = remembered
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, peer: str) -> float:
        """Take one; 0 when there was one, else the seconds until there will be."""
        key, now = limited_as(peer), self._monotonic()
        level, seen = self._buckets.pop(key, (float(self._burst), now))
        level = min(float(self._burst), level + (now - seen) * self._rate)
        allowed = level >= 1
        self._buckets[key] = (level - 1 if allowed else level, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - level) / self._rate

    def demand(self, peer: str) -> None:
        """Take one. Raises Overloaded with the seconds to wait."""
        if (seconds := self.wait(peer)) > 0:
            raise Overloaded("a peer is over its limit", peer=peer, retry_after=int(seconds) + 1)
