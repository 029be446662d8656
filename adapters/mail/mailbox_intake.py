"""From a mail in a mailbox to a stored raw message: what intake is given.

A mail is known by its Message-ID, the hash of its body and what it says of its author (module `fingerprint`), within
its mailbox: in another folder, or under another UID after the folder was numbered anew, it is a repeat. Which of our
addresses it is for, its reader finds out. Its provider handed it over, so what a header of the provider says is kept
with the transport facts: the return path, and whose word on its origin counts.
"""

import re
from typing import Any

from ...normalizer.addresses import normalise_address
from ...queue.intake import Accepted, Intake
from .fingerprint import dedup_key, external_id, lane
from .imap.mailbox_settings import MailboxSettings

CHANNEL = "mail"

_HEADER_END = re.compile(rb"(?:\A|\r?\n)\r?\n")
_RETURN_PATH = re.compile(rb"(?:\A|\n)return-path[ \t]*:[ \t]*<([^<>\r\n]{0,320})>", re.IGNORECASE)


class MailboxIntake:
    """Stores the mails of one mailbox."""

    def __init__(self, name: str, settings: MailboxSettings, intake: Intake) -> None:
        self._name = name
        self._settings = settings
        self._intake = intake

    async def take(self, content: bytes, folder: str, *, spam: bool = False, withheld: str = "") -> Accepted:
        """Store a mail. Raises EngineUnavailable, EngineFull."""
        recipients = [self._settings.address]
        peer, external = f"mailbox:{self._name}", external_id(content)
        transport = self._facts(content, folder, spam=spam) | ({"withheld": withheld} if withheld else {})
        return await self._intake.accept(
            channel=CHANNEL,
            account=self._settings.address,
            external_id=external,
            kind="message",
            lane=lane(transport.get("mail_from") or "", external),
            content=content,
            transport={**transport, "rcpt_to": recipients},
            dedup=dedup_key(content, external, recipients, peer),
            says=b"",
        )

    def _facts(self, content: bytes, folder: str, *, spam: bool) -> dict[str, Any]:
        believed = self._settings.believed
        facts = {"mailbox": self._name, "folder": folder, "spam_folder": spam, "trusted": believed is not None}
        path = return_path(content)
        return {
            **facts,
            **({"authserv_id": believed} if believed is not None else {}),
            **({"mail_from": path} if path is not None else {}),
        }


def return_path(content: bytes) -> str | None:
    """What the last server wrote down as the reverse path, empty for none; None where it wrote nothing to be read."""
    end = _HEADER_END.search(content, 0, 256 * 1024)
    found = _RETURN_PATH.search(content, 0, end.end() if end else 0)
    if found is None:
        return None
    path = found[1].decode("utf-8", "replace").strip()
    return normalise_address(path) if path else ""
