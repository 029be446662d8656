"""Networks as a person writes them: `10.0.0.0/8`, `192.0.2.7`, `::1`."""

import ipaddress
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from .section import wrong

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(value: object) -> Network:
    if isinstance(value, Network):
        return value
    try:
        return ipaddress.ip_network(str(value).strip(), strict=False)
    except ValueError:
        raise wrong("a network such as 10.0.0.0/8, 192.0.2.7 or ::1") from None


def takes_in_strangers(network: Network) -> bool:
    """Whether it is larger than any network of one's own can be: 10.0.0.0/8 (RFC 1918), fc00::/7 (RFC 4193)."""
    return network.prefixlen < (8 if network.version == 4 else 7)


TrustedNetwork = Annotated[
    Network,
    BeforeValidator(_network),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["127.0.0.0/8", "192.0.2.7"]}),
]
