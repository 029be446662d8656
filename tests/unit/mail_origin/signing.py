"""Signing mails in tests, written apart from the code under test: relaxed canonicalisation of RFC 6376.

Mails are text with `\\n`; what comes out has CRLF. Keys are made once for each domain.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

HEADERS = ("from", "to", "subject", "date", "message-id")


# An RSA key of 512 bits in DER, which no library makes any more: 2 ** 511 + 1, 65537.
WEAK = (
    bytes.fromhex("305c300d06092a864886f70d0101010500034b003048024100")
    + bytes([128, *bytes(62), 1])
    + bytes.fromhex("0203010001")
)


@cache
def _key(domain: str, kind: str) -> Any:
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 1024)


def key_record(domain: str, kind: str = "ed25519", **tags: str) -> str:
    """The TXT record of a domain's key."""
    public = _key(domain, kind).public_key()
    if kind == "ed25519":
        content = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    elif kind == "weak":
        content = WEAK
    else:
        content = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    name = "ed25519" if kind == "ed25519" else "rsa"
    given = {"v": "DKIM1", "k": name, "p": base64.b64encode(content).decode()} | tags
    return "; ".join(f"{tag}={value}" for tag, value in given.items())


def _b(domain: str, kind: str, content: bytes) -> str:
    key = _key(domain, kind)
    if kind == "ed25519":
        return base64.b64encode(key.sign(hashlib.sha256(content).digest())).decode()
    return base64.b64encode(key.sign(content, padding.PKCS1v15(), SHA256())).decode()


def _parts(mail: str) -> tuple[list[str], str]:
    head, _, body = mail.partition("\n\n")
    return re.split(r"\n(?![ \t])", head), body


def _field(field: str) -> str:
    name, _, value = field.partition(":")
    narrowed = re.sub(r"[ \t\n]+", " ", value).strip()
    return f"{name.strip().lower()}:{narrowed}\r\n"


def _body_hash(body: str) -> str:
    lines = [re.sub("[ \t]+", " ", line).rstrip(" ") for line in body.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return base64.b64encode(hashlib.sha256("".join(f"{line}\r\n" for line in lines).encode()).digest()).decode()


def _chosen(fields: Sequence[str], names: Sequence[str]) -> str:
    left = list(fields)
    chosen = []
    for name in names:
        for field in reversed(left):
            if field.partition(":")[0].strip().lower() == name:
                chosen.append(_field(field))
                left.remove(field)
                break
    return "".join(chosen)


def sign(mail: str, domain: str, *, kind: str = "ed25519", names: Sequence[str] = HEADERS, **tags: str) -> str:
    """The mail with a DKIM-Signature on top; `tags` replace or add some."""
    fields, body = _parts(mail)
    algorithm = "ed25519-sha256" if kind == "ed25519" else "rsa-sha256"
    given = {"v": "1", "a": algorithm, "c": "relaxed/relaxed", "d": domain, "s": "s", "h": ":".join(names)}
    given |= {"bh": _body_hash(body)} | tags
    head = "DKIM-Signature: " + "; ".join(f"{tag}={value}" for tag, value in given.items()) + "; b="
    content = _chosen(fields, names) + _field(head).removesuffix("\r\n")
    return f"{head}{_b(domain, kind, content.encode())}\n{mail}"


def seal(
    mail: str, domain: str, results: str, *, instance: int = 1, names: Sequence[str] = HEADERS, **seal_tags: str
) -> str:
    """The mail with one more ARC set on top, as `domain` would write it."""
    fields, body = _parts(mail)
    common = f"i={instance}; a=ed25519-sha256; d={domain}; s=s"
    signature = f"ARC-Message-Signature: {common}; c=relaxed/relaxed; h={':'.join(names)}; bh={_body_hash(body)}; b="
    signature += _b(domain, "ed25519", (_chosen(fields, names) + _field(signature).removesuffix("\r\n")).encode())
    seen = f"ARC-Authentication-Results: i={instance}; {results}"
    cv: Mapping[str, str] = {"cv": "none" if instance == 1 else "pass"} | seal_tags
    head = f"ARC-Seal: {common}; " + "; ".join(f"{tag}={value}" for tag, value in cv.items()) + "; b="
    earlier = _earlier(fields, instance)
    content = "".join(map(_field, (*earlier, seen, signature, head))).removesuffix("\r\n")
    return f"{head}{_b(domain, 'ed25519', content.encode())}\n{signature}\n{seen}\n{mail}"


def _earlier(fields: Sequence[str], instance: int) -> list[str]:
    found = []
    for each in range(1, instance):
        for name in ("arc-authentication-results", "arc-message-signature", "arc-seal"):
            found += [
                field
                for field in fields
                if re.match(rf"{name}:\s*(?:.*; )?i={each};", field, re.IGNORECASE | re.DOTALL)
            ]
    return found
