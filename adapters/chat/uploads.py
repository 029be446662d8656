"""Files that visitors send: uploaded first, then named in a message; and the same files handed out again.

An upload is durable when it is answered. What it was (name, media type, size) is kept with the conversation, so a
message can name only what this visitor has uploaded, and says nothing about it that is not so. The newest uploads of a
visitor are remembered (`NOTES` of conversation_log.py), and none is taken while intake is refused for want of room.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...config.errors import Gone
from ...normalizer.safe_names import safe_media_type, safe_name
from ...queue.blobs import Blobs
from ...queue.conversation_log import ConversationLogs
from .admission import Visitor
from .frame_errors import FrameRefused

UPLOADS = "uploads"


def _always() -> None:
    """There is room."""


class UploadedFiles:
    """The files that visitors have uploaded."""

    def __init__(self, files: Blobs, logs: ConversationLogs, demand_room: Callable[[], None] = _always) -> None:
        self._files = files
        self._logs = logs
        self._demand_room = demand_room

    async def add(self, visitor: Visitor, name: str, media_type: str, content: bytes) -> dict[str, Any]:
        """Keep a file; what it is, as a message may name it. Raises temporary errors."""
        self._demand_room()
        sha256 = await self._files.put(content)
        file = {
            "sha256": sha256,
            "name": safe_name(name),
            "media_type": safe_media_type(media_type),
            "size": len(content),
        }
        await self._logs.add_note(visitor.conversation, UPLOADS, file)
        return file

    async def of(self, visitor: Visitor, wanted: Sequence[str], most: int) -> list[Mapping[str, Any]]:
        """The files with these names. Raises FrameRefused for too many, and for one this visitor has not uploaded."""
        if len(wanted) > most:
            raise FrameRefused("too_many", f"a message has at most {most} files")
        notes = await self._logs.notes(visitor.conversation, UPLOADS) if wanted else []
        known = {file["sha256"]: file for file in reversed(notes)}  # uploaded twice, the later name counts
        if not set(wanted) <= known.keys():
            raise FrameRefused("file_gone", "a file is not here; please add it again")
        for sha256 in set(wanted):
            await self._keep(sha256)
        return [known[sha256] for sha256 in wanted]

    async def _keep(self, sha256: str) -> None:
        """What no message names for an hour may have been removed again."""
        try:
            await self._files.keep(sha256)
        except Gone:
            raise FrameRefused("file_gone", "a file is no longer here; please add it again") from None
