"""What a message of Messenger or Instagram says: its words and its files. Pure.

Files are fetched later by the address that Meta gives for them, which expires. A sticker is the picture of it, and the
thumb that Messenger has on a button is the sign for it; a link, a shared post and a place are told in words. Such words
are ours, and say nothing of the customer's language. Raises KeyError, TypeError, ValueError for what is no message.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...normalizer.envelope import Attachment
from ...normalizer.later_files import later_file
from .said import Said, advertised, line, place, words
from .templates_shown import template_lines

_FILES = {"image": "photo", "video": "video", "audio": "voice message", "file": "file", "animated_image": "animation"}
_SHARED = {
    "story_mention": "Mentioned you in a story",
    "share": "Shared a post",
    "ig_post": "Shared a post",
    "post": "Shared a post",
    "reel": "Shared a reel",
    "ig_reel": "Shared a reel",
    "ig_story": "Shared a story",
    "story": "Shared a story",
}
_THUMBS = frozenset({"369239263222822", "369239343222814", "369239383222810"})


def content_of(message: Mapping[str, Any]) -> Said:
    """Of an event `message`."""
    text = words(message.get("text") or "")
    pieces = list(_pieces(message))
    answered = message.get("reply_to")
    answers: Mapping[str, Any] = answered if isinstance(answered, dict) else {}
    story = answers.get("story")
    told, ext = advertised(message.get("referral"))
    files = [each for each in pieces if isinstance(each, Attachment)]
    lines = [each for each in pieces if isinstance(each, str) and (each.rpartition(": ")[2] not in text or not text)]
    if isinstance(story, dict):
        lines.append("(in reply to your story)")
        files += [later_file(str(story.get("url") or ""), kind="story")]
    if not text and not pieces:
        lines.append("(a message that Meta does not pass on)")
    choice = message.get("quick_reply")
    return Said(
        own=text,
        told=(*lines, *told),
        attachments=tuple(files),
        quoted=str(answers.get("mid") or ""),
        form=_form(message, story=isinstance(story, dict)),
        ext=ext | ({"payload": line(choice.get("payload"))} if isinstance(choice, dict) else {}),
    )


def pressed(postback: Mapping[str, Any]) -> Said:
    """Of an event `postback`: a button, a question that the page offers to begin with, *Get started*."""
    title, payload = line(postback.get("title")), line(postback.get("payload"))
    told, ext = advertised(postback.get("referral"))
    return Said(
        told=(f"Pressed a button: {title or payload or 'without a name'}", *told), ext=ext | {"payload": payload}
    )


def _form(message: Mapping[str, Any], *, story: bool) -> str:
    kinds = {str(each.get("type")) for each in _attachments(message)}
    return "story_mention" if "story_mention" in kinds else "story_reply" if story else ""


def _attachments(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = message.get("attachments") or []
    if isinstance(found, dict):  # older versions of Instagram's give one without a list
        found = [found]
    return [each for each in found if isinstance(each, dict)]


def _pieces(message: Mapping[str, Any]) -> Iterator[str | Attachment]:
    for attachment in _attachments(message):
        kind, payload = str(attachment.get("type")), attachment.get("payload")
        yield from _piece(kind, payload if isinstance(payload, dict) else {}, attachment)


def _piece(kind: str, payload: Mapping[str, Any], attachment: Mapping[str, Any]) -> Iterator[str | Attachment]:
    url = str(payload.get("url") or "")
    if str(payload.get("sticker_id") or "") in _THUMBS:
        yield "👍"
    elif kind in _FILES:
        yield later_file(url, kind="sticker" if payload.get("sticker_id") else _FILES[kind])
    elif kind in _SHARED:
        yield ": ".join(filter(None, (_SHARED[kind], line(payload.get("title")))))
        if url:
            yield later_file(url, kind=kind.removeprefix("ig_"))
    elif kind == "location":
        at, title = payload["coordinates"], payload.get("title") or attachment.get("title")
        yield "\n".join(place(at["lat"], at["long"], title))
    elif kind == "template" and (shown := template_lines(payload)):
        yield "\n".join(shown)
    elif kind == "like_heart":
        yield "❤️"
    elif kind == "ephemeral":
        yield "(a photo or video to be seen once, which Meta does not pass on)"
    else:
        title, link = (line(payload.get(name) or attachment.get(name), 2000) for name in ("title", "url"))
        yield ": ".join(filter(None, (title, link))) or f"(something that is not known here: {line(kind, 50)})"
