"""Answers on Messenger and Instagram, by the Send API.

A text takes 2000 characters on Messenger and 1000 bytes on Instagram. A file is left at Meta first and sent by its id,
so that no address of ours need be public; with Instagram Login, where nothing can be left, Meta fetches it from us. A
comment is answered privately, once, and what follows goes to its writer; or below it, for everybody to see, when the
agent says so. With the permission Human Agent, what Meta does not take any more after 24 hours is sent once more under
that tag.
"""

import json
import re
from contextlib import suppress
from typing import Any

from aiohttp import FormData

from ...config.errors import DeliveryFailed, DeliveryUnknown, Temporary
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing
from ...normalizer.rendering import messages_of
from ..public_files import FileAddresses
from ..sent_parts import Parts
from .graph import Graph, id_in, id_of_file
from .limits import COMMENT, INSTAGRAM_TEXT, LARGEST_FILE, LARGEST_PICTURE, MESSENGER_TEXT, PUBLIC, WITHOUT_ADDRESS
from .refusals import ANSWERED_BEFORE, WINDOW_SHUT
from .sending import Part, Place, ProductSender, ReadBlob, demand_size
from .settings import MetaAccountSettings

LONGEST_INSTAGRAM_COMMENT = 300
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
_TAG = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
_ANSWER = {"messaging_type": "RESPONSE"}
PATH = "me/messages"


class ScopedSender(ProductSender):
    """Sends from a page or an Instagram account."""

    def __init__(
        self, settings: MetaAccountSettings, graph: Graph, read_blob: ReadBlob, parts: Parts[str], files: FileAddresses
    ) -> None:
        super().__init__(read_blob, parts)
        self._settings = settings
        self._files = files
        self._instagram = settings.product == "instagram"
        self._graph = graph
        self.words = "Instagram" if self._instagram else "Messenger"

    def parts_of(self, outgoing: Outgoing) -> list[Part]:
        """The text, then the files; in public the text alone."""
        if _is_public(outgoing):
            return [self._public(outgoing)]
        if outgoing.attachments and not (self._settings.takes_uploads or self._settings.address):
            raise DeliveryFailed(f"Meta cannot fetch files from here; {WITHOUT_ADDRESS}")
        for file in outgoing.attachments:
            kind = self._kind(file)
            if kind == "file" and self._instagram and file.media_type != "application/pdf":
                raise DeliveryFailed(f"Instagram takes pictures, films, sounds and PDF, and not {file.name}")
            demand_size(file, LARGEST_PICTURE if kind == "image" else LARGEST_FILE, self.words)
        limit = INSTAGRAM_TEXT if self._instagram else MESSENGER_TEXT
        texts = messages_of(outgoing.text, limit, formatted=outgoing.formatted)
        return [*map(Part, texts), *(Part(file=file) for file in outgoing.attachments)]

    async def send_part(self, outgoing: Outgoing, part: Part, place: Place) -> str:
        """One message, to the comment that is answered or to its writer."""
        person = {"id": outgoing.to.rpartition(":")[2]}
        comment = outgoing.conversation.removeprefix(COMMENT)
        if _is_public(outgoing):
            edge = "replies" if self._instagram else "comments"
            return id_in(await self._graph.post(f"{comment}/{edge}", {"message": part.text}), "id")
        if comment == outgoing.conversation:
            if place.first and not outgoing.automatic:
                await self._mark_seen(person)
            return await self._message(outgoing, person, part, place)
        if not place.first:
            return await self._message(outgoing, person, part, place)
        try:
            return await self._message(outgoing, {self._what(comment): comment}, part, place)
        except DeliveryFailed as error:
            if error.facts.get("what") != ANSWERED_BEFORE:
                raise
        return await self._message(outgoing, person, part, place)

    def _what(self, id_: str) -> str:
        """What is answered privately; the id of what somebody posted on the page begins with that of the page."""
        return "post_id" if id_.startswith(f"{self._settings.id}_") else "comment_id"

    def _public(self, outgoing: Outgoing) -> Part:
        text = "".join(messages_of(outgoing.text, formatted=outgoing.formatted))
        if outgoing.attachments:
            raise DeliveryFailed("an answer below a comment takes no files; send a link to them instead")
        if self._instagram and len(text) > LONGEST_INSTAGRAM_COMMENT:
            raise DeliveryFailed(f"Instagram takes {LONGEST_INSTAGRAM_COMMENT} characters below a comment")
        if not text:
            raise DeliveryFailed("there is nothing to send")
        return Part(text)

    async def _message(self, outgoing: Outgoing, recipient: dict[str, str], part: Part, place: Place) -> str:
        message = await self._attached(outgoing.article_id, part.file) if part.file else {"text": part.text}
        if not self._instagram:
            message |= {"metadata": place.mark(outgoing.article_id)}
        content = {"recipient": recipient, "message": message}
        try:
            answer = await self._graph.post(PATH, content | ({} if self._instagram else _ANSWER))
        except DeliveryFailed as error:
            if not self._settings.human_agent or outgoing.automatic or error.facts.get("what") != WINDOW_SHUT:
                raise
            answer = await self._graph.post(PATH, content | _TAG)
        return id_in(answer, "message_id")

    async def _attached(self, article: str, file: Attachment) -> dict[str, Any]:
        kind = self._kind(file)
        if not self._settings.takes_uploads:
            there = await self._files.address(self._settings.address or "", article, file.sha256)
            return {"attachment": {"type": kind, "payload": {"url": there}}}
        form = FormData()
        attachment = {"type": kind, "payload": {"is_reusable": True}}
        form.add_field("message", json.dumps({"attachment": attachment}))
        if self._instagram:
            form.add_field("platform", "instagram")
        content = await self.read_blob(file.sha256)
        form.add_field("filedata", content, filename=file.name, content_type=file.media_type)
        left = id_of_file(await self._graph.upload("me/message_attachments", form), "attachment_id")
        return {"attachment": {"type": kind, "payload": {"attachment_id": left}}}

    async def _mark_seen(self, person: dict[str, str]) -> None:
        """What the customer wrote is shown to them as read; a failure of that holds nothing up."""
        if self._settings.mark_seen and not self._instagram:
            with suppress(DeliveryFailed, DeliveryUnknown, Temporary):
                await self._graph.post(PATH, {"recipient": person, "sender_action": "mark_seen"}, repeatable=True)

    @staticmethod
    def _kind(file: Attachment) -> str:
        if file.media_type in _PICTURES:
            return "image"
        kind = file.media_type.partition("/")[0]
        return kind if kind in ("video", "audio") else "file"


def _is_public(outgoing: Outgoing) -> bool:
    comment = outgoing.conversation.removeprefix(COMMENT)
    return (
        outgoing.mode == PUBLIC and comment != outgoing.conversation and re.fullmatch(r"[0-9_]+", comment) is not None
    )
