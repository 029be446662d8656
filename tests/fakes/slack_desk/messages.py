"""What is written in a workspace: messages and answers in threads, their edits and ends, and reactions.

Each function changes the state and tells the event that Slack tells of it: `message` without a subtype for what is
written, `message_changed` and `message_deleted` for what becomes of it, `reaction_added` and `reaction_removed`. The
app hears of its own messages too. A message that is deleted while there are answers to it leaves a tombstone. What
people write has no blocks here, which Slack makes of it besides the text.
"""

from typing import Any

from .refusal import Json
from .workspace import Channel, Workspace

_CHANNEL_TYPES = {"private": "group", "public": "channel", "direct": "im"}


def write(workspace: Workspace, channel: Channel, user: str, text: str, **more: Any) -> Json:
    """Somebody writes; `more` are `thread_ts`, `blocks`, `metadata`, `files` and such. The message."""
    team = workspace.people[user].team
    message: Json = {"type": "message", "user": user, "text": text, "ts": workspace.moment(), "team": team}
    message |= {name: value for name, value in more.items() if value}
    thread = channel.message(message["thread_ts"]) if "thread_ts" in message else None
    if thread is not None:
        message["parent_user_id"] = thread["user"]
        _answered(thread, message)
    channel.messages.append(message)
    subtype = {"subtype": "file_share"} if "files" in message else {}
    workspace.happened({**message, **subtype, **_place(channel)})
    return message


def edit(workspace: Workspace, channel: Channel, message: Json, editor: str, changes: Json) -> None:
    """The message becomes another one, at the same place."""
    before = dict(message)
    message.update(changes)
    message["edited"] = {"user": editor, "ts": workspace.moment()}
    _changed(workspace, channel, message, before)


def delete(workspace: Workspace, channel: Channel, message: Json) -> None:
    """The message is gone, or a tombstone while there are answers to it."""
    before = dict(message)
    if message.get("reply_count"):
        kept = {name: message[name] for name in ("ts", "thread_ts", "reply_count", "reply_users", "latest_reply")}
        message.clear()
        message.update({**kept, "type": "message", "subtype": "tombstone", "user": "USLACKBOT"})
        message["text"] = "This message was deleted."
        _changed(workspace, channel, message, before)
        return
    channel.messages.remove(message)
    _forget_answer(channel, before)
    gone = {"subtype": "message_deleted", "hidden": True, "deleted_ts": before["ts"], "previous_message": before}
    workspace.happened({"type": "message", "ts": workspace.moment(), **gone, **_place(channel)})


def react(workspace: Workspace, channel: Channel, message: Json, user: str, name: str) -> bool:
    """Somebody reacts; whether they had not before."""
    given = workspace.reactions.setdefault((channel.id, message["ts"]), {}).setdefault(name, [])
    if user in given:
        return False
    given.append(user)
    workspace.happened(_reaction("reaction_added", channel, message, user, name))
    return True


def unreact(workspace: Workspace, channel: Channel, message: Json, user: str, name: str) -> bool:
    """Somebody takes a reaction back; whether there was one."""
    given = workspace.reactions.get((channel.id, message["ts"]), {}).get(name, [])
    if user not in given:
        return False
    given.remove(user)
    workspace.happened(_reaction("reaction_removed", channel, message, user, name))
    return True


def reactions_of(workspace: Workspace, channel: Channel, message: Json) -> list[Json]:
    """As reactions.get shows them."""
    given = workspace.reactions.get((channel.id, message["ts"]), {})
    return [{"name": name, "users": list(users), "count": len(users)} for name, users in given.items() if users]


def _reaction(kind: str, channel: Channel, message: Json, user: str, name: str) -> Json:
    item = {"type": "message", "channel": channel.id, "ts": message["ts"]}
    return {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message["user"]}


def _answered(thread: Json, message: Json) -> None:
    thread["thread_ts"] = thread["ts"]
    thread["reply_count"] = thread.get("reply_count", 0) + 1
    thread["reply_users"] = sorted({*thread.get("reply_users", []), message["user"]})
    thread["latest_reply"] = message["ts"]


def _forget_answer(channel: Channel, message: Json) -> None:
    thread = channel.message(message.get("thread_ts", ""))
    if thread is not None:
        thread["reply_count"] -= 1


def _changed(workspace: Workspace, channel: Channel, message: Json, before: Json) -> None:
    changed = {"subtype": "message_changed", "hidden": True, "message": dict(message), "previous_message": before}
    workspace.happened({"type": "message", "ts": workspace.moment(), **changed, **_place(channel)})


def _place(channel: Channel) -> Json:
    return {"channel": channel.id, "channel_type": _CHANNEL_TYPES[channel.kind]}
