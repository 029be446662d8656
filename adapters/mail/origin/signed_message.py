"""A mail as signatures see it: header fields as they came, byte by byte, and the body.

The reader of mails (`mime`) is lenient; this is not. Where headers cannot be told apart for certain (a line that is
none, a lone carriage return, a NUL), one reader could see another sender than the other, so nothing on the mail proves
anything: it has no fields here. Nor has one with headers over the limits; the lenient reader stops early in some of
these. Either is found out before anything is made of the fields. Bare line feeds count as line ends, for both.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256

from .canonical import canonical_body, canonical_field

# As far as the lenient reader goes; a test holds them together.
LONGEST_HEADERS = 256 * 1024
LONGEST_FIELD = 16 * 1024
MOST_LINES = 20_000
_LARGE = 256 * 1024
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")


@dataclass(frozen=True)
class SignedField:
    """One header field: its name in lower case, and all of it, ending in CRLF."""

    name: str
    raw: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the colon."""
        return self.raw.partition(b":")[2]


@dataclass(frozen=True)
class SignedMessage:
    """The fields from top to bottom, none when they cannot be told apart, and the body with CRLF line ends."""

    fields: tuple[SignedField, ...]
    body: bytes
    _digests: dict[bool, bytes] = field(default_factory=dict, compare=False)

    def all(self, name: str) -> Sequence[SignedField]:
        """The fields of this name, from top to bottom."""
        return self._by_name.get(name, ())

    def headers(self, names: Sequence[str], *, relaxed: bool) -> bytes:
        """The fields that a signature names, each name once more taken from further up (RFC 6376 section 5.4.2)."""
        left = {name: list(self.all(name)) for name in set(names)}
        taken = [left[name].pop() for name in names if left[name]]
        return b"".join(canonical_field(field.raw, relaxed=relaxed) for field in taken)

    async def body_digest(self, *, relaxed: bool) -> bytes:
        """SHA-256 of the canonical body; a large one is read in a thread, and once for all signatures."""
        if relaxed not in self._digests:
            work = partial(canonical_body, self.body, relaxed=relaxed)
            large = len(self.body) > _LARGE
            canonical = await asyncio.to_thread(work) if large else work()
            self._digests[relaxed] = sha256(canonical).digest()
        return self._digests[relaxed]

    @cached_property
    def _by_name(self) -> dict[str, list[SignedField]]:
        found: dict[str, list[SignedField]] = {}
        for each in self.fields:
            found.setdefault(each.name, []).append(each)
        return found


def read_signed(raw: bytes) -> SignedMessage:
    """The mail in linear time; never raises."""
    raw = raw.replace(b"\r\n", b"\n")
    head, _, body = (b"", b"", raw[1:]) if raw.startswith(b"\n") else raw.partition(b"\n\n")
    fields = _fields(head.removesuffix(b"\n")) if head else ()
    return SignedMessage(fields, body.replace(b"\n", b"\r\n"))


def _fields(head: bytes) -> tuple[SignedField, ...]:
    """The fields between whose lines stand line feeds; none as soon as it is not certain where they begin."""
    too_many = len(head) > LONGEST_HEADERS or head.count(b"\n") >= MOST_LINES
    if too_many or b"\0" in head or b"\r" in head:
        return ()
    fields: list[tuple[str, list[bytes]]] = []
    for line in head.split(b"\n"):
        begin = _FIELD.match(line)
        if begin is not None:
            fields.append((begin[1].decode("ascii").lower(), [line]))
        elif fields and line[:1] in (b" ", b"\t"):
            fields[-1][1].append(line)
        else:
            return ()
    return tuple(SignedField(name, b"\r\n".join(lines) + b"\r\n") for name, lines in fields)
