"""Pictures that came along inside a mail, as `data:` addresses for its HTML.

Only what begins like a bitmap of a common type is one, whatever its part says of itself; at most `MOST_BYTES` of them
together, so that a page stays a page.
"""

import asyncio
from base64 import b64encode

from ...config.errors import Unreadable
from ...normalizer.content_types import bitmap_type
from ...normalizer.envelope import Attachment
from ...queue.blobs import Blobs
from ...router.records import Article

MOST_BYTES = 4 * 1024 * 1024


async def inline_pictures(article: Article, blobs: Blobs) -> dict[str, str]:
    """The pictures of an article that its HTML can refer to, by Content-ID."""
    room, chosen = MOST_BYTES, list[Attachment]()
    for attachment in article.attachments:
        if attachment.content_id and attachment.sha256 and 0 < attachment.size <= room:
            room -= attachment.size
            chosen.append(attachment)
    addresses = await asyncio.gather(*(_address(attachment, blobs) for attachment in chosen))
    return {found.content_id: address for found, address in zip(chosen, addresses, strict=True) if address}


async def _address(attachment: Attachment, blobs: Blobs) -> str:
    try:
        content = await blobs.get(attachment.sha256)
    except Unreadable:
        return ""
    media_type = bitmap_type(content)
    return f"data:{media_type};base64,{b64encode(content).decode()}" if media_type else ""
