"""The section `desk.slack` of the configuration: the Slack workspaces in which agents work, by a name of ours.

    desk:
      slack:
        url: https://desk.example.com
        teams:
          acme: { team: T0123456789, channels: { billing: C0123456789 } }

It has nothing to do with `channels.slack`, where customers write: other apps, other tokens. Secrets are not among it.
The bot token of a workspace's app is `slack_desk_<name>_token`; what Slack signs its posts with,
`slack_desk_<name>_signing_secret`; with Socket Mode its app-level token, `slack_desk_<name>_app_token`, instead. An app
with rotated tokens has `slack_desk_<name>_refresh_token` and `slack_desk_<name>_client_secret` besides.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .fields import Name, Text
from .quantities import Duration, at_least, at_most, parse_duration
from .secret_store import Secret
from .section import Section, wrong
from .vendor_settings import ApiUrl, GatewayUrl

ReplyMode = Literal["assignee", "always_reply", "button_only"]

_ENDINGS = ("_token", "_signing_secret", "_app_token", "_refresh_token", "_client_secret")
_CONSOLE = "see api.slack.com/apps, the app of the workspace"


def _id(pattern: str, expected: str, where: str) -> AfterValidator:
    known = re.compile(pattern)

    def checked(value: str) -> str:
        if not known.fullmatch(value):
            raise wrong(expected, where)
        return value

    return AfterValidator(checked)


_AT_THE_BOTTOM = "Slack shows it in the details of the channel, at the bottom"
_IN_THE_ADDRESS = "it stands in the address of Slack in a browser, behind app.slack.com/client/"
_BASIC = f"{_CONSOLE}, Basic Information"

ChannelId = Annotated[str, _id(r"[CG][A-Z0-9]{2,30}", "the id of a channel such as C0123456789", _AT_THE_BOTTOM)]
TeamId = Annotated[str, _id(r"T[A-Z0-9]{2,30}", "the id of a workspace such as T0123456789", _IN_THE_ADDRESS)]
EnterpriseId = Annotated[str, _id(r"E[A-Z0-9]{2,30}", "the id of an organisation such as E0123456789", _IN_THE_ADDRESS)]
AppId = Annotated[str, _id(r"A[A-Z0-9]{2,30}", "the id of an app such as A0123456789", _BASIC)]
ClientId = Annotated[str, _id(r"\d+\.\d+", "the id of a client such as 123456789.987654321", _BASIC)]
Command = Annotated[str, _id(r"/[a-z0-9_-]{1,31}", "a command such as /desk", "small letters, at most 32 characters")]


class SlackTeamSettings(Section):
    """One workspace of Slack in which agents work, with an app of its own."""

    team: TeamId = Field(description="The id of the workspace.")
    enterprise: EnterpriseId | None = Field(
        default=None, description="The id of its organisation, where the workspace belongs to an Enterprise Grid."
    )
    app: AppId | None = Field(
        default=None, description="The id of the app; given, posts for any other app are refused."
    )
    transport: Literal["http", "socket"] = Field(
        default="http",
        description="How Slack reaches the desk: it posts to our address, or we open connections (Socket Mode), for a "
        "desk that cannot be reached from outside.",
    )
    connections: int = Field(
        default=2, ge=1, le=10, description="How many connections of Socket Mode a process keeps open; Slack allows 10."
    )
    channels: Mapping[Name, ChannelId] = Field(
        default_factory=dict,
        description="The private channel in which the tickets of a queue appear, by queue. Whoever is a member of it "
        "may work on them.",
    )
    overflow: ChannelId | None = Field(
        default=None, description="The private channel for tickets of a queue whose own channel cannot be written to."
    )
    reply_mode: ReplyMode = Field(
        default="assignee",
        description="Whose plain text in a thread goes to the customer: the assignee's, everybody's, or nobody's, so "
        "that only the composer answers.",
    )
    undo: Annotated[Duration, at_least("0s"), at_most("10min")] = Field(
        default=parse_duration("8s"), description="How long an answer from a thread can be taken back before it leaves."
    )
    excerpt: int = Field(
        default=600, ge=0, le=600, description="How many characters of a customer's message a card shows; 0 for none."
    )
    guests: bool = Field(default=False, description="Whether guests of the workspace may act as agents.")
    command: Command = Field(default="/desk", description="The slash command of the app.")
    client_id: ClientId | None = Field(
        default=None, description="The client id of the app, for an app whose tokens are rotated."
    )
    api: ApiUrl = Field(default="https://slack.com/api", description="Where Slack's API is.")
    files: ApiUrl = Field(default="https://files.slack.com", description="Where Slack gives out files.")


def _apart(teams: Mapping[str, SlackTeamSettings]) -> Mapping[str, SlackTeamSettings]:
    """Refuse names whose secrets would be another's, and one workspace under two names."""
    seen = dict[str, str]()
    for name, each in teams.items():
        if any(name.endswith(end) and name.removesuffix(end) in teams for end in _ENDINGS):
            raise wrong(f"another name than {name}", "its secret would be one of the other workspace")
        first = seen.setdefault(each.team, name)
        if first != name:
            expected = f"another workspace than {first} has"
            raise wrong(expected, "one app serves all channels of a workspace", (name, "team"))
    return teams


class SlackDeskSettings(Section):
    """Slack as a face of the desk."""

    url: GatewayUrl | None = Field(
        default=None, description="The desk as Slack reaches it, which stands in the app manifest and in links."
    )
    name: Annotated[Text, Field(max_length=35)] = Field(
        default="Trunkline", description="What the app is called in Slack."
    )
    teams: Annotated[Mapping[Name, SlackTeamSettings], AfterValidator(_apart)] = Field(
        min_length=1, description="The workspaces, by a name of ours."
    )

    def named(self, team: str) -> str | None:
        """Our name of the workspace with this id."""
        return next((name for name, each in self.teams.items() if each.team == team), None)


class DeskSettings(Section):
    """Where agents work besides the desk's pages and the API."""

    slack: SlackDeskSettings | None = Field(default=None, description="Agents work in Slack.")


def bot_token(name: str) -> Secret:
    """What our requests to Slack show."""
    return _secret(name, "token", "OAuth & Permissions, Bot User OAuth Token (xoxb-…)")


def signing_secret(name: str) -> Secret:
    """What Slack signs its posts with."""
    return _secret(name, "signing_secret", "Basic Information, Signing Secret")


def app_token(name: str) -> Secret:
    """What opens connections of Socket Mode."""
    return _secret(name, "app_token", "Basic Information, App-Level Tokens (xapp-…), with connections:write")


def refresh_token(name: str) -> Secret:
    """What a rotated token is renewed with, the first time."""
    return _secret(name, "refresh_token", "OAuth & Permissions, Refresh Token (xoxe-…)")


def client_secret(name: str) -> Secret:
    """By which the app proves who it is when it renews a token."""
    return _secret(name, "client_secret", "Basic Information, Client Secret")


def _secret(name: str, what: str, where: str) -> Secret:
    return Secret(f"slack_desk_{name}_{what}", make=None, origin=f"{_CONSOLE}, {where}")


def desk_secrets(settings: SlackDeskSettings | None) -> list[Secret]:
    """All that are needed."""
    found = list[Secret]()
    for name, each in settings.teams.items() if settings else ():
        found += [bot_token(name), app_token(name) if each.transport == "socket" else signing_secret(name)]
        found += [refresh_token(name), client_secret(name)] if each.client_id else []
    return found
