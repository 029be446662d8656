"""What hinders tickets from being shown in a channel of Slack, and what to do about it. Pure.

Whoever is in the channel sees what customers write. So it must be private, of one workspace alone, and the app must be
in it. The flags are those of the object `channel` of conversations.info; a flag that is missing and would be needed to
know it safe counts as the worse.
"""

from collections.abc import Mapping
from typing import Any

_SHARED = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared")


def hindrance_of(channel: Mapping[str, Any]) -> str:
    """Words with the remedy; empty when nothing hinders."""
    if channel.get("is_archived"):
        return "the channel is archived; unarchive it, or name another one in desk.slack"
    if channel.get("is_private") is not True:
        return "everybody in the workspace can read the channel; make it private, or name a private one in desk.slack"
    if any(channel.get(flag) for flag in _SHARED) or channel.get("pending_connected_team_ids"):
        return "the channel is shared with another workspace; end that, or name one that is not in desk.slack"
    if channel.get("is_member") is not True:
        return "the app is not in the channel; invite it with /invite"
    return ""


def stranger_words(user: Mapping[str, Any], team: str, *, guests: bool) -> str:
    """Why somebody may not act for the desk, whatever channels they are in; empty when they may.

    `user` is that of users.info; `team` the id of the workspace, `guests` whether its guests may act.
    """
    if user.get("deleted"):
        return "this account of Slack is switched off"
    if user.get("is_bot") or user.get("is_workflow_bot"):
        return "bots do not act for the desk"
    if user.get("is_stranger") or user.get("team_id", team) != team:
        return "only people of this workspace act for the desk"
    if not guests and (user.get("is_restricted") or user.get("is_ultra_restricted")):
        return "guests do not act for the desk; `guests` in desk.slack would let them"
    return ""
