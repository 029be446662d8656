"""The messages that an answer becomes on LINE: its text in parts, then each file, by an address.

LINE fetches a file from us. People may look at it days later, so the addresses end after a month.
"""

from collections.abc import Sequence
from typing import Any

from ...config.errors import DeliveryFailed, Unreadable
from ...normalizer.envelope import Attachment
from ...normalizer.mp4_duration import duration_of
from ...normalizer.outgoing import Outgoing
from ...normalizer.sending_limits import Sends
from ...normalizer.sending_plan import sending_plan
from ...normalizer.splitting import pieces_of, utf16_units
from ...web.downloads import Files
from ..public_files import DAY_MS, FileAddresses
from .limits import KINDS, LARGEST_PREVIEW, LONGEST_TEXT

LIFETIME_MS = 30 * DAY_MS

Message = dict[str, Any]


class LineMessages:
    """Makes the messages of one account, which the world reaches at `address`, and its preview at `preview`."""

    def __init__(self, address: str, preview: str, sends: Sends, files: FileAddresses, blobs: Files) -> None:
        self._address = address
        self._preview = preview
        self._sends = sends
        self._files = files
        self._blobs = blobs

    async def of(self, outgoing: Outgoing) -> Sequence[Message]:
        """All of them, in their order. Raises DeliveryFailed for what LINE does not take."""
        plan = sending_plan(outgoing.text, outgoing.attachments, self._sends)
        if plan.refusals:
            raise DeliveryFailed("; ".join(each.words for each in plan.refusals))
        texts = pieces_of(outgoing.text, LONGEST_TEXT, utf16_units)
        if not texts and not outgoing.attachments:
            raise DeliveryFailed("there is nothing to send")
        files = [await self._file(outgoing.article_id, each) for each in outgoing.attachments]
        return [*({"type": "text", "text": part} for part in texts), *files]

    async def _file(self, article: str, file: Attachment) -> Message:
        kind = KINDS[file.media_type]
        there = await self._files.address(self._address, article, file.sha256, LIFETIME_MS)
        message: Message = {"type": kind, "originalContentUrl": there}
        if kind == "audio":
            return {**message, "duration": await self._duration(file)}
        is_small = kind == "image" and file.size <= LARGEST_PREVIEW
        return {**message, "previewImageUrl": there if is_small else self._preview}

    async def _duration(self, file: Attachment) -> int:
        """Milliseconds. Raises DeliveryFailed for a sound whose length cannot be told."""
        try:
            opened = await self._blobs.open(file.sha256)
        except Unreadable:
            raise DeliveryFailed(f"{file.name} is not kept any more") from None
        try:
            duration = await self._blobs.in_thread(duration_of, opened)
        finally:
            await self._blobs.in_thread(opened.close)
        if duration is None:
            raise DeliveryFailed(
                f"{file.name} does not say how long it is, which LINE wants to know; send a link to it"
            )
        return duration
