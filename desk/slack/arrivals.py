"""What Slack hands to the desk: its kind, whose it is, by what it is known again, and what it goes in order with. Pure.

Events ("Events API"), clicks, shortcuts and views ("Handling user interaction") and commands ("Slash commands";
docs.slack.dev) come in three shapes; they are told apart by what only one of them has. What is not known here but has a
type is an arrival too, so that nothing is refused that Slack would then post again and again.

* An event is known by its `event_id`, which is the same in each repeat. A click, a shortcut and a command are known by
  trigger, time and user. A view that is submitted is known by its id, its hash and what was filled in: somebody who was
  told of a mistake submits the same view with the same hash again, and that is not a repeat.
* The lane is (workspace, channel, thread) where that is told, else the view, the channel or the user. An event about a
  message of which Slack does not tell the thread, such as a reaction, is in order with that message alone.

That the bytes are Slack's is somebody else's to find out, before anything here is asked.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...config.errors import Forged, Unreadable
from ...config.slack_desk_settings import SlackTeamSettings

Kind = Literal["event", "action", "shortcut", "view", "closed", "command", "other"]

_KINDS: Mapping[str, Kind] = {
    "event_callback": "event",
    "block_actions": "action",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "view_submission": "view",
    "view_closed": "closed",
}
_MICROSECONDS = 6
_MOST = 10**16 - 1


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One thing that Slack told us."""

    kind: Kind
    key: tuple[str, ...]  # what a repeat has too
    lane: str
    at: int | None  # Slack's own time of it in microseconds since 1970; None where it tells none


def read_arrival(body: Any) -> Arrival:
    """What the body is. Raises Unreadable for what is none of Slack's."""
    if not isinstance(body, dict):
        raise Unreadable("not a post of Slack: it is no object")
    try:
        if isinstance(body.get("command"), str):
            return _command(body)
        kind = _KINDS.get(_text(body["type"]), "other")
        return _event(body) if kind == "event" else _interaction(body, kind)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Unreadable("not a post of Slack: what tells it apart is missing, or is of another kind") from error


def demand_ours(body: Mapping[str, Any], ours: SlackTeamSettings) -> None:
    """Whether it is for our workspace and app, as they are configured. Raises Forged, which names the remedy."""
    if ours.app is not None and body.get("api_app_id") != ours.app:
        raise Forged("it is for another app; desk.slack.teams names this one as `app`")
    teams, organisations = _installed(body)
    if ours.team in teams:
        return
    if not teams and ours.enterprise is not None and ours.enterprise in organisations:
        return  # an app of a whole organisation is not told the workspace of a view
    raise Forged("it is for another workspace; desk.slack.teams has to name it as `team`")


def _installed(body: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The workspaces and organisations for which the app heard of it."""
    authorized = body.get("authorizations")
    if isinstance(authorized, list) and authorized:
        given = [each for each in authorized if isinstance(each, dict)]
        return _ids(each.get("team_id") for each in given), _ids(each.get("enterprise_id") for each in given)
    teams = _ids((body.get("team_id"), _part(body, "team").get("id")))
    return teams, _ids((body.get("enterprise_id"), _part(body, "enterprise").get("id")))


def _ids(given: Any) -> set[str]:
    return {each for each in given if isinstance(each, str) and each}


def _command(body: Mapping[str, Any]) -> Arrival:
    team, user = _text(body["team_id"]), _text(body["user_id"])
    return Arrival(
        kind="command", key=("command", team, user, _text(body["trigger_id"])), lane=_lane(team, user), at=None
    )


def _event(body: Mapping[str, Any]) -> Arrival:
    event, team = body["event"], _text(body["team_id"])
    _text(event["type"])
    told = event.get("event_ts") or event.get("ts")
    key = ("event", team, _text(body["event_id"]))
    return Arrival(kind="event", key=key, lane=_lane(team, *_place(event)), at=microseconds(told) if told else None)


def _place(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Channel and thread of what happened, or who it is about."""
    item = _part(event, "item")
    channel = event.get("channel") or item.get("channel") or event.get("channel_id")
    if isinstance(channel, dict):  # of a channel that was renamed
        channel = channel["id"]
    if not channel:
        user = event.get("user") or ""
        return (_text(user["id"] if isinstance(user, dict) else user) or "team",)
    written = _part(event, "message") or _part(event, "previous_message") or item or event
    thread = written.get("thread_ts") or written.get("ts")
    return (_text(channel), _text(thread)) if thread else (_text(channel),)


def _interaction(body: Mapping[str, Any], kind: Kind) -> Arrival:
    team, user = _team_of(body), _text(_part(body, "user").get("id", ""))
    first = body["actions"][0] if kind == "action" else body
    told = first.get("action_ts")
    at = microseconds(told) if told else None
    view, container = _part(body, "view"), _part(body, "container")
    if kind in ("view", "closed"):
        lane = _lane(team, "view", _text(view["id"]))
        return Arrival(kind=kind, key=(kind, team, user, *_version(view, kind)), lane=lane, at=at)
    trigger = _text(body.get("trigger_id") or "")
    if not trigger and at is None:
        raise ValueError("neither a trigger nor a time")
    key = (kind, _text(body["type"]), team, user, trigger, str(at or ""), _text(first.get("action_id") or ""))
    return Arrival(kind=kind, key=key, lane=_lane(team, *_where(body, view, container, user)), at=at)


def _version(view: Mapping[str, Any], kind: Kind) -> tuple[str, ...]:
    """Which view it is, at which hash, and what was filled in where it was submitted."""
    filled = json.dumps(_part(view, "state").get("values"), sort_keys=True) if kind == "view" else ""
    return _text(view["id"]), _text(view["hash"]), filled


def _where(body: Mapping[str, Any], view: Mapping[str, Any], container: Mapping[str, Any], user: str) -> list[str]:
    if view:
        return ["view", _text(view["id"])]
    channel = _part(body, "channel").get("id") or container.get("channel_id")
    message = _part(body, "message")
    thread = message.get("thread_ts") or container.get("thread_ts") or message.get("ts") or container.get("message_ts")
    return [_text(channel), _text(thread)] if channel and thread else [user or "team"]


def _team_of(body: Mapping[str, Any]) -> str:
    found = _part(body, "team").get("id") or _part(body, "view").get("team_id") or _part(body, "enterprise").get("id")
    return _text(found)


def microseconds(ts: Any) -> int:
    """A `ts` of Slack, seconds with six digits behind the point, as microseconds. Raises ValueError."""
    seconds, _, rest = _text(ts).partition(".")
    if not (seconds + rest).isascii() or not (seconds + rest).isdigit() or len(rest) > _MICROSECONDS:
        raise ValueError("no time of Slack")
    return min(int(seconds + rest.ljust(_MICROSECONDS, "0")), _MOST)


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value or len(value) > 1_000:
        raise ValueError("no text")
    return value


def _lane(*parts: str) -> str:
    return ":".join(("slack_desk", *parts))
