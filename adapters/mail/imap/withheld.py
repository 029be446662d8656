"""What stands in for a mail that is not fetched: its headers, as far as they can be had, and where it lies."""

import re

from ....config.quantities import format_size

_HEADER_END = re.compile(rb"(?:\A|\r?\n)\r?\n")
# What says how a body is written that is not there.
_CONTENT = re.compile(rb"(?im)^(?:content-[a-z-]+|mime-version)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
_PLAIN = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"


def too_large(size: int, largest: int) -> str:
    """Why a mail is not fetched."""
    return f"it is larger than channels.mail.max_size ({_about(size)}, and {format_size(largest)} are taken)"


def stand_in(header: bytes, *, name: str, folder: str, uid: int, why: str) -> bytes:
    """A mail with the headers of one that is not there, and words that say where it is."""
    end = _HEADER_END.search(header)
    block = header[: end.start()] if end else header
    lines = _CONTENT.sub(b"", block.rstrip(b"\r\n") + b"\r\n") if block.strip() else b""
    place = f"It lies in the folder {folder} of the mailbox {name}, with UID {uid}."
    words = f"This mail was not fetched: {why}.\r\n{place}\r\n"
    return lines + _PLAIN + b"\r\n" + words.encode("utf-8", "replace")


def _about(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{-(-size // 1024)} KiB"
