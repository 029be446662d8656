"""Who wrote in Slack: a customer, one of ours, or a machine. Pure.

Slack tells whose a member is by `user_team` (Slack Connect), else `team`; in a grid `user_team` can be that of the
whole enterprise, so a workspace that stands beside it comes first. The app's own workspace stands in
`authorizations`, because `team_id` of the outer record can be that of the other side. Reactions, and some messages, do
not tell it: there it is what was found out about the member (people.py). Where that is nothing, whoever writes in a
channel that is shared with others is a customer, so that none is lost.
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
    return not own_teams(body, workspace).isdisjoint(_teams_of(body, written, team))


def _teams_of(body: Mapping[str, Any], written: Mapping[str, Any], team: str) -> set[str]:
    """The workspaces that whoever wrote may be of; none where nobody tells."""
    named = _named(written)
    if named and "item" not in written:
        return {team_of(body, written), named[0]}
    if team or "item" in written or body.get("is_ext_shared_channel") is not False:
        return {team} - {""}
    return {own_team(body)}


def own_team(body: Mapping[str, Any]) -> str:
    """The workspace in which the app is installed, or the enterprise."""
    return next(iter(_installed(body)), str(body.get("team_id") or ""))


def own_teams(body: Mapping[str, Any], workspace: Workspace) -> set[str]:
    """The workspaces whose members are ours."""
    settings = workspace.settings
    own = {own_team(body), *_installed(body)} if settings.own_people == "ours" else set()
    return {*settings.teams, *own} - {""}


def own_user(body: Mapping[str, Any]) -> str:
    """The app as a member."""
    match body.get("authorizations"):
        case [{"user_id": str(user), "is_bot": True}, *_]:
            return user
    return ""


def team_of(body: Mapping[str, Any], written: Mapping[str, Any]) -> str:
    """The workspace of whoever wrote; the enterprise where only that is told."""
    named = _named(written)
    workspaces = (each for each in named if each.startswith("T"))
    return next(workspaces, named[0] if named else str(body.get("team_id") or own_team(body)))


def _named(written: Mapping[str, Any]) -> list[str]:
    told = (written.get(name) for name in ("user_team", "source_team", "team"))
    return [each for each in told if isinstance(each, str) and each]


def _installed(body: Mapping[str, Any]) -> list[str]:
    match body.get("authorizations"):
        case [{**told}, *_]:
            return [each for each in (told.get("team_id"), told.get("enterprise_id")) if isinstance(each, str) and each]
    return []
