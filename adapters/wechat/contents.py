"""What a message of WeChat says: its words and its file. Pure; raises KeyError, TypeError, ValueError for what is none.

Files are fetched later by their media id, which WeChat keeps for three days. What WeChat understood of a voice message
stands as its text, beside the recording; a place, a link and a button are told in words of ours, which say nothing of
the customer's language. Stickers and files are not passed on by WeChat; it posts a text in their stead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...normalizer.envelope import Attachment
from ...normalizer.later_files import later_file
from ...normalizer.safe_names import safe_line, safe_text
from .events import event_of, is_event

NOT_PASSED_ON = "【收到不支持的消息类型，暂无法显示】"
WITHHELD = "They sent something that WeChat does not pass on, such as a sticker or a file."

_FILES = {"image": "photo", "voice": "voice message", "video": "video", "shortvideo": "video"}
_TYPES = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}


@dataclass(frozen=True)
class Content:
    """`own` says that the text is in the customer's own words."""

    text: str
    own: bool = False
    attachments: tuple[Attachment, ...] = ()


def content_of(fields: Mapping[str, Any]) -> Content:
    """Of a message, or of an event by which somebody says something."""
    if is_event(fields):
        return _pressed(fields)
    kind = fields["MsgType"]
    if kind == "text":
        text = safe_text(_text(fields["Content"]))
        return Content(WITHHELD) if text == NOT_PASSED_ON else Content(text, own=True)
    if kind == "location":
        return Content(_place(fields))
    if kind == "link":
        return Content(_link(fields))
    return _file(kind, fields)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _file(kind: str, fields: Mapping[str, Any]) -> Content:
    called = _FILES[kind]
    media_type = _TYPES.get(str(fields.get("Format") or "").lower(), "")
    file = later_file(_text(fields["MediaId"]).strip(), kind=called, media_type=media_type)
    understood = safe_text(_text(fields.get("Recognition") or ""))
    return Content(understood, own=bool(understood), attachments=(file,))


def _place(fields: Mapping[str, Any]) -> str:
    where = f"{float(_text(fields['Location_X']))}, {float(_text(fields['Location_Y']))}"
    return "\n".join(filter(None, ("Location", _line(fields, "Label", 200), where)))


def _link(fields: Mapping[str, Any]) -> str:
    address = safe_line(_text(fields["Url"]), 2000)
    return "\n".join(filter(None, (_line(fields, "Title", 200), _line(fields, "Description", 500), address)))


def _pressed(fields: Mapping[str, Any]) -> Content:
    event = event_of(fields)
    if event == "click":
        return Content(f"Pressed a button of the menu: {safe_line(_text(fields['EventKey']), 300)}")
    if event == "scancode_waitmsg":
        return Content(f"Scanned a code: {safe_line(_text(fields['ScanCodeInfo']['ScanResult']), 2000)}")
    raise ValueError(f"an event {str(fields.get('Event'))[:50]!r}")


def _line(fields: Mapping[str, Any], name: str, longest: int) -> str:
    return safe_line(_text(fields.get(name) or ""), longest)
