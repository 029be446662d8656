"""One event of Meta: what it is, of which account, who has to do with it, and the id by which a repeat is known.

    told_of     the event in a body of one event
    event_id    a message or a comment by Meta's id of it; what changes one, or tells of it, by that and what it says
    split       the messages of a post, as intake takes them

What people do besides writing, and fields that are not of conversations, are not stored. An event of a conversation
that is not known here is, and is set aside by its reader. Pure.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..vendor_post import Event, Post, json_bytes, read_json
from .people import whatsapp_ids, whatsapp_key
from .posts import LISTS, WAYS, product_of, single_bodies
from .settings import Product

Kind = Literal[
    "message", "message_edit", "reaction", "postback", "delivery", "read", "referral", "optin",
    "comment", "echo", "status", "silent", "unknown",
]  # fmt: skip

# Messenger Platform and Instagram Messaging, "Webhook Events Reference".
_SAYING: tuple[Kind, ...] = (
    "message", "message_edit", "reaction", "postback", "delivery", "read", "referral", "optin",
)  # fmt: skip
_SILENT = frozenset(
    {
        *("pass_thread_control", "take_thread_control", "request_thread_control", "app_roles", "account_linking"),
        *("policy_enforcement", "policy-enforcement", "messaging_feedback", "response_feedback", "game_play", "typing"),
        *("payment", "checkout_update", "pre_checkout"),
    }
)
_COMMENTS = ("comments", "live_comments")
_POSTS = frozenset({"post", "status", "photo", "video"})
_TEST = "0"
_VERBS = ("add", "edit", "edited", "remove")
_WRAPPED = re.compile(r"message(s|_edits?|_reactions|_echoes|_reads|_deliveries)\Z|messaging_\w+\Z|standby\Z")
BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_OF_WHATSAPP: Mapping[str, Kind] = {"messages": "message", "statuses": "status", "message_echoes": "echo"}


@dataclass(frozen=True)
class Told:
    """One event. `item` is what it says, `around` what stands about it, `what` its name where it is silent or unknown.

    `owner` is Meta's id of the account, `other` that of the customer, `at` milliseconds.
    """

    product: Product
    kind: Kind
    owner: str = ""
    other: str = ""
    item: Mapping[str, Any] = field(default_factory=dict)
    around: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0
    standby: bool = False
    what: str = ""
    is_test: bool = False
    """Somebody pressed *Test* in Meta's console: the account has the id 0."""


def told_of(body: Mapping[str, Any]) -> Told:
    """The event of a body of one event. Raises Unreadable, or what a broken one raises: see `BROKEN`."""
    product, entry = product_of(body), body["entry"][0]
    way = next((name for name in WAYS if entry.get(name)), WAYS[0])
    event = entry[way][0]
    if way != "changes":
        return _messaging(product, entry, event, standby=way == "standby")
    field, value = str(event["field"]), event["value"]
    if product == "whatsapp":
        return _whatsapp(field, value, is_test=entry.get("id") == _TEST)
    if _WRAPPED.match(field) and isinstance(value, dict) and "sender" in value:
        return _messaging(product, entry, value, standby=field == "standby")
    return _change(product, entry, field, value)


def split(post: Post) -> Sequence[Event]:
    """One message an event. Raises Unreadable for what is no body of Meta; an event that is broken stands alone."""
    return [each for body in single_bodies(read_json(post.body)) if (each := _event(body)) is not None]


def event_id(told: Told) -> str:
    """By what a repeat is known. Raises KeyError for a broken event."""
    return _IDS.get(told.kind, _by_moment)(told)


def _id_of_message(told: Told) -> str:
    id_ = told.item.get("id" if told.product == "whatsapp" else "mid")
    if told.item.get("is_deleted"):
        return f"{told.item['mid']}#deleted"
    return str(id_) if id_ else f"without:{_digest({'of': told.other, 'at': told.at, 'said': told.item})}"


def _id_of_edit(told: Told) -> str:
    return f"{told.item['mid']}#edit:{told.item.get('num_edit', told.at)}"


def _id_of_reaction(told: Told) -> str:
    return f"{told.item['mid']}#{told.item['action']}:{told.around['sender']['id']}:{told.at}"


def _id_of_postback(told: Told) -> str:
    return str(told.item.get("mid") or _by_moment(told))


def _id_of_receipt(told: Told) -> str:
    return f"{told.kind}:{told.other}:{told.item.get('mid') or told.item['watermark']}"


def _id_of_status(told: Told) -> str:
    return f"{told.item['id']}#{told.item['status']}"


def _id_of_comment(told: Told) -> str:
    id_ = str(told.item.get("comment_id") or told.item["id"])
    verb = told.item.get("verb", "add")
    return id_ if verb == "add" else f"{id_}#{verb}:{told.item.get('created_time', '')}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json_bytes(value)).hexdigest()


