"""Ids that we choose: UUIDv7 (RFC 9562 section 5.7), so that ids sort by the time they were made."""

import secrets
from uuid import UUID


def new_id(now_ms: int) -> str:
    """A fresh id for this instant, in milliseconds since 1970."""
    random = secrets.randbits(74)
    value = (now_ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return str(UUID(int=value))


def time_of(id_: str) -> int:
    """When such an id was made, in milliseconds since 1970."""
    return UUID(id_).int >> 80


def new_reference() -> str:
    """128 random bits for what outsiders may hold: it cannot be guessed."""
    return secrets.token_urlsafe(16)
