"""Who wrote in Slack: a customer, one of ours, or a machine. Pure.

Slack tells whose a member is by `user_team` (Slack Connect), else `team`; the app's own workspace stands in
`authorizations`, because `team_id` of the outer record can be that of the other side. Reactions do not tell it: there
it is what was found out about the member (people.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .settings import SlackWorkspaceSettings

_OF_SLACK = frozenset({"USLACKBOT", "USLACK"})


@dataclass(frozen=True)
class Workspace:
    """What it is judged by whether an event is for us; `elsewhere` are channels of other workspaces."""

    settings: SlackWorkspaceSettings
    elsewhere: frozenset[str] = frozenset()


def is_machine(body: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Whether an app wrote it, ours or another, or Slack itself. Raises KeyError."""
    user = str(written["user"]) if "bot_id" not in written else ""
    return not user or user in _OF_SLACK or user == own_user(body)


def is_ours(body: Mapping[str, Any], written: Mapping[str, Any], workspace: Workspace, team: str = "") -> bool:
    """Whether one of our people wrote it; `team` is their workspace where it is known. Raises KeyError."""
    if written["user"] in workspace.settings.staff:
        return True
    if "item" in written:
        return bool(team) and team in own_teams(body, workspace)
    return team_of(body, written) in own_teams(body, workspace)


def own_team(body: Mapping[str, Any]) -> str:
    """The workspace in which the app is installed."""
    match body.get("authorizations"):
        case [{"team_id": str(team)}, *_]:
            return team
        case [{"enterprise_id": str(enterprise)}, *_]:
            return enterprise
    return str(body.get("team_id") or "")


def own_teams(body: Mapping[str, Any], workspace: Workspace) -> set[str]:
    """The workspaces whose members are ours."""
    settings = workspace.settings
    return {*settings.teams, *([own_team(body)] if settings.own_people == "ours" else [])}


def own_user(body: Mapping[str, Any]) -> str:
    """The app as a member."""
    match body.get("authorizations"):
        case [{"user_id": str(user), "is_bot": True}, *_]:
            return user
    return ""


def team_of(body: Mapping[str, Any], written: Mapping[str, Any]) -> str:
    """The workspace of whoever wrote."""
    named = written.get("user_team") or written.get("source_team") or written.get("team")
    return str(named or body.get("team_id") or own_team(body))
