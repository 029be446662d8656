"""An update of the Bot API as the one event that is stored of it. Pure; knows only what ids and order need.

What is stored is the update as it came. A message has its chat and number as its id, so that it is one message however
often Telegram sends it and by whichever way; any other update has its own number. Updates of one chat share a lane, and
Telegram gives them in order. What a repeat says again is the update with its keys sorted, because a post and an answer
to getUpdates need not be written alike.
"""

import json
from collections.abc import Mapping
from typing import Any

from ...config.errors import Unreadable
from ..vendor_post import Event, read_json
from .older import number
from .places import Place, safe_id

MESSAGES = ("message", "channel_post", "business_message", "guest_message")
EDITS = {
    "edited_message": "message",
    "edited_channel_post": "channel_post",
    "edited_business_message": "business_message",
}
WANTED = (*MESSAGES, *EDITS, "callback_query", "message_reaction", "deleted_business_messages", "my_chat_member")
"""The kinds of updates that Telegram is asked for; the others are taken all the same when they come."""

ALBUM, MEMBER = "album", "member"
"""What an event says of a message in an album: the album, and the message."""
PART_OF = "part_of"
"""The fact that remains of it: the message to which it is an addition."""


def event_of(update: Any) -> Event:
    """The event of an update. Raises Unreadable for what is none."""
    if not is_update(update):
        raise Unreadable("not an update of the Bot API: it has no update_id")
    kind, inner = kind_of(update)
    try:
        content = json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        says = json.dumps(update, sort_keys=True, separators=(",", ":")).encode()
    except RecursionError as error:
        raise Unreadable("an update that is nested too deeply") from error
    place = _place(inner) if kind in (*MESSAGES, *EDITS) else None
    own = place.message(number(inner["message_id"]) or 0) if place is not None else ""
    id_ = own if own and kind in MESSAGES else f"update:{update['update_id']}"
    album = safe_id(inner.get("media_group_id")) if place is not None else ""
    facts = {ALBUM: f"{place.chat_key}:{album}", MEMBER: own} if place is not None and album else {}
    return Event(id_, "message" if kind in MESSAGES else "update", _lane(inner, id_), content, says, facts)


def is_update(update: Any) -> bool:
    """Whether it has what every update has."""
    return isinstance(update, dict) and number(update.get("update_id")) is not None


def pressed(update: Any) -> str:
    """The id of what has to be answered because a button was pressed; empty when none was."""
    query = update.get("callback_query") if isinstance(update, dict) else None
    id_ = query.get("id") if isinstance(query, dict) else None
    return id_ if isinstance(id_, str) else ""


def read_update(content: bytes) -> Mapping[str, Any]:
    """The update in stored bytes. Raises Unreadable."""
    update = read_json(content)
    event_of(update)
    return dict(update)


def kind_of(update: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """What kind of update it is, and what stands below that name. An update has at most one."""
    found = [(key, value) for key, value in update.items() if isinstance(value, dict)]
    return found[0] if found else ("", {})


def _place(message: Mapping[str, Any]) -> Place | None:
    """Where a message is, as far as its id needs it; None when it does not say so."""
    chat = message.get("chat")
    id_ = number(chat.get("id")) if isinstance(chat, dict) else None
    if id_ is None or number(message.get("message_id")) is None:
        return None
    return Place(chat=id_, business=safe_id(message.get("business_connection_id")))


def _lane(inner: Mapping[str, Any], id_: str) -> str:
    """The chat that an update is of; one of none is alone."""
    message = inner.get("message")
    holder = message if isinstance(message, dict) else inner
    chat = holder.get("chat")
    if isinstance(chat, dict) and (known := number(chat.get("id"))) is not None:
        return str(known)
    return id_
