"""`chat.*` and `reactions.*`: what the app writes.

After the pages of the methods on docs.slack.dev. A text has 40,000 characters at most, 4,000 in an edit; Slack would
cut a longer new one off, here it is refused as `msg_too_long`, since nobody should send one. Metadata has 8,000
characters at most (not documented). What an edit does not name it leaves as it was. A message to a user's id, which
Slack would put into a direct message, is refused: the direct message is to be opened first.
"""

import json
import re
from typing import Any

from .block_check import demand_blocks
from .block_state import named
from .messages import delete, edit, react, reactions_of, unreact, write
from .methods import Call, Method, words
from .refusal import Json, Refused, refused_with
from .shapes import complaint
from .workspace import Channel

_LOOK = "text blocks attachments parse link_names mrkdwn metadata"
_MOST_METADATA = 8_000


def _post(call: Call) -> Json:
    channel, given = call.writable(), call.given
    if "username" in given or "icon_emoji" in given or "icon_url" in given:
        call.demand_scope("chat:write.customize")
    said = _said(call, 40_000)
    app = {"bot_id": call.workspace.bot, "app_id": call.workspace.app}
    more = {name: given.text(name) for name in ("username", "icon_emoji", "icon_url")}
    message = write(call.workspace, channel, call.user, said.pop("text", ""), **said, **app, **_thread(call, channel),
                    **more)  # fmt: skip
    return {"channel": channel.id, "ts": message["ts"], "message": dict(message)}


def _update(call: Call) -> Json:
    channel = call.writable()
    message = call.message(channel)
    _demand_own(call, message, "cant_update_message")
    said = _said(call, 4_000, edits=True)
    edit(call.workspace, channel, message, call.user, said)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": dict(message)}


def _delete(call: Call) -> Json:
    channel = call.writable()
    message = call.message(channel)
    _demand_own(call, message, "cant_delete_message")
    ts = message["ts"]
    delete(call.workspace, channel, message)
    return {"channel": channel.id, "ts": ts}


def _ephemeral(call: Call) -> Json:
    channel, user = call.writable(), call.given.text("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    said = _said(call, 4_000)
    shown = {"channel": channel.id, "to": user, "ts": call.workspace.moment(), **said, **_thread(call, channel)}
    call.workspace.ephemerals.append(shown)
    return {"message_ts": shown["ts"]}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    place = f"{call.workspace.base}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    thread = message.get("thread_ts", message["ts"])
    within = f"?thread_ts={thread}&cid={channel.id}" if thread != message["ts"] else ""
    return {"channel": channel.id, "permalink": place + within}


def said_in(given: Any, most: int) -> Json:
    """Text, blocks and metadata as a message has them; what was not given is not in it."""
    said: Json = {}
    if "text" in given:
        said["text"] = given.text("text")
        if len(said["text"]) > most:
            raise Refused("msg_too_long")
    if "blocks" in given:
        said["blocks"] = given.structure("blocks", "invalid_blocks_format") or []
        demand_blocks(said["blocks"])
    if "attachments" in given:
        raise refused_with("invalid_attachments", [complaint("attachments are not for apps of today", "/attachments")])
    if "metadata" in given:
        said["metadata"] = _metadata(given.structure("metadata", "invalid_metadata_format"))
    return said


def _said(call: Call, most: int, *, edits: bool = False) -> Json:
    said = said_in(call.given, most)
    if "blocks" in said:
        said["blocks"] = named(said["blocks"], lambda: call.workspace.id_for("b"))
    if not said.get("text") and not said.get("blocks") and not (edits and said):
        raise Refused("no_text")
    return said


def _metadata(given: Any) -> Json:
    if not isinstance(given, dict) or given == {}:
        return {}
    kind, payload = given.get("event_type"), given.get("event_payload")
    if set(given) != {"event_type", "event_payload"} or not isinstance(payload, dict):
        raise Refused("invalid_metadata_schema")
    if not isinstance(kind, str) or not re.fullmatch(r"[A-Za-z0-9_]{1,255}", kind):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(payload, ensure_ascii=False)) > _MOST_METADATA:
        raise Refused("metadata_too_large")
    return given


def _thread(call: Call, channel: Channel) -> Json:
    """Where in a thread it goes."""
    if not call.given.text("thread_ts"):
        return {}
    first = call.message(channel, "thread_ts", "thread_not_found")
    if first.get("thread_ts", first["ts"]) != first["ts"]:
        raise Refused("cannot_reply_to_message")
    return {"thread_ts": first["ts"]}


def _demand_own(call: Call, message: Json, error: str) -> None:
    if message["user"] != call.user:
        raise Refused(error)


def _react(call: Call) -> Json:
    if not react(call.workspace, *_reacted(call), call.user, _reaction(call)):
        raise Refused("already_reacted")
    return {}


def _unreact(call: Call) -> Json:
    if not unreact(call.workspace, *_reacted(call), call.user, _reaction(call)):
        raise Refused("no_reaction")
    return {}


def _reactions(call: Call) -> Json:
    channel, message = _reacted(call)
    shown = {**message, "reactions": reactions_of(call.workspace, channel, message)}
    return {"type": "message", "channel": channel.id, "message": shown}


def _reacted(call: Call) -> tuple[Channel, Json]:
    channel = call.writable()
    return channel, call.message(channel, "timestamp")


def _reaction(call: Call) -> str:
    name = call.given.text("name")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}", name):
        raise Refused("invalid_name")
    return name


_WRITES, _REACTS = ("chat:write",), ("reactions:write",)
_POSTED = words(f"{_LOOK} thread_ts reply_broadcast unfurl_links unfurl_media username icon_emoji icon_url")

METHODS = {
    "chat.postMessage": Method(
        run=_post, a_minute=300, scopes=_WRITES, needs=words("channel"), takes=_POSTED
    ),
    "chat.update": Method(
        run=_update, a_minute=50, scopes=_WRITES, needs=words("channel ts"),
        takes=words(f"{_LOOK} reply_broadcast unfurl_links unfurl_media"),
    ),
    "chat.delete": Method(run=_delete, a_minute=50, scopes=_WRITES, needs=words("channel ts")),
    "chat.postEphemeral": Method(
        run=_ephemeral, a_minute=100, scopes=_WRITES, needs=words("channel user"),
        takes=words(f"{_LOOK} thread_ts unfurl_links unfurl_media"),
    ),
    "chat.getPermalink": Method(
        run=_permalink, a_minute=600, needs=words("channel message_ts"), takes_json=False
    ),
    "reactions.add": Method(run=_react, a_minute=50, scopes=_REACTS, needs=words("channel timestamp name")),
    "reactions.remove": Method(run=_unreact, a_minute=20, scopes=_REACTS, needs=words("channel timestamp name")),
    "reactions.get": Method(
        run=_reactions, a_minute=50, scopes=("reactions:read",), needs=words("channel timestamp"), takes=words("full"),
        takes_json=False,
    ),
}  # fmt: skip
