"""A mail as signatures see it: header fields as they came, byte by byte, and the body.

The reader of mails (`mime`) is lenient; this is not. Where headers cannot be told apart for certain (a line that is
none, a lone carriage return, a NUL), the mail is `doubtful`: one reader could see another sender than the other, so no
signature on it proves anything. Bare line feeds count as line ends, for both.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256

from .canonical import canonical_body, canonical_field

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
    """The fields from top to bottom, and the body with CRLF line ends."""

    fields: tuple[SignedField, ...]
    body: bytes
    doubtful: bool = False
    _digests: dict[bool, bytes] = field(default_factory=dict, compare=False)

    def all(self, name: str) -> tuple[SignedField, ...]:
        """The fields of this name, from top to bottom."""
        return self._by_name.get(name, ())

    def headers(self, names: Iterable[str], *, relaxed: bool) -> bytes:
        """The fields that a signature names, each name once more taken from further up (RFC 6376 section 5.4.2)."""
        left = {name: list(fields) for name, fields in self._by_name.items()}
        taken = [left[name].pop() for name in names if left.get(name)]
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
    def _by_name(self) -> dict[str, tuple[SignedField, ...]]:
        found: dict[str, tuple[SignedField, ...]] = {}
        for each in self.fields:
            found[each.name] = (*found.get(each.name, ()), each)
        return found


def read_signed(raw: bytes) -> SignedMessage:
    """The mail in linear time; never raises."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if raw.startswith(b"\r\n"):
        return SignedMessage((), raw[2:])
    head, _, body = raw.partition(b"\r\n\r\n")
    fields: list[tuple[str, list[bytes]]] = []
    doubtful = b"\0" in head or b"\r" in head.replace(b"\r\n", b"")
    for line in head.removesuffix(b"\r\n").split(b"\r\n") if head else ():
        begin = _FIELD.match(line)
        if begin is not None:
            fields.append((begin[1].decode("ascii").lower(), [line]))
        elif fields and line[:1] in (b" ", b"\t"):
            fields[-1][1].append(line)
        else:
            doubtful = True
    whole = (SignedField(name, b"\r\n".join(lines) + b"\r\n") for name, lines in fields)
    return SignedMessage(tuple(whole), body, doubtful)
