"""The token in the address that a customer answers to: `support+token@example.com`.

It names a ticket and the person that it was given to, and carries a keyed check, so that nobody can make one up or
change the ticket in it. Nothing is stored for it, and it does not expire. 20 bytes, written as 32 characters of base32
in lower case, because local parts lose their case on the way:

    5 bytes   number of the ticket
    5 bytes   HMAC-SHA256(key, "recipient" 0 address): whom it was given to
    10 bytes  HMAC-SHA256(key, "ticket" 0 number recipient): the check; 80 bits, guessed once in 10^24 tries
"""

import binascii
import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass

LENGTH = 32
SEVERAL = "several"  # no address: a token that several people are given says which ticket, and proves nobody
_PREFIX = "T-"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says whose check held."""

    number: str
    recipient: bytes


def make_token(key: bytes, number: str, recipient: str) -> str:
    """The token for this ticket (`T-1042`) and this person (a normalised address)."""
    ticket = int(number.removeprefix(_PREFIX)).to_bytes(5, "big")
    person = _person(key, recipient)
    return b32encode(ticket + person + _check(key, ticket, person)).decode().lower()


def read_token(key: bytes, token: str) -> Claim | None:
    """What the token says, or None when it was not made with this key."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        content = b32decode(token.upper())
    except binascii.Error:
        return None
    ticket, person, check = content[:5], content[5:10], content[10:]
    if not hmac.compare_digest(check, _check(key, ticket, person)):
        return None
    return Claim(f"{_PREFIX}{int.from_bytes(ticket, 'big')}", person)


def is_bound_to(key: bytes, claim: Claim, address: str) -> bool:
    """Whether the token was given to this person (a normalised address)."""
    return hmac.compare_digest(claim.recipient, _person(key, address))


def _person(key: bytes, recipient: str) -> bytes:
    return hmac.digest(key, b"recipient\0" + recipient.encode(), "sha256")[:5]


def _check(key: bytes, ticket: bytes, person: bytes) -> bytes:
    return hmac.digest(key, b"ticket\0" + ticket + person, "sha256")[:10]
