"""What a message of Slack says in blocks, or in the attachments that were before them, where it has no text. Pure.

Apps may write only blocks, and some clients leave the text away. The result is written as Slack writes texts
(marks.py): people, channels and addresses in `<…>`, emoji between colons, everything else escaped. A block of a kind
that is not known here says nothing.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_MOST = 200
_DEEPEST = 8
_SPANS = {
    "text": ("text", "{}"),
    "date": ("fallback", "{}"),
    "emoji": ("name", ":{}:"),
    "user": ("user_id", "<@{}>"),
    "channel": ("channel_id", "<#{}>"),
    "usergroup": ("usergroup_id", "<!subteam^{}>"),
    "broadcast": ("range", "<!{}>"),
}
"""By the kind of a part of rich text, the name of what it says, and how Slack writes that in a text."""


def words_of(message: Mapping[str, Any]) -> str:
    """The text of a message, else that of its blocks, else that of its attachments. Raises TypeError."""
    text = message.get("text") or ""
    if not isinstance(text, str):
        raise TypeError("no text")
    return text or _lines(map(_block, _mappings(message.get("blocks")))) or _attached(message)


def _attached(message: Mapping[str, Any]) -> str:
    """Those that somebody shares are told apart from what they say themselves."""
    own = (
        each
        for each in _mappings(message.get("attachments"))
        if not (each.get("is_share") or each.get("is_msg_unfurl") or each.get("from_url"))
    )
    return _lines(
        _lines([_text(each.get("pretext")), _text(each.get("title")), _text(each.get("text"))])
        or _lines(map(_block, _mappings(each.get("blocks"))))
        or _text(each.get("fallback"))
        for each in own
    )


def _block(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "rich_text":
            return _rich(block, 0)
        case "section" | "header" | "markdown":
            return _lines([_text(block.get("text")), *map(_text, _mappings(block.get("fields")))])
        case "context":
            return " ".join(filter(None, (_text(each.get("text")) for each in _mappings(block.get("elements")))))
        case "image" | "video":
            return _text(block.get("title")) or _text(block.get("alt_text"))
    return ""


def _rich(element: Mapping[str, Any], depth: int) -> str:
    """A block of rich text, or a part of one."""
    inner = _mappings(element.get("elements")) if depth < _DEEPEST else []
    match element.get("type"):
        case "rich_text":
            return _lines(_rich(each, depth + 1).rstrip("\n") for each in inner)
        case "rich_text_list":
            return _lines(f"• {_rich(each, depth + 1)}" for each in inner)
        case "rich_text_quote":
            return _lines(f"&gt; {line}" for line in "".join(map(_span, inner)).splitlines())
    return "".join(map(_span, inner))


def _span(span: Mapping[str, Any]) -> str:
    kind = str(span.get("type"))
    if kind == "link":
        url, label = span.get("url"), escape(_text(span.get("text")), quote=False)
        return f"<{url}|{label}>" if label else f"<{url}>"
    name, form = _SPANS.get(kind, ("", ""))
    told = span.get(name)
    return form.format(told if form != "{}" else escape(told, quote=False)) if isinstance(told, str) else ""


def _text(value: Any) -> str:
    """A text, or an object that holds one."""
    if isinstance(value, dict):
        value = value.get("text")
    return value if isinstance(value, str) else ""


def _lines(given: "Iterator[str] | list[str] | map[str]") -> str:
    return "\n".join(filter(None, given))


def _mappings(found: Any) -> list[Mapping[str, Any]]:
    given = found if isinstance(found, list) else []
    kept: list[Mapping[str, Any]] = [each for each in given if isinstance(each, dict)]
    return kept[:_MOST]
