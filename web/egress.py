"""Requests to addresses that somebody else chose, without becoming their way into our network.

`guarded_session` makes an aiohttp session that connects to public addresses only. Names are checked when they are
resolved, and every address is checked again where the socket is made, so neither a literal address nor a name that
resolves differently the second time gets through. Redirects are not followed by those who use it (`allow_redirects`
is theirs to set), proxies of the environment are not used, cookies are not kept.

`allow_private` admits loopback, private and shared networks; link-local addresses, multicast and the well-known
metadata addresses of clouds stay refused even then.
"""

import ipaddress
import socket
from functools import lru_cache
from typing import Any

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from .peers import Address, Network


class AddressRefusedError(OSError):
    """The address is not one that we connect to."""


def _networks(*written: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in written)


# IANA special-purpose address registries (RFC 6890), written out because what `is_global` says differs by version;
# and the addresses at which clouds hand out their machines' credentials.
_NEVER = _networks(
    "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32",
    "2001::/32", "2001:db8::/32", "3fff::/20", "fd00:ec2::254/128",
)  # fmt: skip
_PRIVATE = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15",
    "::1/128", "fc00::/7",
)  # fmt: skip
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")  # RFC 4291 section 2.4: so far the only global unicast there is
# Addresses that carry an IPv4 address inside: what counts is the one inside.
_CARRIERS = tuple(
    ipaddress.IPv6Network(network)
    for network in ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96")  # mapped, RFC 2765, old, RFC 6052
)
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")  # RFC 3056


@lru_cache(maxsize=4096)
def may_connect(text: str, allow_private: bool = False) -> bool:
    """Whether we connect to this address; what is not an address is refused."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return _allowed(_meant(address), allow_private)


def _meant(address: Address) -> Address:
    """The address, or the IPv4 address that it carries."""
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback:
        return address
    if any(address in network for network in _CARRIERS):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    return address


def _allowed(address: Address, allow_private: bool) -> bool:
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    if any(address in network for network in _PRIVATE if network.version == address.version):
        return allow_private
    return isinstance(address, ipaddress.IPv4Address) or address in _PUBLIC_IPV6


class GuardedResolver(AbstractResolver):
    """Resolves names to the addresses that we connect to."""

    def __init__(self, allow_private: bool, inner: AbstractResolver | None = None) -> None:
        self._allow_private = allow_private
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed addresses of a name; none of them when one is not allowed."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(may_connect(entry["host"], self._allow_private) for entry in found):
            raise AddressRefusedError(f"{host} is at an address that is not connected to")
        return found

    async def close(self) -> None:
        """Release the inner one."""
        await self._inner.close()


def guarded_session(
    *, allow_private: bool, timeout: ClientTimeout, resolver: AbstractResolver | None = None
) -> ClientSession:
    """A session that connects only where it may; close it after use."""

    def make_socket(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, peer = info
        if not may_connect(str(peer[0]), allow_private):
            raise AddressRefusedError(f"{peer[0]} is not connected to")
        return socket.socket(family, kind, protocol)

    connector = TCPConnector(
        resolver=GuardedResolver(allow_private, resolver), socket_factory=make_socket, limit=50, limit_per_host=10
    )
    return ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar(), trust_env=False)
