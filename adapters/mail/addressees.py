"""Which of our addresses a mail was really for.

RCPT says by which of our doors a mail came in. A catch-all, an alias or a forwarding rule on the way puts its own
target there, and then two others know better whom it was for:

* what the servers on the way wrote down (`TRACES`), where a trusted peer handed it over: from anybody else it is the
  sender's own word, and not looked at;
* To and Cc, where they name an address of ours and not the one of RCPT. A sender is free to write to any of our
  addresses, so believing this gives nothing away.

A mail of which neither tells anything else (a blind copy, a list) is for the address of RCPT. Addresses elsewhere that
are forwarded to us count as the one of ours that the configuration names (module `recipients`). Pure; never raises.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...normalizer.addresses import parse_addresses
from . import limits
from .mime import Headers
from .recipients import OwnAddresses, Recipient

TRACES = (  # the nearest to the author first; no standard defines them (RFC 9228 only Delivered-To)
    "x-original-to",  # Postfix, before aliases
    "x-forwarded-for",  # Gmail: who forwarded, then to whom
    "x-envelope-to",
    "envelope-to",  # Exim
    "x-rcpt-to",
    "x-real-to",
    "x-forwarded-to",
    "x-delivered-to",
    "delivered-to",
)
WRITTEN = ("to", "cc")
_ADDRESS = re.compile(r"[^\s,;<>\"()]{1,64}@[^\s,;<>\"()]{1,255}")
_RECEIVED_FOR = re.compile(r"\sfor\s+<?([^\s,;<>\"()]{1,64}@[^\s,;<>\"()]{1,255})")  # RFC 5321 section 4.4
_READ = 10  # of fields with the same name


@dataclass(frozen=True, slots=True)
class Addressees:
    """For whom a mail was; `named` are all of ours that it names anywhere."""

    meant: tuple[Recipient, ...]
    named: tuple[Recipient, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses of ours that it was for, and those elsewhere that stand for one."""
        every = (address for each in self.meant for address in (each.address, each.written))
        return tuple(dict.fromkeys(filter(None, every)))


def find_addressees(headers: Headers, arrived: Iterable[str], own: OwnAddresses, *, trusted: bool) -> Addressees:
    """The addressees of a mail that arrived for these; without any (a file), whatever it names is believed."""
    doors = own.found(arrived)
    written, traced = own.found(_written(headers)), own.found(_traced(headers))
    named = (*doors, *written, *traced)
    if not doors:
        return Addressees((*written, *traced), named)
    elsewhere = _beside(traced, doors) if trusted else []
    told = [each for each in elsewhere if each.address in _addresses(written)] or elsewhere[:1]
    if not told and not _addresses(doors) & _addresses(written):
        told = written
    return Addressees(tuple(told or doors), named)


def _written(headers: Headers) -> list[str]:
    found = [box.address for name in WRITTEN for value in headers.all(name)[:_READ] for box in parse_addresses(value)]
    return [address for address in found if address][: limits.ADDRESSES]


def _traced(headers: Headers) -> list[str]:
    fields = [value for name in TRACES for value in reversed(headers.all(name)[-_READ:])]
    ways = reversed(headers.all("received")[-_READ:])
    return [
        *(found for value in fields for found in _ADDRESS.findall(value)[:_READ]),
        *(found for value in ways for found in _RECEIVED_FOR.findall(value)[:1]),
    ]


def _beside(recipients: Iterable[Recipient], others: Iterable[Recipient]) -> list[Recipient]:
    known = _addresses(others)
    return [each for each in recipients if each.address not in known]


def _addresses(recipients: Iterable[Recipient]) -> set[str]:
    return {each.address for each in recipients}
