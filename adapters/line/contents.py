"""What a message of LINE says: its words and its files. Pure; raises KeyError, TypeError, ValueError for what is none.

Files are fetched later by the id of their message; those that LINE only passes on from a server elsewhere are told as
an address, because nobody but that server vouches for it. A sticker is told in its words, a place by its name and
coordinates, a button by its data: such words are ours, and say nothing of the customer's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...normalizer.envelope import Attachment
from ...normalizer.later_files import later_file
from ...normalizer.safe_names import safe_line, safe_text

_FILES = {"image": "photo", "video": "video", "audio": "voice message", "file": "file"}
_MOST_WORDS = 5


@dataclass(frozen=True)
class Content:
    """`own` says that the text is in the customer's own words."""

    text: str
    own: bool = False
    attachments: tuple[Attachment, ...] = ()
    quoted: str = ""


def content_of(event: Mapping[str, Any]) -> Content:
    """Of an event `message` or `postback`."""
    if event["type"] == "postback":
        return _pressed(event["postback"])
    message = event["message"]
    kind, quoted = message["type"], str(message.get("quotedMessageId") or "")
    if kind == "text":
        return Content(safe_text(_text(message["text"])), own=True, quoted=quoted)
    if kind == "sticker":
        own = safe_text(_text(message.get("text", "")))
        return Content(own or _sticker(message), own=bool(own), quoted=quoted)
    if kind == "location":
        return Content(_place(message))
    return _file(kind, message)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _sticker(message: Mapping[str, Any]) -> str:
    words = [safe_line(each, 40) for each in message.get("keywords") or () if isinstance(each, str)]
    told = ", ".join(filter(None, words[:_MOST_WORDS]))
    return f"Sticker: {told}" if told else "Sticker"


def _place(message: Mapping[str, Any]) -> str:
    named = (safe_line(str(message.get(name) or ""), 200) for name in ("title", "address"))
    where = f"{float(message['latitude'])}, {float(message['longitude'])}"
    return "\n".join(("Location", *filter(None, named), where))


def _file(kind: str, message: Mapping[str, Any]) -> Content:
    called = _FILES[kind]
    provider = message.get("contentProvider") or {}
    if provider.get("type") == "external":
        address = safe_line(str(provider.get("originalContentUrl") or "no address"), 2000)
        return Content(f"{called.capitalize()} on another server: {address}")
    name, size = str(message.get("fileName") or ""), message.get("fileSize")
    file = later_file(str(message["id"]), kind=called, name=name, size=size if isinstance(size, int) else 0)
    return Content("", attachments=(file,))


def _pressed(postback: Mapping[str, Any]) -> Content:
    params = postback.get("params")
    chosen = ", ".join(safe_line(str(each), 40) for each in params.values()) if isinstance(params, dict) else ""
    told = f"Pressed a button: {safe_line(_text(postback['data']), 300)}"
    return Content(f"{told} ({chosen})" if chosen else told)
