"""From a mail in a mailbox to a stored raw message: what intake is given.

A mail is known by its Message-ID, the hash of its body and what it says of its author (module `fingerprint`), within
its mailbox: in another folder, or under another UID after the folder was numbered anew, it is a repeat. Which of our
addresses it is for, its reader finds out. Its provider handed it over, so what a header of the provider says is kept
with the transport facts: the return path, and whose word on its origin counts.
"""

import re
from collections.abc import Mapping
from typing import Any

from ...normalizer.addresses import normalise_address, parse_addresses
from ...queue.intake import Accepted, Intake
from .fingerprint import dedup_key, external_id, lane
from .imap.mailbox_settings import MailboxSettings
from .imap.reading import Use
from .sent_mails import SENT_FOLDER

CHANNEL = "mail"

_HEADER_END = re.compile(rb"(?:\A|\r?\n)\r?\n")
_TO = re.compile(rb"(?:\A|\n)to[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_FROM = re.compile(rb"(?:\A|\n)from[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_RETURN_PATH = re.compile(rb"(?:\A|\n)return-path[ \t]*:[ \t]*<([^<>\r\n]{0,320})>", re.IGNORECASE)


class MailboxIntake:
    """Stores the mails of one mailbox."""

    def __init__(self, name: str, settings: MailboxSettings, intake: Intake) -> None:
        self._name = name
        self._settings = settings
        self._intake = intake

    async def take(self, content: bytes, folder: str, *, use: Use = "", withheld: str = "") -> Accepted:
        """Store a mail; one that was sent waits in the line of whom it was written to. Raises EngineUnavailable,
        EngineFull.
        """
        recipients = [self._settings.address]
        peer, external = f"mailbox:{self._name}", external_id(content)
        transport = self._facts(content, folder, use) | ({"withheld": withheld} if withheld else {})
        if use == "sent":
            peer, recipients = f"{peer}:sent", []
        return await self._intake.accept(
            channel=CHANNEL,
            account=self._settings.address,
            external_id=external,
            kind="message",
            lane=lane(_other_end(content, transport, use), external),
            content=content,
            transport={**transport, "rcpt_to": recipients},
            dedup=dedup_key(content, external, recipients, peer),
            says=b"",
        )

    def _facts(self, content: bytes, folder: str, use: Use) -> dict[str, Any]:
        believed = self._settings.believed
        facts = {"mailbox": self._name, "folder": folder, "spam_folder": use == "spam", "trusted": believed is not None}
        if use == "sent":
            return facts | {SENT_FOLDER: True}
        path = return_path(content)
        return {
            **facts,
            **({"authserv_id": believed} if believed is not None else {}),
            **({"mail_from": path} if path is not None else {}),
        }


def _other_end(content: bytes, transport: Mapping[str, Any], use: Use) -> str:
    """Who is not us: what they write and what they are sent is filed in its order. Empty for nobody (bounces)."""
    if use != "sent" and "mail_from" in transport:
        return str(transport["mail_from"])
    end = _HEADER_END.search(content, 0, 256 * 1024)
    found = (_TO if use == "sent" else _FROM).search(content, 0, end.end() if end else 0)
    boxes = parse_addresses(found[1].decode("utf-8", "replace")) if found else ()
    return next((key for box in boxes if (key := normalise_address(box.address))), "")


def return_path(content: bytes) -> str | None:
    """What the last server wrote down as the reverse path, empty for none; None where it wrote nothing to be read."""
    end = _HEADER_END.search(content, 0, 256 * 1024)
    found = _RETURN_PATH.search(content, 0, end.end() if end else 0)
    if found is None:
        return None
    path = found[1].decode("utf-8", "replace").strip()
    return normalise_address(path) if path else ""
