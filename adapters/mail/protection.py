"""What protects a mail: S/MIME (RFC 8551) or PGP (RFC 3156, and armour within the text), signed, encrypted, keys.

`find_protection` says which, takes off what only programs read (signatures, keys, the version part of an encrypted
mail), and takes armour out of the text: signed text stays as the text it is, an encrypted message becomes a file.
No signature is checked and nothing is decrypted; there is no key here. `words_for` says to the desk what to do with a
mail of which nothing can be read. Linear time; never raises.
"""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...normalizer.envelope import Protection
from .bodies import file_name
from .content_header import Content
from .mime import Headers, Part
from .signed_container import MEDIA_TYPES, is_enveloped

_SMIME_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_PGP_VERSION = "application/pgp-encrypted"
_OF_TYPES: Mapping[str, Literal["signed", "encrypted", "key"]] = {
    "application/pgp-signature": "signed",
    _PGP_VERSION: "encrypted",
    "application/pgp-keys": "key",
}
_SIGNATURE_NAMES = frozenset({"signature.asc", "pgp.asc", "signature.pgp", "openpgp_signature.asc"})
_ENCRYPTED_NAMES = frozenset({"encrypted.asc", "message.asc", "msg.asc", "openpgp encrypted message.asc"})
_ARMOURED = re.compile(rb"\s{0,20}-----BEGIN PGP (SIGNATURE|PUBLIC KEY BLOCK|MESSAGE)-----")
_HEADER = re.compile(r"[A-Za-z]{1,20}: .{0,200}")
_BLOCKS = frozenset({"MESSAGE", "PUBLIC KEY BLOCK", "SIGNATURE"})
_MOST_BLOCKS = 10
BEGIN, END = "-----BEGIN PGP ", "-----END PGP "


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrapped:
    """A mail without its protection: what it was, the text, and the files that are for people."""

    protection: tuple[Protection, ...]
    text: str
    files: Sequence[Part]


def find_protection(mail: Part, files: Iterable[Part], text: str) -> Unwrapped:
    """What protects this mail with these files and this text."""
    found = [*_of_containers(mail)]
    kept: list[Part] = []
    for part in files:
        told = _of_file(part)
        found += [told] if told else []
        if (told is None or told.kind == "encrypted") and part.content.value != _PGP_VERSION:
            kept.append(part)
    text, of_text, armour = _of_text(text)
    return Unwrapped(protection=tuple(dict.fromkeys([*found, *of_text])), text=text, files=[*kept, *armour])


def words_for(protection: Iterable[Protection], files: Iterable[Part]) -> str:
    """What to do with a mail whose text nobody here can read; empty when it is not encrypted."""
    scheme = next((each.scheme for each in protection if each.kind == "encrypted"), "")
    if not scheme:
        return ""
    name = next((f" {name}" for part in files if (name := file_name(part))), "")
    return (
        f"This mail is encrypted with {scheme}, so its text cannot be read here.\n\n"
        f"Open the attached file{name} with your key, or ask the sender to send it again without encryption."
    )


def _of_containers(mail: Part) -> Iterator[Protection]:
    for part in mail.containers():
        protocol = part.content.parameters.get("protocol", "").lower()
        if part.content.value == "multipart/signed":
            yield Protection(scheme="PGP" if "pgp" in protocol else "S/MIME", kind="signed")
        elif part.content.value == "multipart/encrypted":
            yield Protection(scheme="PGP", kind="encrypted")
        elif part.content.main != "multipart":
            yield Protection(scheme="S/MIME", kind="signed")


def _of_file(part: Part) -> Protection | None:
    kind, name = part.content.value, file_name(part).lower()
    if kind in _SMIME_SIGNATURES or name == "smime.p7s":
        return Protection(scheme="S/MIME", kind="signed")
    if kind in MEDIA_TYPES or (name == "smime.p7m" and kind == "application/octet-stream"):
        enveloped = is_enveloped(part.body) or "enveloped" in part.content.parameters.get("smime-type", "").lower()
        return Protection(scheme="S/MIME", kind="encrypted") if enveloped else None
    told = _OF_TYPES.get(kind) or (_of_armour(part.body[:100], name) if name.endswith((".asc", ".pgp")) else None)
    return Protection(scheme="PGP", kind=told) if told else None


def _of_armour(begin: bytes, name: str) -> Literal["signed", "encrypted", "key"] | None:
    """What a file with armour is for the mail; a file that somebody signed or encrypted by itself is a file."""
    match = _ARMOURED.match(begin)
    if match is None:
        return None
    if match[1].startswith(b"PUBLIC"):
        return "key"
    if match[1] == b"SIGNATURE":
        return "signed" if name in _SIGNATURE_NAMES else None
    return "encrypted" if name in _ENCRYPTED_NAMES else None


def _of_text(text: str) -> tuple[str, list[Protection], list[Part]]:
    """The text without armour, what it was, and encrypted messages as files (RFC 9580 sections 6.2 and 7)."""
    if BEGIN not in text:
        return text, [], []
    lines = text.split("\n")
    ends = {
        kind: [at for at, line in enumerate(lines) if line.strip() == f"-----END PGP {kind}-----"] for kind in _BLOCKS
    }
    found: list[Protection] = []
    files: list[Part] = []
    kept: list[str] = []
    at, is_signed = 0, False
    while at < len(lines):
        kind = _begins(lines[at]) if len(found) < _MOST_BLOCKS else ""
        behind = _behind(ends[kind], at) if kind in _BLOCKS else 0
        if kind == "SIGNED MESSAGE":
            found.append(Protection(scheme="PGP", kind="signed"))
            at, is_signed = _behind_headers(lines, at + 1), True
        elif not behind:
            kept.append(lines[at].removeprefix("- ") if is_signed and lines[at].startswith("- -") else lines[at])
            at += 1
        else:
            if kind == "MESSAGE":
                files.append(_armour(lines[at:behind], len(files)))
            if kind == "SIGNATURE":
                is_signed = False
            else:
                found.append(Protection(scheme="PGP", kind="encrypted" if kind == "MESSAGE" else "key"))
            at = behind
    return "\n".join(kept).strip("\n"), found, files


def _begins(line: str) -> str:
    """Which armour begins with the line."""
    stripped = line.strip()
    is_first = stripped.startswith(BEGIN) and stripped.endswith("-----")
    return stripped.removeprefix(BEGIN).removesuffix("-----") if is_first else ""


def _behind(ends: Sequence[int], at: int) -> int:
    """Behind the last line of the armour that begins here; 0 when it has none."""
    place = bisect(ends, at)
    return ends[place] + 1 if place < len(ends) else 0


def _behind_headers(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and _HEADER.fullmatch(lines[at].strip()):
        at += 1
    return at + 1 if at < len(lines) and not lines[at].strip() else at


def _armour(lines: Sequence[str], number: int) -> Part:
    name = {"filename": f"encrypted-{number + 1}.asc" if number else "encrypted.asc"}
    content = "\n".join((*lines, "")).encode()
    return Part(Headers([]), Content("application/pgp-encrypted"), content, disposition=Content("attachment", name))
