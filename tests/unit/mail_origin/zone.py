"""A DNS of our own for tests: what each name has, in the words of the public SPF suite, and a lookup that reads it.

`{"example.org": [{"TXT": "v=spf1 -all"}, {"MX": [10, "mail.example.org"]}, "TIMEOUT"]}`; after `TIMEOUT`, what the name
does not have gets no answer.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trunkline.adapters.mail.origin.lookup import RecordKind
from trunkline.config.errors import NameServiceUnavailable

Zone = Mapping[str, Sequence[Any]]


class ZoneLookup:
    """Looks names up in a zone; `asked` holds what it was asked."""

    def __init__(self, zone: Zone) -> None:
        self.zone = {name.lower(): list(_records(entries)) for name, entries in zone.items()}
        self.asked: list[tuple[str, RecordKind]] = []

    async def __call__(self, name: str, kind: RecordKind) -> Sequence[str]:
        self.asked.append((name, kind))
        return self._found(name.removesuffix(".").lower(), kind)

    def _found(self, name: str, kind: RecordKind) -> Sequence[str]:
        if name.endswith((".in-addr.arpa", ".ip6.arpa")) and kind == "PTR":
            name = name if name in self.zone else str(_address(name))
        entries = self.zone.get(name, [])
        found = [value for entry, value in entries if entry == kind]
        if "TIMEOUT" in found or (not found and ("TIMEOUT", "") in entries):
            raise NameServiceUnavailable(f"no answer about {name}")
        aliases = [value for entry, value in entries if entry == "CNAME"]
        return found or [value for alias in aliases for value in self._found(alias.lower(), kind)]


def _records(entries: Iterable[Any]) -> Iterable[tuple[str, str]]:
    texts = [entry for entry in entries if isinstance(entry, Mapping) and "TXT" in entry]
    hosts = []
    for entry in entries:
        if entry == "TIMEOUT":
            yield "TIMEOUT", ""
            continue
        ((kind, value),) = entry.items()
        if kind == "MX":
            hosts.append((int(value[0]), value[1]))
        elif kind in ("TXT", "SPF"):
            if value != "NONE" and (kind == "TXT" or not texts):
                yield "TXT", (value if isinstance(value, str) else "".join(value)).encode().decode("latin-1")
        else:
            yield kind, value
    yield from (("MX", host) for _, host in sorted(hosts))


def _address(pointer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    labels = pointer.split(".")[:-2][::-1]
    if pointer.endswith("in-addr.arpa"):
        return ipaddress.ip_address(".".join(labels))
    digits = "".join(labels)
    return ipaddress.ip_address(":".join(digits[at : at + 4] for at in range(0, 32, 4)))
