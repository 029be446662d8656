"""Answers on WeChat: customer service messages, the text in as many as it needs, then the files.

A message takes 2048 bytes of text, which are some 680 Chinese characters. WeChat takes five messages after each of the
customer, acknowledgements counted; a reply that needs more is refused before anything is sent. Files are left at WeChat
first and sent by their media id. WeChat knows no repeat and names no message, so a part whose answer was lost is of
unknown fate; a reply in several parts goes on where it stopped.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ...config.errors import DeliveryFailed
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.splitting import pieces_of, utf8_bytes
from ..sent_parts import Parts, send_parts
from .limits import KINDS, LARGEST, LONGEST_TEXT, MIB, MOST_MESSAGES
from .official_api import SEND, OfficialApi

ReadBlob = Callable[[str], Awaitable[bytes]]
Part = str | Attachment


class WechatSender:
    """Sends from one account."""

    def __init__(self, api: OfficialApi, read_blob: ReadBlob, parts: Parts[str]) -> None:
        self._api = api
        self._read_blob = read_blob
        self._parts = parts

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one reply. Raises AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        parts = parts_of(outgoing)

        async def send(part: Part, _: Sequence[str]) -> str:
            await self._api.post(SEND, {"touser": outgoing.to, **await self._content(part)})
            return outgoing.external_id

        await send_parts(self._parts, outgoing.article_id, parts, send)
        told = f" in {len(parts)} messages" if len(parts) > 1 else ""
        return Sent(reference=outgoing.external_id, detail=f"WeChat took it{told}")

    async def _content(self, part: Part) -> Mapping[str, Any]:
        if isinstance(part, str):
            return {"msgtype": "text", "text": {"content": part}}
        kind = KINDS[part.media_type]
        content = await self._read_blob(part.sha256)
        media_id = await self._api.upload(kind, part.name, part.media_type, content)
        return {"msgtype": kind, kind: {"media_id": media_id, **({"title": part.name} if kind == "video" else {})}}


def parts_of(outgoing: Outgoing) -> list[Part]:
    """The messages that a reply becomes. Raises DeliveryFailed for what WeChat does not take."""
    for file in outgoing.attachments:
        _demand_taken(file)
    parts: list[Part] = [*pieces_of(outgoing.text, LONGEST_TEXT, utf8_bytes), *outgoing.attachments]
    if not parts:
        raise DeliveryFailed("there is nothing to send")
    if len(parts) > MOST_MESSAGES:
        raise DeliveryFailed(
            f"it would be {len(parts)} messages, and WeChat takes {MOST_MESSAGES} after each of the customer; "
            f"a text takes {LONGEST_TEXT} bytes, and each file is one more"
        )
    return parts


def _demand_taken(file: Attachment) -> None:
    kind = KINDS.get(file.media_type)
    if kind is None:
        raise DeliveryFailed(f"WeChat takes pictures, short sounds and films, and not {file.name}; send a link to it")
    if file.size > LARGEST[kind]:
        most = f"{LARGEST[kind] // MIB} MB"
        raise DeliveryFailed(f"{file.name} is larger than the {most} that WeChat takes; send a link to it")
