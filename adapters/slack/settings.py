"""The section `channels.slack` of the configuration: workspaces of Slack by name, each with an app of its own.

    slack:
      acme: { channels: [C0123456789] }
      community: { own_people: customers, staff: [U0123456789] }

Secrets are not among it: the signing secret of the app is `slack_<name>`, its bot token `slack_<name>_token`, and with
Socket Mode its app-level token `slack_<name>_app`, instead of the signing secret.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from ...config.fields import Name
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl

CHANNEL = "slack"
_ENDINGS = ("_token", "_app")
_CONSOLE = "see api.slack.com/apps, the app of the workspace"


def _ids(pattern: str, expected: str) -> AfterValidator:
    known = re.compile(pattern)

    def checked(value: str) -> str:
        if not known.fullmatch(value):
            raise wrong(expected, "Slack shows it where the channel or the person is described, at the bottom")
        return value

    return AfterValidator(checked)


ChannelId = Annotated[str, _ids(r"[CG][A-Z0-9]{2,30}", "the id of a channel such as C0123456789")]
UserId = Annotated[str, _ids(r"[UW][A-Z0-9]{2,30}", "the id of a member such as U0123456789")]
TeamId = Annotated[str, _ids(r"[TE][A-Z0-9]{2,30}", "the id of a workspace such as T0123456789")]


class SlackWorkspaceSettings(Section):
    """One workspace."""

    receive: Literal["events", "socket"] = Field(
        default="events",
        description="How messages come: posted to our address, or over a connection that we open (Socket Mode), for a "
        "gateway that cannot be reached from outside.",
    )
    channels: tuple[ChannelId, ...] = Field(
        default=(),
        description="The ids of the channels in which customers write; without any, all that the app was invited to. "
        "A channel that another workspace names here is that one's.",
    )
    direct: bool = Field(default=True, description="Whether direct messages to the app are taken.")
    own_people: Literal["ours", "customers"] = Field(
        default="ours",
        description="Who the members of the workspace are: ours, where customers come from other workspaces by Slack "
        "Connect, or customers, where the workspace is a community.",
    )
    staff: tuple[UserId, ...] = Field(
        default=(), description="Members who are ours in any case; what they write is no message of a customer."
    )
    teams: tuple[TeamId, ...] = Field(default=(), description="Other workspaces whose members are ours.")
    agent_names: bool = Field(
        default=False,
        description="Answers show the agent's name instead of the app's; the app needs chat:write.customize.",
    )
    api: ApiUrl = Field(default="https://slack.com/api", description="Where Slack's API is.")
    files: ApiUrl = Field(default="https://files.slack.com", description="Where Slack gives out files.")


def _named(workspaces: Mapping[str, SlackWorkspaceSettings]) -> Mapping[str, SlackWorkspaceSettings]:
    for name in workspaces:
        if any(name.endswith(each) and name.removesuffix(each) in workspaces for each in _ENDINGS):
            raise wrong(f"another name than {name}", "its secret would be a token of the other workspace")
    return workspaces


class SlackSettings(RootModel[Mapping[Name, SlackWorkspaceSettings]]):
    """Slack: workspaces by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, SlackWorkspaceSettings], AfterValidator(_named)] = Field(
        description="The workspaces, by name."
    )


def elsewhere(settings: Mapping[str, SlackWorkspaceSettings], name: str) -> frozenset[str]:
    """The channels that other workspaces name as theirs, and this one does not."""
    return frozenset(_listed(other for each, other in settings.items() if each != name)) - frozenset(
        _listed([settings[name]])
    )


def _listed(settings: Iterable[SlackWorkspaceSettings]) -> list[str]:
    return [channel for each in settings for channel in each.channels]


def signing_secret(name: str) -> Secret:
    """What Slack signs its posts with."""
    return Secret(f"slack_{name}", make=None, origin=f"{_CONSOLE}, Basic Information, Signing Secret")


def bot_token(name: str) -> Secret:
    """What our requests to Slack show."""
    return Secret(f"slack_{name}_token", make=None, origin=f"{_CONSOLE}, OAuth & Permissions, Bot User OAuth Token")


def app_token(name: str) -> Secret:
    """What opens a connection of Socket Mode."""
    return Secret(f"slack_{name}_app", make=None, origin=f"{_CONSOLE}, Basic Information, App-Level Tokens")


def secrets_of(settings: SlackSettings) -> list[Secret]:
    """All that are needed."""
    ways = {"events": signing_secret, "socket": app_token}
    return [secret(name) for name, each in settings.root.items() for secret in (ways[each.receive], bot_token)]
