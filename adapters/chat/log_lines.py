"""Lines of a conversation: how they are written, and as visitors are shown them.

A line is the same for everybody who reads it; what a visitor need not know (the ticket) stays out of what they get, and
each file gets a link that expires.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...normalizer.outgoing import Outgoing
from ...normalizer.safe_names import safe_name
from ...queue.conversation_log import LogLine
from .file_links import FileLinks
from .sites import Milliseconds

VISITOR, AGENT, SYSTEM = "visitor", "agent", "system"

_SHOWN = ("id", "from", "name", "text", "at", "language")


def visitors_line(id_: str, name: str, text: str, at: int, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a visitor wrote."""
    return {"id": id_, "from": VISITOR, "name": name, "text": text, "at": at, "files": list(files)}


def our_line(outgoing: Outgoing) -> dict[str, Any]:
    """What an agent wrote, or we without one."""
    files = [
        {
            "sha256": attachment.sha256,
            "name": safe_name(attachment.name),
            "media_type": attachment.media_type,
            "size": attachment.size,
        }
        for attachment in outgoing.attachments
    ]
    return {
        "id": outgoing.article_id,
        "from": SYSTEM if outgoing.automatic or not outgoing.author else AGENT,
        "name": outgoing.author,
        "text": outgoing.text,
        "at": outgoing.created_at,
        "files": files,
        "language": outgoing.language,
        "ticket": outgoing.ticket_id,
    }


class Shown:
    """Lines as the visitors of one site are shown them."""

    def __init__(self, site: str, links: FileLinks, now: Milliseconds) -> None:
        self._site = site
        self._links = links
        self._now = now

    def line(self, line: LogLine) -> dict[str, Any]:
        """The frame of a line."""
        return {"type": "line", **self.fields(line)}

    def fields(self, line: LogLine) -> dict[str, Any]:
        """Its position and its fields."""
        shown = {name: line.data[name] for name in _SHOWN if name in line.data}
        return {"position": line.position, **shown, "files": [self._file(file) for file in line.data.get("files", ())]}

    def _file(self, file: Mapping[str, Any]) -> dict[str, Any]:
        return {**file, "url": self._links.url(self._site, str(file["sha256"]), str(file["name"]), self._now())}
