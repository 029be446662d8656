"""What only we can read and make: attempts to sign in as browsers carry them, others' tokens as the engine holds them.

AES-256-GCM under a key that HKDF draws from the secret by which the token is had (a client secret, an AppSecret), with
a label for each purpose. So a copy of the engine opens nothing, and another secret ends what was sealed with the old
one.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class Seal:
    """Seals and opens, for one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        info = f"trunkline {purpose}".encode()
        self._cipher = AESGCM(HKDF(SHA256(), 32, None, info).derive(secret.encode()))

    def seal(self, text: str) -> str:
        """The text, sealed, as characters that a cookie may have."""
        nonce = secrets.token_bytes(_NONCE)
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).rstrip(b"=").decode()

    def open(self, sealed: str) -> str | None:
        """The text; None when it was not sealed here."""
        try:
            raw = urlsafe_b64decode(sealed.encode("ascii") + b"==")
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (InvalidTag, ValueError):
            return None
