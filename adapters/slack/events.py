"""The events that Slack posts: which of them a customer says something in, where, and under which id. Pure.

A message is known by its channel and its `ts`, which is the same however often and by whichever subscription it comes
(`message.channels` and `app_mention`, posted again, over two connections). What bots and the app itself write, what
our people write outside of threads, and what happens without words (joining, topics, pins) is for nobody and is not
stored; a kind of event or message that is not known here is stored, and set aside for somebody to see.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ...config.errors import Unreadable
from ..vendor_post import Event, json_bytes
from .blocks import words_of
from .writers import Workspace, is_machine, is_ours

MESSAGES = frozenset({"", "file_share", "thread_broadcast", "me_message"})
CHANGES = frozenset({"message_changed", "message_deleted"})
REACTIONS = frozenset({"reaction_added", "reaction_removed"})
REVOKED = frozenset({"app_uninstalled", "tokens_revoked"})

# Slack's reference, "message event", its subtypes.
_SUBTYPES = """
bot_message message_replied reply_broadcast ekm_access_denied reminder_add assistant_app_thread bot_add bot_remove
bot_enable bot_disable tombstone file_comment file_mention sh_room_created sh_room_shared huddle_thread
document_mention group_name group_topic group_join group_leave group_purpose group_archive group_unarchive
pinned_item unpinned_item bookmark_added joiner_notification joiner_notification_for_inviter hidden_by_limit
"""
_NO_MESSAGES = frozenset(_SUBTYPES.split())
_NO_MESSAGES_BEGIN = ("channel_",)
# Slack's reference, "Events", all but those above: nobody writes to us in them.
_SILENT = (
    *("app_", "assistant_", "call_", "channel_", "dnd_", "email_domain_", "emoji_", "file_", "function_", "grid_"),
    *("group_", "im_", "invite_", "link_shared", "member_", "message_metadata_", "pin_", "resources_", "scope_"),
    *("shared_channel_", "star_", "subteam_", "team_", "tokens_revoked", "user_", "workflow_", "bookmark_", "entity_"),
)


def event_of(body: Any) -> Mapping[str, Any]:
    """The event in what Slack posts. Raises Unreadable."""
    event = body.get("event") if isinstance(body, dict) else None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise Unreadable("not a post of Slack: it has no event with a type")
    return event


def not_an_event(body: Any) -> str:
    """What else Slack posts: the question whether the address is ours, and that it holds events back."""
    kind = body.get("type") if isinstance(body, dict) else None
    return str(kind) if kind in ("url_verification", "app_rate_limited") else ""


def split(body: Any, workspace: Workspace) -> list[Event]:
    """The message in a body, or none. Raises Unreadable for what is no body of Slack."""
    if not_an_event(body):
        return []
    event = event_of(body)
    content = json_bytes(body)
    try:
        if is_silent(body, workspace):
            return []
        said = (
            {name: event.get(name) for name in ("user", "text")} if event["type"] in ("message", "app_mention") else {}
        )
        return [Event(external_id(body), kind_of(event), lane_of(event), content, json_bytes(said))]
    except (AttributeError, KeyError, TypeError, ValueError):
        digest = hashlib.sha256(content).hexdigest()
        return [Event(digest, "message", f"unreadable:{digest}", content)]


def is_silent(body: Mapping[str, Any], workspace: Workspace, team: str = "") -> str:
    """Why nobody here needs to know of it; empty when somebody does. Raises KeyError, TypeError for what is none.

    `team` is the workspace of whoever wrote, where it was found out.
    """
    event = event_of(body)
    kind, subtype = event["type"], str(event.get("subtype") or "")
    if kind.startswith(_SILENT) and kind != "app_mention":
        return str(kind)
    if kind in ("message", "app_mention") and (subtype in _NO_MESSAGES or subtype.startswith(_NO_MESSAGES_BEGIN)):
        return subtype
    if kind in REACTIONS and "channel" not in event["item"]:
        return "a reaction to a file"
    if kind not in ("message", "app_mention", *REACTIONS):
        return ""  # unknown, and set aside
    return _unwanted(body, event, workspace, team)


def _unwanted(body: Mapping[str, Any], event: Mapping[str, Any], workspace: Workspace, team: str) -> str:
    if unheard := _unheard_channel(event, workspace):
        return unheard
    if event.get("subtype") == "message_changed" and not _says_else(event):
        return "a change that changes no words"
    return _unheard(body, event, workspace, team)


def _unheard_channel(event: Mapping[str, Any], workspace: Workspace) -> str:
    """Why what happens in its channel is not listened to; empty when it is."""
    channel, wanted = channel_of(event), workspace.settings.channels
    if channel.startswith("D"):
        return "" if workspace.settings.direct else f"the direct message {channel}: `direct` is off"
    if channel in workspace.elsewhere:
        return f"the channel {channel} is not listened to here: it is named by another workspace"
    if wanted and channel not in wanted:
        return f"the channel {channel} is not listened to: `channels` names {', '.join(wanted)}"
    return ""


def _says_else(event: Mapping[str, Any]) -> bool:
    """Slack also tells of previews that it adds, and of answers that are counted."""
    now, before = event["message"], event.get("previous_message") or {}
    return words_of(now) != words_of(before) or now.get("subtype") == "tombstone"


def _unheard(body: Mapping[str, Any], event: Mapping[str, Any], workspace: Workspace, team: str) -> str:
    """Why its writer says nothing to us. Who deleted a message is not told."""
    if event.get("subtype") == "message_deleted" or is_tombstone(event):
        return ""
    written = written_of(event)
    if is_machine(body, written):
        return "a bot"
    if event["type"] in REACTIONS or not is_ours(body, written, workspace, team):
        return ""
    return "" if _is_answer(written) else "one of ours, who begins a thread"


def _is_answer(written: Mapping[str, Any]) -> bool:
    return written.get("thread_ts") not in (None, "", written["ts"])


def written_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What somebody wrote: the event itself, or the message in a change. Raises KeyError."""
    if event.get("subtype") == "message_changed":
        return {"channel": event["channel"], **event["message"]}
    return event


