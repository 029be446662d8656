"""One event of X: what it is, of which account, who has to do with it, and the id by which a repeat is known. Pure.

    told_of     the event in a body of one event
    external_id a message by X's id of it, with our account's in front, because one post can be for two accounts of ours
    split       the messages of a post, as intake takes them

The same message may come twice, once by each way of telling: it is known by its id, its writer and its words. What
people do besides writing (likes, follows, typing, profiles) is not stored; an event that is not known here is, and is
set aside by its reader.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..vendor_post import Event, Post, json_bytes, read_json
from .posts import DIRECT, single_bodies
from .public_posts import PublicPost, milliseconds, post_of

Kind = Literal["direct", "encrypted", "post", "read", "deleted", "revoked", "silent", "unknown"]

BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError)
POST = "post:"
"""Stands before the id of a public post, which may be that of a direct message as well."""

# Account Activity API, "Available activities".
_LISTS: Mapping[str, Kind] = {
    DIRECT: "direct",
    "tweet_create_events": "post",
    "direct_message_mark_read_events": "read",
    "tweet_delete_events": "deleted",
    "user_event": "revoked",
    **dict.fromkeys(
        (
            *("favorite_events", "follow_events", "unfollow_events", "block_events", "unblock_events", "mute_events"),
            *("unmute_events", "direct_message_indicate_typing_events", "replay_job_status", "replay_event"),
        ),
        "silent",
    ),
}
# X Activity API, "Supported event types".
_TYPES: Mapping[str, Kind] = {
    "dm.received": "direct",
    "dm.sent": "direct",
    "dm.read": "read",
    "chat.received": "encrypted",
    "post.create": "post",
    "post.mention.create": "post",
    "post.reply.create": "post",
    "post.quote.create": "post",
    "post.delete": "deleted",
    "oauth.revoke": "revoked",
}
_SILENT = ("like.", "follow.", "profile.", "mute.", "block.", "spaces.", "broadcast.", "news.", "chat.", "post.repost.")
_SILENT_TYPES = frozenset({"dm.indicate_typing"})


@dataclass(frozen=True)
class Told:
    """One event. `owner` is X's id of the account, `other` that of the customer; `mine` says that the account wrote it.

    `item` is what it says, `users` are people by their ids, `what` names what is silent or unknown, and says as what a
    post came where X tells that. `at` is milliseconds.
    """

    kind: Kind
    owner: str = ""
    other: str = ""
    id: str = ""
    at: int = 0
    mine: bool = False
    item: Mapping[str, Any] = field(default_factory=dict)
    users: Mapping[str, Any] = field(default_factory=dict)
    post: PublicPost | None = None
    what: str = ""


def told_of(body: Mapping[str, Any]) -> Told:
    """The event of a body of one event. Raises what a broken one raises: see `BROKEN`."""
    if "data" in body:
        return _activity(body["data"])
    name = next((each for each in body if each in _LISTS), "")
    if not name:
        return Told("unknown", str(body.get("for_user_id", "")), what=next(iter(each for each in body), ""))
    kind, owner = _LISTS[name], str(body.get("for_user_id", ""))
    if kind == "silent":
        return Told("silent", owner, what=name)
    item = body[name] if kind == "revoked" else body[name][0]
    return _READERS[kind](owner, item, body, name)


def external_id(told: Told) -> str:
    """By what a repeat is known."""
    return {
        "post": f"{told.owner}:{POST}{told.id}",
        "deleted": f"{told.owner}:{POST}{told.id}#deleted",
        "read": f"{told.owner}:read:{told.other}:{told.id}",
        "revoked": f"{told.owner}:revoked:{told.id}",
    }.get(told.kind, f"{told.owner}:{told.id}")


def split(post: Post) -> Sequence[Event]:
    """One message an event. Raises Unreadable for what is no body of X; an event that is broken stands alone."""
    return [each for body in single_bodies(read_json(post.body)) if (each := _event(body)) is not None]


def _event(body: Mapping[str, Any]) -> Event | None:
    content = json_bytes(body)
    try:
        told = told_of(body)
        if told.kind == "silent":
            return None
        if told.kind == "unknown":
            raise ValueError(told.what)
        kind = "delivery" if told.kind == "read" else "message"
        return Event(external_id(told), kind, f"{told.owner}:{told.other}", content, json_bytes(_said(told)))
    except BROKEN:
        digest = hashlib.sha256(content).hexdigest()
        return Event(digest, "message", f"unreadable:{digest}", content)


def _said(told: Told) -> list[str]:
    """What is the same, however it is told."""
    if told.post is not None:
        return [told.post.author, told.post.text]
    words = told.item["message_create"]["message_data"].get("text", "") if told.kind == "direct" else ""
    return [str(told.mine), str(words)]


def _activity(event: Mapping[str, Any]) -> Told:
    type_, owner = str(event["event_type"]), str((event.get("filter") or {}).get("user_id", ""))
    kind = _TYPES.get(type_)
    if kind is None:
        is_silent = type_.startswith(_SILENT) or type_ in _SILENT_TYPES
        return Told("silent" if is_silent else "unknown", owner, what=type_)
    payload = event["payload"]
    lists = {"direct": DIRECT, "read": "direct_message_mark_read_events"}
    if kind in lists:
        if kind == "read" and lists[kind] not in payload:
            return Told("silent", owner, what=type_)
        return _READERS[kind](owner, payload[lists[kind]][0], payload, type_)
    return _READERS[kind](owner, payload, event.get("includes") or {}, type_)


def _direct(owner: str, item: Mapping[str, Any], around: Mapping[str, Any], name: str) -> Told:
    if item["type"] != "message_create":
        return Told("unknown", owner, what=f"{name}: {item['type']}")
    message = item["message_create"]
    sender, receiver = str(message["sender_id"]), str(message["target"]["recipient_id"])
    if {sender, receiver} == {owner}:
        return Told("silent", owner, what="a message of the account to itself")
    other, users, at = receiver if sender == owner else sender, around.get("users") or {}, item["created_timestamp"]
    return Told("direct", owner, other, str(item["id"]), milliseconds(at), sender == owner, item, users)


def _encrypted(owner: str, item: Mapping[str, Any], around: Mapping[str, Any], _name: str) -> Told:
    sender, at = str(item["sender_id"]), milliseconds(item["created_at_msec"])
    users = {str(each.get("id")): each for each in around.get("users") or () if isinstance(each, dict)}
    return Told("encrypted", owner, sender, str(item["id"]), at, sender == owner, item, users)


def _post(owner: str, item: Mapping[str, Any], around: Mapping[str, Any], name: str) -> Told:
    post = post_of(item, around)
    mine = post.author == owner
    other = _answered(post, owner) if mine else post.author
    if post.is_repost or not other:
        return Told("silent", owner, what="a repost" if post.is_repost else "a post of the account")
    return Told("post", owner, other, post.id, post.at, mine, item, post=post, what=name)


def _answered(post: PublicPost, owner: str) -> str:
    """Whom a post of ours answers; in a thread of ours the first who is named, as X names them there by itself."""
    if post.answers_person not in ("", owner):
        return post.answers_person
    return next((who for who, _ in post.mentioned if post.answers and who != owner), "")


def _read(owner: str, item: Mapping[str, Any], _around: Mapping[str, Any], _name: str) -> Told:
    reader = str(item["sender_id"])
    if reader == owner:
        return Told("silent", owner, what="the account has read")
    return Told("read", owner, reader, str(item["last_read_event_id"]), milliseconds(item["created_timestamp"]))


def _deleted(owner: str, item: Mapping[str, Any], _around: Mapping[str, Any], _name: str) -> Told:
    status = item.get("status") or item
    author, at = str(status.get("user_id") or status["author_id"]), milliseconds(item.get("timestamp_ms") or 0)
    return Told("deleted", owner, "" if author == owner else author, str(status["id"]), at, author == owner)


def _revoked(owner: str, item: Mapping[str, Any], _around: Mapping[str, Any], _name: str) -> Told:
    revoke = item.get("revoke") or item
    return Told("revoked", owner or str(revoke["source"]["user_id"]), id=str(revoke.get("date_time") or ""))


_READERS = {
    "direct": _direct,
    "encrypted": _encrypted,
    "post": _post,
    "read": _read,
    "deleted": _deleted,
    "revoked": _revoked,
}
