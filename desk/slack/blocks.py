"""Constructors of Block Kit's blocks: with them no limit can be broken, and no text can be more than a text. Pure.

There are two sorts of text. What anybody wrote (a customer, a colleague, the configuration) stands in `plain` or in
`rich`, where Slack reads no markup: no mention, no link, no emoji by its name. Slack's own markup comes only from
`marked`, whose strings are escaped and which means something only by its pieces: `Moment`, `Bold`, `Mention`, `Channel`
and `Link`, that are made from numbers, ids of Slack's and addresses of our own pages.

What is too long is cut, what is too many is left out, an empty text becomes a dash: Slack refuses the whole payload
otherwise, and a ticket must not be lost for that. Who has much to show divides it before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...config.errors import Invalid
from ..views.times import instant
from . import block_limits as limits
from .plain_words import cut, one_line, running_text, weight

Json = dict[str, Any]

_USER = re.compile(r"[UW][A-Z0-9]{2,40}\Z")
_GROUP = re.compile(r"S[A-Z0-9]{2,40}\Z")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,40}\Z")
_PAGE = re.compile(r"https?://[^\s<>|\"'`\\]{3,2000}\Z")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EMPTY = "–"


@dataclass(frozen=True)
class Moment:
    """A time, shown where its reader is: `today 14:05`, or only `14:05`."""

    at: int  # milliseconds
    style: Literal["day", "clock"] = "day"

    @property
    def fallback(self) -> str:
        """For clients that know no dates."""
        return f"{instant(self.at):%H:%M} UTC" if self.style == "clock" else f"{instant(self.at):%Y-%m-%d %H:%M} UTC"

    @property
    def format(self) -> str:
        """As Slack's format of dates has it."""
        return "{time}" if self.style == "clock" else "{date_short_pretty} {time}"


@dataclass(frozen=True)
class Bold:
    """Words of ours that stand out."""

    words: str


@dataclass(frozen=True)
class Mention:
    """Somebody, or a group, who is told of it, by an id of Slack's."""

    id: str


@dataclass(frozen=True)
class Channel:
    """A channel of Slack by its id."""

    id: str


@dataclass(frozen=True)
class Link:
    """A page of ours."""

    url: str
    words: str


Piece = str | Moment | Bold | Mention | Channel | Link


@dataclass(frozen=True)
class Styled:
    """A run of text in `rich`."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False


# Texts


def plain(text: str, most: int = limits.SECTION_TEXT) -> Json:
    """A text in which nothing means anything."""
    return {"type": "plain_text", "text": cut(running_text(text, most), most) or _EMPTY, "emoji": False}


def marked(*pieces: Piece, most: int = limits.CONTEXT_TEXT) -> Json:
    """Words of ours with what only Slack's markup has; strings in it are escaped.

    Raises Invalid for an id or an address that is none, since that would be a mention or a link by accident.
    """
    said, left = list[str](), most
    for each in pieces:
        words = _escaped(each, left) if isinstance(each, str) else _written(each)
        if len(words) > left:
            break
        said.append(words)
        left -= len(words)
    return {"type": "mrkdwn", "text": "".join(said).strip() or _EMPTY, "verbatim": True}


def escaped(text: str) -> str:
    """So that nothing in it means anything to Slack."""
    return "".join(_ESCAPES.get(each, each) for each in text)


def _escaped(text: str, most: int) -> str:
    line = " " if text.endswith(" ") else ""
    before = " " if text.startswith(" ") and text.strip() else ""
    return escaped(f"{before}{cut(running_text(text, most), max(1, most - 2))}{line}")


def _written(piece: Moment | Bold | Mention | Channel | Link) -> str:
    match piece:
        case Moment():
            return f"<!date^{int(piece.at) // 1000}^{piece.format}|{piece.fallback}>"
        case Bold():
            return f"*{escaped(one_line(piece.words)).replace('*', '')}*"
        case Mention() if _USER.match(piece.id):
            return f"<@{piece.id}>"
        case Mention() if _GROUP.match(piece.id):
            return f"<!subteam^{piece.id}>"
        case Channel() if _CHANNEL.match(piece.id):
            return f"<#{piece.id}>"
        case Link() if _PAGE.match(piece.url):
            return f"<{escaped(piece.url)}|{escaped(one_line(piece.words)).replace('|', '/')}>"
        case Mention() | Channel():
            raise Invalid(f"{piece.id!r} is no id of Slack's")
        case _:
            raise Invalid(f"{piece.url!r} is no address of a page")


# Blocks


def rich(*runs: Styled | str, quoted: bool = False, most: int = limits.SECTION_TEXT) -> Json:
    """Anybody's text, as a paragraph or with a bar beside it; more than `most` is cut off."""
    return {"type": "rich_text", "elements": [_rich_part(runs, most, quoted=quoted)]}


def _rich_part(runs: Sequence[Styled | str], most: int, *, quoted: bool) -> Json:
    elements, left = list[Json](), most
    for each in runs:
        run = each if isinstance(each, Styled) else Styled(each)
        text = cut(_kept_space(run.text, left), left)
        if not text or left <= 1:
            continue
        left -= weight(text)
        style = {name: True for name in ("bold", "italic", "strike", "code") if getattr(run, name)}
        elements.append({"type": "text", "text": text, **({"style": style} if style else {})})
    kind = "rich_text_quote" if quoted else "rich_text_section"
    return {"type": kind, "elements": elements or [{"type": "text", "text": _EMPTY}]}


def _kept_space(text: str, most: int) -> str:
    """As running text, but with the space around it, which parts it from its neighbours."""
    inner = running_text(text, most)
    before = " " if text[:1] == " " else ""
    return f"{before}{inner}{' ' if text[-1:] == ' ' and inner else ''}"


def section(text: Json, accessory: Json | None = None) -> Json:
    """A text, with a control at its right end."""
    return {"type": "section", "text": text, **({"accessory": accessory} if accessory else {})}


def fields(*texts: Json) -> Json:
    """Texts in two columns."""
    return {"type": "section", "fields": list(texts[: limits.FIELDS])}


def context(*texts: Json) -> Json:
    """Small grey words, side by side."""
    return {"type": "context", "elements": [_small(each) for each in texts[: limits.CONTEXT_ELEMENTS]]}


def _small(text: Json) -> Json:
    """A text that is no longer than a context takes; what is marked is cut where it is made."""
    return text if text["type"] == "mrkdwn" else {**text, "text": cut(text["text"], limits.CONTEXT_TEXT)}


def actions(*controls: Json, block_id: str = "") -> Json:
    """Controls, side by side."""
    named = {"block_id": block_id[: limits.IDENTIFIER]} if block_id else {}
    return {"type": "actions", "elements": list(controls[: limits.ACTIONS_ELEMENTS]), **named}


def header(words: str) -> Json:
    """A heading."""
    return {"type": "header", "text": plain(one_line(words), limits.HEADER_TEXT)}


def divider() -> Json:
    """A line."""
    return {"type": "divider"}


def text_of(blocks: Iterable[Json]) -> int:
    """How much text there is in all of these blocks, as Slack might count it."""
    return sum(map(_text_within, blocks))


def _text_within(value: Any) -> int:
    if isinstance(value, dict):
        own = len(escaped(value["text"])) if isinstance(value.get("text"), str) else 0
        return own + sum(map(_text_within, (each for each in value.values() if not isinstance(each, str))))
    return sum(map(_text_within, value)) if isinstance(value, list) else 0
