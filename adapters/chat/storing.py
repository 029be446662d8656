"""From a message frame to a stored message and its line: the one step after which a visitor is told `stored`.

The raw content is JSON of what the visitor wrote; what the connection proved stands in the transport facts, apart from
it. The id that the client chose is part of the external id, so a message sent again, over whatever connection, page and
process, is the first one and answers its position; another one under this id is refused, and the visitor keeps it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...config.errors import Conflict, Gone
from ...normalizer.addresses import normalise_address
from ...normalizer.safe_names import safe_line, safe_text
from ...queue.conversation_log import ConversationLogs, LogEntry
from ...queue.intake import Intake
from .admission import Visitor
from .frame_errors import FrameRefused
from .frames import Introduction, Message
from .log_lines import visitors_line
from .settings import ChatCaps
from .sites import CHANNEL, Milliseconds
from .uploads import UploadedFiles

PROVEN, SIGNED, CLAIMED = "email:proven", "email:signed", "email:claimed"
"""Facts of a conversation: the address that is proven, the one that the page has signed, and the one that was typed."""


@dataclass(kw_only=True)
class VisitorFacts:
    """What is known of a visitor's address and page while they are connected."""

    face: str
    peer: str
    language: str = ""
    page: str = ""
    proven: str = ""
    signed: str = ""
    claimed: str = ""

    @classmethod
    def introduced(cls, face: str, peer: str, introduction: Introduction) -> "VisitorFacts":
        """Those that the connection has and its visitor says; language and page as one line each, in bounds."""
        language, page = safe_line(introduction.language or "", 35), safe_line(introduction.page or "", 1000)
        return cls(face=face, peer=peer, language=language, page=page)


class Storing:
    """Stores what visitors write."""

    def __init__(self, intake: Intake, logs: ConversationLogs, files: UploadedFiles, now: Milliseconds) -> None:
        self._intake = intake
        self._logs = logs
        self._files = files
        self._now = now

    async def store(self, visitor: Visitor, facts: VisitorFacts, caps: ChatCaps, message: Message) -> int:
        """The position of the line. Raises FrameRefused for what cannot be taken, and temporary errors."""
        text = safe_text(message.text)
        if len(text) > caps.text:
            raise FrameRefused("too_long", f"a message has at most {caps.text} characters")
        if not text and not message.files:
            raise FrameRefused("empty", "there is nothing in this message")
        email = await self._claim(visitor, facts, message.email)
        files = await self._files.of(visitor, [file.sha256 for file in message.files or ()], caps.files)
        return await self._accepted(visitor, facts, message.id, text, files, email)

    async def _accepted(
        self, visitor: Visitor, facts: VisitorFacts, id_: str, text: str, files: Sequence[Mapping[str, Any]], email: str
    ) -> int:
        content = {
            "id": id_,
            "text": text,
            "files": list(files),
            "email": email,
            "language": facts.language,
            "page": facts.page,
        }
        shas = [str(file["sha256"]) for file in files]
        try:
            accepted = await self._intake.accept(
                channel=CHANNEL,
                account=visitor.site,
                external_id=f"{visitor.id}:{id_}",
                kind="message",
                lane=visitor.conversation,
                content=_packed(content),
                says=_packed([text, shas, email]),
                transport=self._transport(visitor, facts),
                log=LogEntry(visitor.conversation, visitors_line(id_, visitor.name, text, self._now(), files)),
                blobs=list(dict.fromkeys(shas)),
            )
        except Gone:
            raise FrameRefused("file_gone", "a file is no longer here; please add it again") from None
        except Conflict:
            raise FrameRefused("conflict", "this id is of another message; send it under a new one") from None
        return accepted.position

    @staticmethod
    def _transport(visitor: Visitor, facts: VisitorFacts) -> dict[str, Any]:
        identity = {"subject": visitor.subject, "email": visitor.email, "name": visitor.name}
        identity |= {"visitor": visitor.signed_in_as} if visitor.signed_in_as else {}
        return {
            "face": facts.face,
            "peer": facts.peer,
            "visitor": visitor.id,
            "assurance": int(visitor.assurance),
            "identity": identity if visitor.subject else None,
            "proven": "" if facts.proven == facts.signed else facts.proven,
            "language": facts.language,
        }

    async def _claim(self, visitor: Visitor, facts: VisitorFacts, email: str | None) -> str:
        """An address that the visitor says is theirs; kept, so that an answer can follow them by mail."""
        if not email:
            return ""
        key = normalise_address(email) if len(email) <= 320 else None
        if key is None:
            raise FrameRefused("bad_address", "this is not an e-mail address")
        if not (visitor.email or facts.proven) and key != facts.claimed:
            await self._logs.set_fact(visitor.conversation, CLAIMED, key)
            facts.claimed = key
        return key


def _packed(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
