"""Replies by callback: a POST to the source's system, signed with the source's secret as Standard Webhooks says.

`webhook-id` is the id of the article, so the receiver knows a repeat, and a reply whose fate is unknown is sent again.
Files are named, not sent: the receiver has them from `/v1/attachments/{sha256}` with a token of its own.

    2xx                                        sent
    408, 425, 429, 5xx, no or broken answer    DeliveryDeferred; Retry-After is obeyed
    3xx, other 4xx                             DeliveryFailed: redirects are not followed
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, InvalidURL
from aiohttp.abc import AbstractResolver

from ...config.errors import DeliveryDeferred, DeliveryFailed, TrunklineError
from ...normalizer.outgoing import Outgoing, Sent
from ...web.egress import AddressRefusedError, guarded_session
from .signing import signed_headers
from .source import Milliseconds, Source

_TIMEOUT = ClientTimeout(total=15, sock_connect=5)
_LATER = frozenset({408, 425, 429})
_LONGEST_WORDS = 300
_LONGEST_WAIT = 3600


class Callbacks:
    """Posts replies to the sources that want them."""

    def __init__(
        self, sources: Mapping[str, Source], now: Milliseconds, resolver: AbstractResolver | None = None
    ) -> None:
        self._sources = sources
        self._now = now
        self._resolver = resolver
        self._sessions: dict[bool, ClientSession] = {}

    async def send(self, outgoing: Outgoing) -> Sent:
        """Post one reply. Raises DeliveryDeferred, DeliveryFailed."""
        source = self._sources.get(outgoing.account)
        if source is None or source.settings.callback is None:
            raise DeliveryFailed(f"the source {outgoing.account} takes no replies by callback")
        if not outgoing.to and not outgoing.conversation:
            raise DeliveryFailed("the reply is for nobody: neither an address nor a conversation is known")
        body = callback_body(outgoing)
        headers = signed_headers(source.keys[0], outgoing.article_id, self._now() // 1000, body)
        headers |= {"Content-Type": "application/json", "User-Agent": "Trunkline"}
        callback = source.settings.callback
        try:
            session = self._session(callback.allow_private)
            async with session.post(callback.url, data=body, headers=headers, allow_redirects=False) as response:
                return await _sent(outgoing, response)
        except (ClientError, OSError, TimeoutError) as error:
            raise _unreachable(error) from error

    async def close(self) -> None:
        """Close connections."""
        while self._sessions:
            await self._sessions.popitem()[1].close()

    def _session(self, allow_private: bool) -> ClientSession:
        if allow_private not in self._sessions:
            self._sessions[allow_private] = guarded_session(
                allow_private=allow_private, timeout=_TIMEOUT, resolver=self._resolver
            )
        return self._sessions[allow_private]


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


async def _sent(outgoing: Outgoing, response: ClientResponse) -> Sent:
    words = f"{response.status} {await _words(response)}".strip()
    if 200 <= response.status < 300:
        return Sent(reference=outgoing.article_id, detail=words)
    if response.status in _LATER or response.status >= 500:
        asked = response.headers.get("Retry-After", "")
        wait = min(int(asked[:9]), _LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
        raise DeliveryDeferred(f"the callback puts it off: {words}", retry_after=wait)
    raise DeliveryFailed(f"the callback refuses it: {words}")


async def _words(response: ClientResponse) -> str:
    """The beginning of the answer's text; an answer that breaks off here has still been given."""
    with suppress(ClientError, TimeoutError):
        content = await response.content.read(_LONGEST_WORDS)
        return "".join(
            character if character.isprintable() else " " for character in content.decode("utf-8", "replace")
        )
    return ""


def _unreachable(error: Exception) -> TrunklineError:
    if isinstance(error, InvalidURL):
        return DeliveryFailed(f"the callback has no usable address: {error}")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefusedError):
            return DeliveryFailed(f"the callback is not connected to: {cause}")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError):
        return DeliveryDeferred("the callback did not answer in time")
    return DeliveryDeferred(f"the callback is not reached: {error}")
