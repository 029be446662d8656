"""Replies by callback: a POST to the source's system, signed with the source's secret as Standard Webhooks says.

`webhook-id` is the id of the article, so the receiver knows a repeat, and a reply whose fate is unknown is sent again.
Files are named, not sent: the receiver has them from `/v1/attachments/{sha256}` with a token of its own.
web/signed_posts.py says what becomes of a post.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp.abc import AbstractResolver

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Outgoing, Sent
from ...web.signed_posts import SignedPosts
from .source import Milliseconds, Source


class Callbacks:
    """Posts replies to the sources that want them."""

    def __init__(
        self, sources: Mapping[str, Source], now: Milliseconds, resolver: AbstractResolver | None = None
    ) -> None:
        self._sources = sources
        self._posts = SignedPosts("the callback", now, resolver)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Post one reply. Raises DeliveryDeferred, DeliveryFailed."""
        source = self._sources.get(outgoing.account)
        if source is None or source.settings.callback is None:
            raise DeliveryFailed(f"the source {outgoing.account} takes no replies by callback")
        if not outgoing.to and not outgoing.conversation:
            raise DeliveryFailed("the reply is for nobody: neither an address nor a conversation is known")
        words = await self._posts.post(
            source.settings.callback, callback_body(outgoing), key=source.keys[0], message_id=outgoing.article_id
        )
        return Sent(reference=outgoing.article_id, detail=words)

    async def close(self) -> None:
        """Close connections."""
        await self._posts.close()


def callback_body(outgoing: Outgoing) -> bytes:
    """What is posted: the same bytes for the same reply."""
    content: dict[str, Any] = {
        "type": "message.reply",
        "article_id": outgoing.article_id,
        "ticket": {"id": outgoing.ticket_id, "number": outgoing.number},
        "source": outgoing.account,
        "conversation": outgoing.conversation or None,
        "to": outgoing.to,
        "to_name": outgoing.to_name,
        "subject": outgoing.subject,
        "text": outgoing.text,
        "language": outgoing.language,
        "in_reply_to": outgoing.in_reply_to or None,
        "attachments": [
            {"sha256": file.sha256, "name": file.name, "media_type": file.media_type, "size": file.size}
            for file in outgoing.attachments
        ],
        "author": outgoing.author,
        "automatic": outgoing.automatic,
        "created_at": outgoing.created_at,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
