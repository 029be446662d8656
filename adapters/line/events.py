"""The events in what LINE posts: which of them say something, who and where, under which id. Pure.

A raw message is a body of LINE with one event, so that recorded bodies and stored ones are read alike. What people do
besides writing (following, joining, reading, passing a beacon) is no message and is not stored; a type of event that is
not listed here is stored, and set aside for somebody to see.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...config.errors import Unreadable
from ..vendor_post import Event, Post, demand_equal, json_bytes, read_json, single_header
from .settings import Groups

CHANNEL = "line"

# LINE Messaging API reference, "Webhook Event Objects"; partner documentation for the six before the last, which
# (LINE Things) ended in 2022.
NO_MESSAGES = frozenset(
    {
        *("follow", "unfollow", "join", "leave", "memberJoined", "memberLeft", "videoPlayComplete", "beacon"),
        *("accountLink", "membership", "module", "activated", "deactivated", "botSuspended", "botResumed", "delivery"),
        "things",
    }
)
_CHATS = ("groupId", "roomId", "userId")
_TESTER = "Udeadbeefdeadbeefdeadbeefdeadbeef"
"""Who wrote when somebody pressed *Verify* in LINE's console, until it posted no events for it."""
_PASSING = {
    "event": frozenset({"deliveryContext", "replyToken"}),
    "message": frozenset({"keywords", "quoteToken", "markAsReadToken"}),
}
"""What may differ when LINE posts an event again: the mark of that, tokens, and the words that describe a sticker."""


def verify(post: Post, secret: bytes) -> None:
    """LINE signs the bytes of the body, base64 of HMAC-SHA256 under the channel secret. Raises Forged."""
    given = single_header(post, "x-line-signature", 64)
    demand_equal(given, base64.b64encode(hmac.digest(secret, post.body, "sha256")))


def split(post: Post, groups: Groups) -> Sequence[Event]:
    """One message an event. Raises Unreadable for what is no body of LINE; an event that is none stands alone."""
    body = read_json(post.body)
    return [_one(body, event) for event in events_of(body) if not isinstance(event, dict) or is_wanted(event, groups)]


def events_of(body: Any) -> list[Any]:
    """All events of a body. Raises Unreadable."""
    if not isinstance(body, dict) or not isinstance(events := body.get("events"), list):
        raise Unreadable("not a post of LINE: it has no list of events")
    return events


def is_wanted(event: Mapping[str, Any], groups: Groups) -> bool:
    """Whether somebody says something in it, and where the account listens."""
    if event.get("type") in NO_MESSAGES or _switches_menu(event):
        return False
    source = event.get("source")
    if isinstance(source, dict) and source.get("userId") == _TESTER:
        return False
    if groups == "all" or not isinstance(source, dict) or source.get("type") == "user":
        return True
    return groups == "mentioned" and (event.get("type") != "message" or any(_mentions(event)))


def external_id(event: Mapping[str, Any]) -> str:
    """The id of the message, by which it is quoted and unsent; of anything else that of the event. Raises KeyError."""
    message = event.get("message")
    return str(message["id"] if event["type"] == "message" and isinstance(message, dict) else event["webhookEventId"])


def chat_of(event: Mapping[str, Any]) -> str:
    """The group, the room or the person. Raises KeyError, TypeError."""
    source = event["source"]
    return str(source[next((name for name in _CHATS if name in source), _CHATS[-1])])


def _one(body: Mapping[str, Any], event: Any) -> Event:
    content = json_bytes({**body, "events": [event]})
    try:
        said = {name: value for name, value in event.items() if name not in _PASSING["event"]}
        if isinstance(message := said.get("message"), dict):
            said["message"] = {name: each for name, each in message.items() if name not in _PASSING["message"]}
        return Event(external_id(event), str(event["type"]), chat_of(event), content, json_bytes(said))
    except (AttributeError, KeyError, TypeError):
        digest = hashlib.sha256(content).hexdigest()
        return Event(digest, "message", f"unreadable:{digest}", content)


def _switches_menu(event: Mapping[str, Any]) -> bool:
    """A button that only changes the menu of buttons."""
    postback = event.get("postback")
    params = postback.get("params") if isinstance(postback, dict) else None
    return isinstance(params, dict) and ("newRichMenuAliasId" in params or "status" in params)


def _mentions(event: Mapping[str, Any]) -> Iterator[bool]:
    """For each who is mentioned, whether it is the account."""
    message = event.get("message")
    mention = message.get("mention") if isinstance(message, dict) else None
    for each in mention.get("mentionees") or () if isinstance(mention, dict) else ():
        yield isinstance(each, dict) and each.get("isSelf") is True