def is_tombstone(event: Mapping[str, Any]) -> bool:
    """Whether a message that has answers was deleted: Slack then leaves something in its place."""
    return event.get("subtype") == "message_changed" and event["message"].get("subtype") == "tombstone"


def channel_of(event: Mapping[str, Any]) -> str:
    """Where it happened. Raises KeyError, TypeError."""
    channel = event["item"]["channel"] if event["type"] in REACTIONS else event["channel"]
    if not isinstance(channel, str) or not channel:
        raise TypeError("no channel")
    return channel


def message_id(channel: str, ts: Any) -> str:
    """The id of a message: its `ts` counts within its channel. Raises TypeError."""
    if not isinstance(ts, str) or not ts:
        raise TypeError("no ts")
    return f"{channel}:{ts}"


def external_id(body: Mapping[str, Any]) -> str:
    """The message's own id; that of the event for what happens to one. Raises KeyError, TypeError."""
    event = event_of(body)
    if event["type"] in ("message", "app_mention") and event.get("subtype") not in CHANGES:
        return message_id(channel_of(event), event["ts"])
    if event.get("subtype") == "message_changed" and not is_tombstone(event):
        changed = event["message"]
        edited = changed.get("edited") or {}
        return f"{message_id(channel_of(event), changed['ts'])}:edit:{edited.get('ts') or event['event_ts']}"
    return f"event:{body['event_id']}"


def kind_of(event: Mapping[str, Any]) -> str:
    """As envelopes call it; of a kind that is not known here, a message."""
    if event["type"] in REACTIONS:
        return "reaction"
    if event.get("subtype") == "message_deleted" or is_tombstone(event):
        return "delete"
    return "edit" if event.get("subtype") == "message_changed" else "message"


def lane_of(event: Mapping[str, Any]) -> str:
    """What is filed in order: a thread, or a channel where the thread is not told."""
    if event["type"] in REACTIONS or event.get("subtype") == "message_deleted":
        return channel_of(event)
    channel, written = channel_of(event), written_of(event)
    return f"{channel}:{written.get('thread_ts') or written['ts']}"
