"""What Slack tells the app when somebody acts: payloads of clicks, shortcuts, views and commands. Pure.

After "Interaction payloads" and "Slash commands" on docs.slack.dev.
"""

from dataclasses import dataclass

from .block_state import values_of
from .refusal import Json
from .workspace import Channel, Person, Workspace


@dataclass(frozen=True)
class Actor:
    """Who acts where; the payloads all begin with it."""

    workspace: Workspace
    person: Person

    @property
    def about(self) -> Json:
        """What every payload has."""
        person = self.person
        return {
            "team": {"id": self.workspace.team, "domain": "example"},
            "user": {
                "id": person.id,
                "username": person.about["name"],
                "name": person.about["name"],
                "team_id": person.team,
            },
            "api_app_id": self.workspace.app,
            "token": "verification",
            "enterprise": None,
            "is_enterprise_install": False,
        }


def in_message(actor: Actor, channel: Channel, message: Json, action: Json, *, trigger: str, url: str) -> Json:
    """A click on a message; of one that only one person sees, the message is not told."""
    passing = "to" in message
    thread = {"thread_ts": message["thread_ts"]} if "thread_ts" in message else {}
    container = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id, "is_ephemeral": passing}
    return {
        **actor.about,
        "type": "block_actions",
        "container": {**container, **thread},
        "trigger_id": trigger,
        "channel": {"id": channel.id, "name": channel.name if channel.kind != "direct" else "directmessage"},
        **({} if passing else {"message": dict(message)}),
        "state": {"values": values_of(message["blocks"], {})},
        "response_url": url,
        "actions": [action],
    }


def in_view(actor: Actor, view: Json, action: Json, *, trigger: str) -> Json:
    """A click in a view."""
    return {
        **actor.about,
        "type": "block_actions",
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": trigger,
        "view": view,
        "actions": [action],
    }


def suggestion(actor: Actor, where: Json, block: Json, control: Json, typed: str) -> Json:
    """Somebody types in a menu whose options the app tells; `where` is what a click there would tell of the place."""
    about: Json = {name: where[name] for name in ("container", "view", "channel", "message") if name in where}
    at = {"action_id": control["action_id"], "block_id": block["block_id"], "value": typed}
    return {**actor.about, "type": "block_suggestion", **at, **about}


def submission(actor: Actor, view: Json, *, trigger: str) -> Json:
    """A view is submitted."""
    return {**actor.about, "type": "view_submission", "trigger_id": trigger, "view": view, "response_urls": []}


def closing(actor: Actor, view: Json, *, cleared: bool) -> Json:
    """A view is closed by who sees it."""
    return {**actor.about, "type": "view_closed", "view": view, "is_cleared": cleared}


def shortcut(actor: Actor, callback: str, *, trigger: str) -> Json:
    """A shortcut that is to be had everywhere."""
    at = {"action_ts": actor.workspace.moment(), "callback_id": callback, "trigger_id": trigger}
    return {**actor.about, "type": "shortcut", **at}


def message_shortcut(actor: Actor, channel: Channel, message: Json, callback: str, *, trigger: str, url: str) -> Json:
    """A shortcut on a message."""
    at = {"action_ts": actor.workspace.moment(), "callback_id": callback, "trigger_id": trigger, "response_url": url}
    where = {"channel": {"id": channel.id, "name": channel.name}, "message_ts": message["ts"], "message": dict(message)}
    return {**actor.about, "type": "message_action", **at, **where}


def command(actor: Actor, channel: Channel, name: str, text: str, *, trigger: str, url: str) -> Json:
    """A slash command, as the fields of its form."""
    return {
        "token": "verification",
        "team_id": actor.workspace.team,
        "team_domain": "example",
        "channel_id": channel.id,
        "channel_name": channel.name if channel.kind != "direct" else "directmessage",
        "user_id": actor.person.id,
        "user_name": actor.person.about["name"],
        "command": name,
        "text": text,
        "api_app_id": actor.workspace.app,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger,
    }
