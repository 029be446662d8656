"""The files of a mail: their names, their bytes, and what is said of them.

A file's bytes are named by their hash, never by what the sender calls it; the name is data to show. Nothing is opened
here: an archive or a forwarded mail is a file like any other.
"""

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import unquote

from ...normalizer.encoded_words import decode_words
from ...normalizer.envelope import Attachment
from ...normalizer.file_endings import ending
from ...normalizer.safe_names import safe_name
from . import limits
from .bodies import file_name
from .mime import Part, read_headers

_NAME_IN_ID = re.compile(r"([^@/\\]{1,100}\.[A-Za-z0-9]{2,5})@")  # Outlook: `image001.png@01DB5F.77`
_FILE_NAME = re.compile(r"[^/\\:*?<>|\r\n]{1,120}\.(?=[A-Za-z0-9]{2,5}\Z)[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*")


def collect_files(parts: Iterable[Part], html: str) -> tuple[tuple[Attachment, ...], dict[str, bytes]]:
    """The attachments in order, and their bytes by hash."""
    attachments: list[Attachment] = []
    contents: dict[str, bytes] = {}
    for index, part in enumerate(parts, start=1):
        content = part.body
        sha256 = hashlib.sha256(content).hexdigest()
        contents[sha256] = content
        id_ = content_id(part)
        attachments.append(
            Attachment(
                name=safe_name(file_name(part) or _made_up(part, index)),
                media_type=part.content.value[:200],
                size=len(content),
                sha256=sha256,
                content_id=id_,
                inline=_is_inline(part, id_, html),
            )
        )
    return tuple(attachments), contents


def content_id(part: Part) -> str:
    """The id by which HTML refers to the part, without brackets; empty when it has none."""
    return decode_words(part.headers.get("content-id")).strip().strip("<>")[:998]


def _is_inline(part: Part, id_: str, html: str) -> bool:
    if id_ and f"cid:{id_}" in html:
        return True
    return part.disposition is not None and part.disposition.value == "inline" and part.content.main == "image"


def _made_up(part: Part, index: int) -> str:
    """A name for a part that has none: from what else is said of it, else from its type."""
    kind = part.content.value
    if kind == "message/rfc822":
        subject = decode_words(read_headers(part.body[: limits.HEADER_BLOCK]).get("subject")).strip()
        return f"{subject or f'message-{index}'}.eml"
    if kind == "application/ms-tnef":
        return "winmail.dat"
    if told := _told(part):
        return told
    if kind == "text/calendar":
        return "invite.ics"
    return f"{part.content.main or 'file'}-{index}.{ending(kind)}"


def _told(part: Part) -> str:
    described = decode_words(part.headers.get("content-description")).strip()
    located = unquote(decode_words(part.headers.get("content-location")).strip().partition("?")[0].rpartition("/")[2])
    for name in (described, located):
        if _FILE_NAME.fullmatch(name):
            return name
    match = _NAME_IN_ID.match(decode_words(part.headers.get("content-id")).strip().strip("<"))
    return match[1] if match else ""
