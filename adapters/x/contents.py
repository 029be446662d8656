"""What a direct message or a post says: its words and its files. Pure.

X shortens every address (t.co) and escapes `&`, `<` and `>`; both are undone. What answers a post begins with the names
of those whom it answers, which its writer has not typed and X does not show; they are left out. The address of a
picture in the text is left out too: the picture is a file, fetched later. Raises KeyError, TypeError, ValueError for
what is broken.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...normalizer.envelope import Attachment
from ...normalizer.later_files import later_file
from ...normalizer.safe_names import safe_line, safe_text
from .public_posts import Link, PublicPost

_ANSWERED = re.compile(r"\A(?:@\w{1,50}\s+)+(?=\S)")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_KINDS = {"photo": "photo", "video": "video", "animated_gif": "animation"}


def post_words(post: PublicPost) -> str:
    """What its writer typed."""
    text = _ANSWERED.sub("", post.text) if post.answers else post.text
    return _plain(text, post.links)


def post_files(post: PublicPost) -> tuple[Attachment, ...]:
    """Pictures and films; those that X names without an address are missing, and say so."""
    return (*map(_file, post.media), *(later_file("", kind="picture") for _ in range(post.unshown_media)))


def message_words(data: Mapping[str, Any]) -> tuple[str, str]:
    """Of a direct message: what its writer typed, and in our words what it has besides."""
    text, attachment = data.get("text", ""), data.get("attachment") or {}
    if not isinstance(text, str):
        raise TypeError("no text")
    links = [
        Link(short=str(each["url"]), full=str(each.get("expanded_url") or each["url"]))
        for each in (data.get("entities") or {}).get("urls") or ()
    ]
    kind = attachment.get("type")
    if kind == "media" and attachment["media"].get("url"):
        links = [each for each in links if each.short != attachment["media"]["url"]]
        links.append(Link(short=str(attachment["media"]["url"]), full=""))
    told = _place(attachment["location"]) if kind == "location" else ""
    if kind and kind not in ("media", "location"):
        told = f"(with something that is shown only on X: {safe_line(str(kind), 40)})"
    return _plain(text, links), told


def message_files(data: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The picture or film of a direct message."""
    attachment = data.get("attachment") or {}
    return (_file(attachment["media"]),) if attachment.get("type") == "media" else ()


def _plain(text: str, links: Iterable[Link]) -> str:
    for link in links:
        text = text.replace(link.short, safe_line(link.full, 2000))
    for escaped, plain in _ESCAPES:
        text = text.replace(escaped, plain)
    return safe_text(text)


def _file(media: Mapping[str, Any]) -> Attachment:
    """By the address of the picture, or of the film in its best form."""
    kind = _KINDS.get(str(media.get("type")), "file")
    variants = (media.get("video_info") or media).get("variants") or ()
    films = [each for each in variants if each.get("content_type") == "video/mp4" and each.get("url")]
    if kind != "photo" and films:
        best = max(films, key=lambda each: int(each.get("bitrate") or each.get("bit_rate") or 0))
        return later_file(str(best["url"]), kind=kind, media_type="video/mp4")
    address = media.get("media_url_https") or media.get("url") or media.get("preview_image_url")
    return later_file(str(address or ""), kind="photo" if kind == "photo" else f"picture of a {kind}")


def _place(location: Mapping[str, Any]) -> str:
    place = location.get("shared_place")
    if isinstance(place, dict):
        about = place.get("place") or place
        return "\n".join(("Location", safe_line(str(about.get("full_name") or about.get("name") or ""), 200)))
    longitude, latitude = location["shared_coordinate"]["coordinates"]["coordinates"]
    return f"Location\n{float(latitude)}, {float(longitude)}"
