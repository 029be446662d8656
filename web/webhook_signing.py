"""Standard Webhooks 1.0: signing what we send, verifying what we are sent.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several may stand side by side, and
a source may have two live secrets, so that either side can rotate. Everything is done on bytes that were first checked
for length, characters and range: whatever is wrong with a request, it is Forged and never an exception of another kind.
Signatures are compared as text, not as the bytes they decode to, so there is one spelling of each. `v1a` (ed25519) is
not read.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence

from multidict import CIMultiDictProxy

from ..config.errors import Forged, Misconfigured

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

# "Not be allowed to include any `.`" (specification, "Signature scheme"): else the border to the timestamp could move.
_ID = re.compile(r"[!-\-/-~]{1,256}\Z")
_TIMESTAMP = re.compile(r"[0-9]{1,14}\Z")
_LONGEST_SIGNATURE = 2048
_MOST_SIGNATURES = 16
_CHALLENGE = "StandardWebhooks"
_MALFORMED = f"{ID} (1 to 256 visible ASCII characters without a dot), {TIMESTAMP} and {SIGNATURE} must be there, once"
_STALE = "the timestamp is more than five minutes from now"


class Stale(Forged):
    """The timestamp is too far from now."""


def key_of(secret: str) -> bytes:
    """The key in a secret, with or without its prefix and padding. Raises Misconfigured."""
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(f"a signing secret is {PREFIX} and base64") from None
    if not 16 <= len(key) <= 64:
        raise Misconfigured(f"a signing secret has 24 to 64 bytes, not {len(key)}")
    return key


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """The keys in one or two secrets with blanks between them; the first signs, all verify. Raises Misconfigured."""
    keys = tuple(key_of(secret) for secret in secrets.split())
    if not 1 <= len(keys) <= 2:
        raise Misconfigured(f"one signing secret, or two while they are being changed, not {len(keys)}")
    return keys


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message."""
    return "v1," + _signature(key, f"{message_id}.{timestamp}.".encode() + body).decode()


def signed_headers(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers with which a message is sent."""
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: sign(key, message_id, timestamp, body)}


def _signature(key: bytes, content: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, content, "sha256"))


def verify(headers: CIMultiDictProxy[str], body: bytes, keys: Sequence[bytes], now: float) -> str:
    """The message's id, if one of the keys signed it within five minutes of `now` (seconds). Raises Forged, Stale."""
    message_id = _single(headers, ID)
    timestamp = _single(headers, TIMESTAMP)
    if not _ID.match(message_id) or not _TIMESTAMP.match(timestamp):
        raise _forged(_MALFORMED)
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise Stale(_STALE, public=_STALE, challenge=_CHALLENGE)
    given = _signatures(_single(headers, SIGNATURE))
    content = f"{message_id}.{timestamp}.".encode() + body
    matches = False
    for key in keys:
        expected = _signature(key, content)
        for candidate in given:
            matches |= hmac.compare_digest(expected, candidate)
    if not matches:
        raise _forged("the signature does not match")
    return message_id


def _single(headers: CIMultiDictProxy[str], name: str) -> str:
    values = headers.getall(name, ())
    return values[0] if len(values) == 1 else ""


def _signatures(header: str) -> list[bytes]:
    if len(header) > _LONGEST_SIGNATURE or not header.isascii():
        return []
    parts = header.split(" ")[:_MOST_SIGNATURES]
    return [part[3:].encode() for part in parts if part.startswith("v1,")]


def _forged(detail: str) -> Forged:
    return Forged(detail, public=detail, challenge=_CHALLENGE)
