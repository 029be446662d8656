"""What signatures of DKIM and ARC have in common: tags, the key in the DNS, and the check of both against each other.

Algorithms are rsa-sha256 with keys of at least 1024 bits (RFC 8301) and ed25519-sha256 (RFC 8463). A signature that
cannot be right raises `BadSignatureError`; a DNS that gave no answer raises `NameServiceUnavailable`.
"""

import re
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from .lookup import Lookup, is_name
from .tag_list import TagListError, decoded, read_tags, without_blanks

LEAST_BITS, MOST_BITS = 1024, 8192
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_KINDS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}


class BadSignatureError(Exception):
    """The signature is not good; the sentence says why. `broken`: it could not even be checked."""

    def __init__(self, reason: str, *, broken: bool = False) -> None:
        super().__init__(reason)
        self.broken = broken


def signature_tags(value: bytes, needed: str = "") -> Mapping[str, str]:
    """The tags of a signature's field; raises BadSignatureError unless `a d s` and those needed have a value."""
    try:
        tags = read_tags(value.decode("latin-1"))
    except TagListError as error:
        raise BadSignatureError(str(error), broken=True) from None
    missing = [tag for tag in ("a", "d", "s", *needed.split()) if not tags.get(tag)]
    if missing:
        raise BadSignatureError(f"{missing[0]}= is missing", broken=True)
    if tags["a"] not in _KINDS:
        raise BadSignatureError(f"signed with {tags['a'][:20]}, which is not accepted", broken=True)
    if "." not in tags["d"] or not all(is_name(tags[tag]) and _HOST.fullmatch(tags[tag]) for tag in "ds"):
        raise BadSignatureError("its domain or selector is none", broken=True)
    return tags


async def check_signature(lookup: Lookup, tags: Mapping[str, str], content: bytes) -> Mapping[str, str]:
    """Checks `b=` against the content and the key that `s=` and `d=` name; gives the tags of the key's record."""
    record, key = await _key(lookup, tags)
    signature = _bytes(tags, "b")
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, content, PKCS1v15(), SHA256())
        else:
            key.verify(signature, sha256(content).digest())
    except InvalidSignature:
        raise BadSignatureError("the signature does not fit what was signed") from None
    return record


def body_hash(tags: Mapping[str, str]) -> bytes:
    """The value of `bh=`."""
    return _bytes(tags, "bh")


def _bytes(tags: Mapping[str, str], tag: str) -> bytes:
    try:
        return decoded(tags, tag)
    except TagListError as error:
        raise BadSignatureError(str(error), broken=True) from None


async def _key(lookup: Lookup, tags: Mapping[str, str]) -> tuple[Mapping[str, str], RSAPublicKey | Ed25519PublicKey]:
    """RFC 6376 section 3.6.1. Of several records, of which it says nothing, the first is taken."""
    name = f"{tags['s']}._domainkey.{tags['d']}"
    texts = await lookup(name, "TXT")
    if not texts:
        raise BadSignatureError(f"there is no key {name}", broken=True)
    try:
        record = read_tags(texts[0])
        _suits(record, texts[0], tags)
        if not without_blanks(record.get("p", "")):
            raise BadSignatureError(f"the key {name} was revoked", broken=True)
        return record, _loaded(record.get("k", "rsa"), decoded(record, "p"))
    except (TagListError, ValueError, UnsupportedAlgorithm) as error:
        raise BadSignatureError(f"the key {name} is not usable: {error}", broken=True) from None


def _suits(record: Mapping[str, str], text: str, tags: Mapping[str, str]) -> None:
    if record.get("v", "DKIM1") != "DKIM1" or ("v" in record and not text.lstrip().startswith("v")):
        raise TagListError("it is of another version")
    if record.get("k", "rsa") != _KINDS[tags["a"]]:
        raise TagListError("it is of another kind")
    if "h" in record and "sha256" not in _listed(record["h"]):
        raise TagListError("it does not allow sha256")
    if not {"*", "email"} & _listed(record.get("s", "*")):
        raise TagListError("it is not for mail")
    _, _, identity = tags.get("i", "").rpartition("@")
    if "v" in tags and "s" in _listed(record.get("t", "")) and identity.lower() not in ("", tags["d"].lower()):
        raise TagListError("it is not for subdomains")


def _listed(value: str) -> set[str]:
    return set(without_blanks(value).split(":"))


def _loaded(kind: str, content: bytes) -> RSAPublicKey | Ed25519PublicKey:
    if kind == "ed25519":
        return Ed25519PublicKey.from_public_bytes(content)
    key = load_der_public_key(content)
    if not isinstance(key, RSAPublicKey) or not LEAST_BITS <= key.key_size <= MOST_BITS:
        raise TagListError(f"it has not {LEAST_BITS} to {MOST_BITS} bits")
    return key
