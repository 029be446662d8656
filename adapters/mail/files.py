"""The files of a mail: their names, their bytes, and what is said of them.

A file's bytes are named by their hash, never by what the sender calls it; the name is data to show. Nothing is opened:
an archive, a forwarded mail or Outlook's winmail.dat is a file like any other.
"""

import hashlib
from collections.abc import Iterable

from ...normalizer.encoded_words import decode_words
from ...normalizer.envelope import Attachment
from ...normalizer.safe_names import safe_name
from . import limits
from .bodies import file_name
from .mime import Part, read_headers

# Only what mail carries without a name; the system's own tables differ from machine to machine.
_EXTENSIONS = {
    "application/ms-tnef": "dat",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-keys": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "video/mp4": "mp4",
}


def collect_files(parts: Iterable[Part], html: str) -> tuple[tuple[Attachment, ...], dict[str, bytes]]:
    """The attachments in order, and their bytes by hash."""
    attachments: list[Attachment] = []
    contents: dict[str, bytes] = {}
    for index, part in enumerate(parts, start=1):
        content = part.body
        sha256 = hashlib.sha256(content).hexdigest()
        contents[sha256] = content
        content_id = decode_words(part.headers.get("content-id")).strip().strip("<>")[:998]
        attachments.append(
            Attachment(
                name=safe_name(file_name(part) or _made_up(part, index)),
                media_type=part.content.value[:200],
                size=len(content),
                sha256=sha256,
                content_id=content_id,
                inline=_is_inline(part, content_id, html),
            )
        )
    return tuple(attachments), contents


def _is_inline(part: Part, content_id: str, html: str) -> bool:
    if content_id and f"cid:{content_id}" in html:
        return True
    return part.disposition is not None and part.disposition.value == "inline" and part.content.main == "image"


def _made_up(part: Part, index: int) -> str:
    kind = part.content.value
    if kind == "message/rfc822":
        subject = decode_words(read_headers(part.body[: limits.HEADER_BLOCK]).get("subject")).strip()
        return f"{subject or f'message-{index}'}.eml"
    if kind == "application/ms-tnef":
        return "winmail.dat"
    return f"{part.content.main or 'file'}-{index}.{_EXTENSIONS.get(kind, 'bin')}"
