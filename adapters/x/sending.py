"""Answers on X: directly to the person, or in public below their post when the agent says so.

A direct message takes one picture, so further ones are messages of their own. In public a long text is a thread, each
post below the one before, and the pictures stand at the first. Pictures are left at X before anything is sent, so one
that X does not take keeps the whole answer back. X knows no repeat, so an answer in several goes on where it stopped
(sent_parts.py); when a later part is refused for good, the words say that the first ones have arrived. What became of a
send that broke off is told by X itself, which posts to us what the account writes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import FormData

from ...config.errors import DeliveryFailed, DeliveryUnknown
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.rendering import messages_of
from ...normalizer.sending_limits import TextLimit
from ..sent_parts import Parts, send_parts
from .api import XApi
from .events import POST
from .limits import DIRECTLY, LARGEST_PICTURE, MOST_PICTURES, PICTURES, PUBLIC, PUBLICLY

ReadBlob = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True)
class Part:
    """One message or post."""

    text: str = ""
    pictures: Sequence[Attachment] = ()


class XSender:
    """Sends from one account, which has this id at X."""

    def __init__(self, owner: str, api: XApi, read_blob: ReadBlob, parts: Parts[str]) -> None:
        self._owner = owner
        self._api = api
        self._read_blob = read_blob
        self._parts = parts

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one answer. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        if not (outgoing.to.isascii() and outgoing.to.isdigit()):
            raise DeliveryFailed("there is nobody to send it to")
        public = outgoing.mode == PUBLIC
        parts = _in_public(outgoing) if public else _directly(outgoing)
        left = len(await self._parts.read(outgoing.article_id)) if len(parts) > 1 else 0
        media = iter([await self._left(part, public=public) for part in parts[left:]])

        async def send(part: Part, before: Sequence[str]) -> str:
            if public:
                return await self._post(outgoing, part, next(media), before)
            return await self._message(outgoing.to, part, next(media))

        ids = await send_parts(self._parts, outgoing.article_id, parts, send, named=self._named(public=public))
        reference, *also = map(self._named(public=public), ids)
        count = f" in {len(parts)} {'posts' if public else 'messages'}" if also else ""
        told = f"X took it{count}{', for everybody to see' if public else ''}"
        return Sent(reference=reference, also=tuple(also), detail=told)

    def _named(self, *, public: bool) -> Callable[[str], str]:
        return f"{self._owner}:{POST if public else ''}{{}}".format

    async def _message(self, to: str, part: Part, media: Sequence[str]) -> str:
        """POST /2/dm_conversations/with/:participant_id/messages."""
        content: dict[str, Any] = {"text": part.text} if part.text else {}
        if media:
            content["attachments"] = [{"media_id": each} for each in media]
        return _id_in(await self._api.post(f"/2/dm_conversations/with/{to}/messages", content), "dm_event_id")

    async def _post(self, outgoing: Outgoing, part: Part, media: Sequence[str], before: Sequence[str]) -> str:
        """POST /2/tweets."""
        below = before[-1] if before else outgoing.conversation.removeprefix(POST)
        content: dict[str, Any] = {"text": part.text} if part.text else {}
        content["reply"] = {"in_reply_to_tweet_id": below}
        if media:
            content["media"] = {"media_ids": list(media)}
        return _id_in(await self._api.post("/2/tweets", content), "id")

    async def _left(self, part: Part, *, public: bool) -> list[str]:
        """X's ids of the pictures of a part (POST /2/media/upload)."""
        ids = []
        for file in part.pictures:
            form = FormData()
            form.add_field("media_category", "tweet_image" if public else "dm_image")
            form.add_field("media_type", file.media_type)
            content = await self._read_blob(file.sha256)
            form.add_field("media", content, filename=file.name, content_type=file.media_type)
            left = await self._api.upload("/2/media/upload", form)
            if not left.get("id"):
                raise DeliveryFailed(f"X took the picture {file.name} and did not say as what")
            ids.append(str(left["id"]))
        return ids


def _directly(outgoing: Outgoing) -> list[Part]:
    """The texts; the first picture goes with the last of them, every other as a message of its own."""
    texts, pictures = _texts(outgoing, DIRECTLY), _pictures(outgoing)
    last = Part(texts[-1] if texts else "", pictures[:1])
    return [*map(Part, texts[:-1]), last, *(Part(pictures=(each,)) for each in pictures[1:])]


def _in_public(outgoing: Outgoing) -> list[Part]:
    post = outgoing.conversation.removeprefix(POST)
    if post == outgoing.conversation or not (post.isascii() and post.isdigit()):
        raise DeliveryFailed("there is no post to answer in public; answer it directly")
    texts, pictures = _texts(outgoing, PUBLICLY), _pictures(outgoing)
    return [Part(texts[0] if texts else "", pictures), *map(Part, texts[1:])]


def _texts(outgoing: Outgoing, limit: TextLimit) -> list[str]:
    texts = messages_of(outgoing.text, limit)
    if len(texts) > limit.parts:
        raise DeliveryFailed(f"it is longer than X takes at once ({limit.parts} × {limit.most} characters)")
    if not texts and not outgoing.attachments:
        raise DeliveryFailed("there is nothing to send")
    return texts


def _pictures(outgoing: Outgoing) -> Sequence[Attachment]:
    if len(outgoing.attachments) > MOST_PICTURES:
        raise DeliveryFailed(f"X takes at most {MOST_PICTURES} pictures at once")
    for file in outgoing.attachments:
        if file.media_type not in PICTURES:
            raise DeliveryFailed(f"X takes pictures (JPEG, PNG, WebP) from the desk, and not {file.name}; send a link")
        if file.size > LARGEST_PICTURE:
            raise DeliveryFailed(f"{file.name} is larger than the 5 MB that X takes; send a link to it")
    return outgoing.attachments


def _id_in(data: Mapping[str, Any], name: str) -> str:
    if not data.get(name):
        raise DeliveryUnknown("X took it and did not say as what")
    return str(data[name])
