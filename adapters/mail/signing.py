"""DKIM signatures of what we send (RFC 6376, RFC 8463), one by each key of the domain that From names.

The headers that say who writes what to whom are named once more than they stand there, so that none can be added
without breaking the signature (RFC 6376 section 8.15). Both halves are canonicalised as `relaxed`: what servers do to
blanks and folds breaks nothing. The time of a signature is that of the message, so the same message has the same one.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from .origin.canonical import canonical_body, canonical_field
from .origin.signed_message import SignedMessage, read_signed
from .signing_keys import SigningKey

_SIGNED = (
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "auto-submitted",
)  # fmt: skip
_LINE = 76
_FOLD = "\r\n "


@dataclass(frozen=True)
class Signer:
    """Signs with these keys."""

    keys: Sequence[SigningKey] = ()

    def sign(self, content: bytes, domain: str, at: int) -> bytes:
        """The mail with a signature of every key for this domain of From on top; `at` in seconds since 1970."""
        chosen = keys_for(self.keys, domain)
        if not chosen:
            return content
        message = read_signed(content)
        digest = b64encode(sha256(canonical_body(message.body, relaxed=True)).digest()).decode()
        return b"".join(_signature(key, message, digest, at) for key in chosen) + content


def keys_for(keys: Sequence[SigningKey], domain: str) -> list[SigningKey]:
    """Those of the domain itself, else of the nearest domain above it: both are aligned with From (RFC 9989)."""
    while domain:
        if found := [key for key in keys if key.domain == domain]:
            return found
        domain = domain.partition(".")[2]
    return []


def _signature(key: SigningKey, message: SignedMessage, digest: str, at: int) -> bytes:
    names = [name for name in _SIGNED for _ in range(len(message.all(name)) + 1)]
    tags = (
        f"v=1; a={key.kind}-sha256; c=relaxed/relaxed; d={key.domain}; s={key.selector}; t={at};",
        f"h={_folded(':'.join(names), ':')};",
        f"bh={digest};",
        "b=",
    )
    field = f"DKIM-Signature: {_FOLD.join(tags)}"
    own = canonical_field(field.encode() + b"\r\n", relaxed=True).removesuffix(b"\r\n")
    signature = b64encode(key.sign(message.headers(names, relaxed=True) + own)).decode()
    lines = (signature[place : place + _LINE - 3] for place in range(0, len(signature), _LINE - 3))
    return f"{field}{_FOLD.join(lines)}\r\n".encode()


def _folded(text: str, behind: str) -> str:
    """The text in lines that end behind this character."""
    lines = [""]
    for piece in text.split(behind):
        if lines[-1] and len(lines[-1]) + len(piece) > _LINE - 6:
            lines.append("")
        lines[-1] += piece + behind
    return _FOLD.join(lines).removesuffix(behind)
