"""Answers on WhatsApp, by the Cloud API.

A text takes 4096 characters; a text of up to 1024 with one file goes below it. A file is left at Meta first and sent by
its id. Pictures, films and sounds of the kinds and sizes that WhatsApp shows go as such, anything else as a document.
Every message carries the id of our article and which of its messages it is, which receipts give back. An answer goes to
the spelling of the number that wrote, or to WhatsApp's id of somebody who hides it; in a group, to the group. A
template goes by its name with its values, and what it says is WhatsApp's.
"""

from typing import Any

from aiohttp import FormData

from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, UsedTemplate
from ...normalizer.rendering import messages_of
from ...normalizer.sending_limits import TextLimit
from ..sent_parts import Parts
from .graph import Graph, id_in, id_of_file
from .limits import CAPTION, LARGEST_DOCUMENT, MEGABYTE, WHATSAPP_DIALECT, WHATSAPP_TEXT
from .sending import Part, Place, ProductSender, ReadBlob, demand_size
from .settings import MetaAccountSettings
from .whatsapp_messages import GROUP

# "Media", "Supported media types" of the Cloud API.
_SHOWN = {
    **dict.fromkeys(("image/jpeg", "image/png"), ("image", 5 * MEGABYTE)),
    **dict.fromkeys(("video/mp4", "video/3gpp"), ("video", 16 * MEGABYTE)),
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), ("audio", 16 * MEGABYTE)),
}


class WhatsAppSender(ProductSender):
    """Sends from one number."""

    words = "WhatsApp"

    def __init__(self, settings: MetaAccountSettings, graph: Graph, read_blob: ReadBlob, parts: Parts[str]) -> None:
        super().__init__(read_blob, parts)
        self._path = settings.id
        self._graph = graph

    def parts_of(self, outgoing: Outgoing) -> list[Part]:
        """One file with its text, else the text and then the files; a template alone."""
        if outgoing.template is not None:
            return [Part(outgoing.text)]
        files = outgoing.attachments
        for file in files:
            demand_size(file, LARGEST_DOCUMENT, self.words)
        caption = _texts(outgoing, CAPTION)
        if len(files) == 1 and len(caption) == 1 and _kind(files[0]) != "audio":
            return [Part(caption[0], files[0])]
        return [*map(Part, _texts(outgoing, WHATSAPP_TEXT)), *(Part(file=file) for file in files)]

    async def send_part(self, outgoing: Outgoing, part: Part, place: Place) -> str:
        """One message."""
        if outgoing.template is not None:
            content = _template(outgoing.template)
        else:
            content = await self._file(part) if part.file else _text(part.text)
        mark = {"biz_opaque_callback_data": place.mark(outgoing.article_id)}
        answer = await self._graph.post(
            f"{self._path}/messages",
            {"messaging_product": "whatsapp", **_to(outgoing.conversation or outgoing.to), **content, **mark},
        )
        messages = answer.get("messages")
        found = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
        return id_in(found, "id")

    async def _file(self, part: Part) -> dict[str, Any]:
        assert part.file is not None
        kind = _kind(part.file)
        form = FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", part.file.media_type)
        content = await self.read_blob(part.file.sha256)
        form.add_field("file", content, filename=part.file.name, content_type=part.file.media_type)
        shown: dict[str, Any] = {"id": id_of_file(await self._graph.upload(f"{self._path}/media", form), "id")}
        if part.text:
            shown["caption"] = part.text
        if kind == "document":
            shown["filename"] = part.file.name
        return {"type": kind, kind: shown}


def _texts(outgoing: Outgoing, limit: TextLimit) -> list[str]:
    return messages_of(outgoing.text, limit, WHATSAPP_DIALECT, formatted=outgoing.formatted)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def _template(used: UsedTemplate) -> dict[str, Any]:
    """Values by place, or by name where the template has names ("Templates", "Parameter formats")."""
    numbered = all(name.isascii() and name.isdigit() for name in used.parameters)
    values = sorted(used.parameters.items(), key=lambda each: int(each[0])) if numbered else used.parameters.items()
    filled = [
        {"type": "text", "text": value, **({} if numbered else {"parameter_name": name})} for name, value in values
    ]
    components = {"components": [{"type": "body", "parameters": filled}]} if filled else {}
    named = {"name": used.vendor, "language": {"code": used.language}}
    return {"type": "template", "template": {**named, **components}}


def _kind(file: Attachment) -> str:
    kind, largest = _SHOWN.get(file.media_type, ("document", 0))
    return kind if file.size <= largest else "document"


def _to(conversation: str) -> dict[str, str]:
    if conversation.startswith(GROUP):
        return {"recipient_type": "group", "to": conversation.removeprefix(GROUP)}
    number = conversation.lstrip("+")
    if number.isascii() and number.isdigit():
        return {"recipient_type": "individual", "to": number}
    return {"recipient_type": "individual", "recipient": conversation}
