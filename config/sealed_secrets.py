"""Secrets sealed with a passphrase, so that a backup can take them along.

    trunkline secrets 1\\n  salt (16 bytes)  nonce (12 bytes)  ChaCha20-Poly1305 (RFC 8439) of {"name": "secret", …}

The key is drawn from the passphrase with scrypt (RFC 7914; N = 2^17, r = 8, p = 1, which OWASP's "Password Storage
Cheat Sheet" asks for): a guess costs 128 MiB and some tenths of a second. The numbers belong to the version in the
first line, so a changed file cannot make us spend more. What was changed is refused as a whole.
"""

import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .errors import Misconfigured

SHORTEST = 12
"""Characters of a passphrase: what is shorter can be guessed by whoever finds the backup."""

_HEAD = b"trunkline secrets 1\n"
_SALT, _NONCE = 16, 12


def seal(values: Mapping[str, str], passphrase: str) -> bytes:
    """The secrets, readable only with the passphrase. Raises Misconfigured for one that is too short."""
    if len(passphrase) < SHORTEST:
        raise Misconfigured(f"the passphrase for backups has {len(passphrase)} characters; take at least {SHORTEST}")
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    content = json.dumps(dict(values)).encode()
    return _HEAD + salt + nonce + _cipher(passphrase, salt).encrypt(nonce, content, _HEAD)


def unseal(sealed: bytes, passphrase: str) -> dict[str, str]:
    """The secrets by name. Raises Misconfigured for another passphrase, and for bytes that are not what was sealed."""
    if not sealed.startswith(_HEAD):
        raise Misconfigured("these are not secrets that this Trunkline has sealed; a newer one may read them")
    body = sealed[len(_HEAD) :]
    salt, nonce, content = body[:_SALT], body[_SALT : _SALT + _NONCE], body[_SALT + _NONCE :]
    try:
        opened = _cipher(passphrase, salt).decrypt(nonce, content, _HEAD)
    except (InvalidTag, ValueError) as error:
        raise Misconfigured("the passphrase does not open the secrets of the backup, or they are damaged") from error
    values: dict[str, str] = json.loads(opened)
    return values


def _cipher(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(passphrase.encode()))