def _by_moment(told: Told) -> str:
    return f"{told.kind}:{told.other}:{told.at}"


_IDS: Mapping[Kind, Callable[[Told], str]] = {
    "message": _id_of_message,
    "echo": _id_of_message,
    "message_edit": _id_of_edit,
    "reaction": _id_of_reaction,
    "postback": _id_of_postback,
    "delivery": _id_of_receipt,
    "read": _id_of_receipt,
    "status": _id_of_status,
    "comment": _id_of_comment,
}


def _event(body: Mapping[str, Any]) -> Event | None:
    content = json_bytes(body)
    try:
        told = told_of(body)
        if told.kind == "silent":
            return None
        said = told.item if told.kind in ("message", "echo", "status", "comment") else told.around
        lane = f"{told.product}:{told.owner}:{told.other}"
        kind = "delivery" if told.kind in ("delivery", "read", "status") else "message"
        return Event(event_id(told), kind, lane, content, json_bytes(said))
    except BROKEN:
        digest = hashlib.sha256(content).hexdigest()
        return Event(digest, "message", f"unreadable:{digest}", content)


def _messaging(product: Product, entry: Mapping[str, Any], event: Mapping[str, Any], *, standby: bool) -> Told:
    owner = str(entry.get("id") or _id(event, "sender" if _is_echo(event) else "recipient"))
    at = milliseconds(event.get("timestamp") or entry.get("time") or 0)
    kind = next((each for each in _SAYING if each in event), None)
    if kind is None:
        silent = next((each for each in event if each in _SILENT), "")
        names = ", ".join(sorted(event.keys() - {"sender", "recipient", "timestamp"}))
        return Told(product, "silent" if silent else "unknown", owner, at=at, around=event, what=silent or names)
    item, sender = event[kind], _id(event, "sender")
    if kind == "message" and item.get("is_echo"):
        kind = "echo"
    other = _id(event, "recipient") if kind == "echo" or sender == owner else sender
    other = other or str(item.get("user_ref") or "")
    return Told(product, kind, owner, other, item, event, at, standby, is_test=owner == _TEST)


def _is_echo(event: Mapping[str, Any]) -> bool:
    message = event.get("message")
    return isinstance(message, dict) and bool(message.get("is_echo"))


def _id(event: Mapping[str, Any], name: str) -> str:
    who = event.get(name)
    return str(who["id"]) if isinstance(who, dict) and "id" in who else ""


def _change(product: Product, entry: Mapping[str, Any], field_name: str, value: Any) -> Told:
    owner = str(entry["id"])
    comment = product == "instagram" and field_name in _COMMENTS
    if product == "messenger" and field_name == "feed":
        value = _as_comment(value)
        comment = value["item"] == "comment" and value.get("verb", "add") in _VERBS
    writer = _id(value, "from") if comment else ""
    if not comment or writer == owner:
        return Told(product, "silent", owner, what=field_name)
    at = milliseconds(value.get("created_time") or entry.get("time") or 0)
    around = {"field": str(value.get("field") or field_name)}
    return Told(product, "comment", owner, writer, value, around, at, is_test=owner == _TEST)


def _as_comment(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a visitor posts on the page itself is the first comment in it."""
    if value["item"] not in _POSTS or not _id(value, "from"):
        return value
    picture = {"photo": value.get("link")} if value["item"] == "photo" and "photo" not in value else {}
    return {**value, **picture, "item": "comment", "comment_id": value["post_id"], "field": "post"}


def _whatsapp(field: str, value: Mapping[str, Any], *, is_test: bool) -> Told:
    name = next((each for each in LISTS.get(field, ()) if value.get(each)), "")
    if not name:
        return Told("whatsapp", "silent", what=field)
    if name == "errors":
        return Told("whatsapp", "silent", what=f"an error: {str(value['errors'][0])[:300]}")
    kind, item = _OF_WHATSAPP[name], value[name][0]
    owner = str((value.get("metadata") or {}).get("phone_number_id") or "")
    other = str(item.get("group_id") or whatsapp_key(whatsapp_ids(kind, item)[0]))
    around = {each: piece for each, piece in value.items() if each != name}
    at = milliseconds(item.get("timestamp") or 0)
    return Told("whatsapp", kind, owner, other, item, around, at, is_test=is_test)


def milliseconds(given: Any) -> int:
    """Meta gives seconds in one place, milliseconds in another, as a number or a text, in some a date. Raises
    ValueError."""
    if isinstance(given, str) and "T" in given:
        return int(datetime.fromisoformat(given).timestamp() * 1000)
    moment = int(given)
    if not 0 <= moment < 10**14:
        raise ValueError("no timestamp")
    return moment * 1000 if moment < 10**11 else moment
