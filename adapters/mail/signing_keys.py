"""The keys by which our mails are signed, and what stands of them in the DNS (RFC 6376 section 3.6.1, RFC 8463).

A key is a secret, PEM as PKCS #8 without a passphrase: RSA with 2048 bits or more, or Ed25519. RSA is what every
receiver can check; Ed25519 is what more and more do as well.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

LEAST_BITS = 2048
_STRING = 255  # octets of one string of a TXT record (RFC 1035 section 3.3.14)

Kind = Literal["rsa", "ed25519"]


class UnusableKeyError(ValueError):
    """The secret is no key that mails can be signed with; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key, and where its public half stands in the DNS."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def read(cls, domain: str, selector: str, pem: str) -> "SigningKey":
        """The key of a secret. Raises UnusableKeyError."""
        try:
            private = load_pem_private_key(pem.encode(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise UnusableKeyError(f"no private key in PEM without a passphrase ({type(error).__name__})") from error
        if isinstance(private, RSAPrivateKey):
            if private.key_size < LEAST_BITS:
                raise UnusableKeyError(f"an RSA key of {private.key_size} bits")
        elif not isinstance(private, Ed25519PrivateKey):
            raise UnusableKeyError("a key that is neither RSA nor Ed25519")
        return cls(domain=domain, selector=selector, private=private)

    @property
    def kind(self) -> Kind:
        """As the DNS names it."""
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def name(self) -> str:
        """Where the record stands."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def public(self) -> str:
        """The public half, as `p=` has it."""
        key = self.private.public_key()
        if self.kind == "ed25519":
            return b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    @property
    def record(self) -> str:
        """The line of a zone file."""
        text = f"v=DKIM1; k={self.kind}; p={self.public}"
        strings = [f'"{text[at : at + _STRING]}"' for at in range(0, len(text), _STRING)]
        return f"{self.name}. IN TXT {' '.join(strings)}"

    def sign(self, content: bytes) -> bytes:
        """The signature, as `a=` names it: the hash of the content is signed, for Ed25519 as it stands."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(content, PKCS1v15(), SHA256())
        digest = Hash(SHA256())
        digest.update(content)
        return self.private.sign(digest.finalize())


def new_key(kind: Kind) -> str:
    """A new key as PEM."""
    made = generate_private_key(65537, LEAST_BITS) if kind == "rsa" else Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
