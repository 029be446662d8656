"""Slack is asked about its workspaces: the bot token and its scopes, Socket Mode, and the channels that are named.

`auth.test` names the workspace, and the header `X-OAuth-Scopes` what the token may do. Whether the app is in a channel
is seen by one message of its history, which the app may read anyway; nothing of it is shown. Where Slack posts events
to is told by no method that such a token may call.
"""

from collections.abc import Sequence
from functools import partial

from ...config.errors import CredentialsRefused, DeliveryFailed
from ...config.secret_store import Secrets
from ...web.slack_api import SlackApi
from ..findings import Finding, findings_of
from .settings import CHANNEL, SlackSettings, SlackWorkspaceSettings, app_token, bot_token

_APP = "api.slack.com/apps, the app"
_NEEDED = ("chat:write", "users:read", "files:read", "files:write", "reactions:read")
_OF_CHANNELS = ("channels:history", "groups:history")
_OF_DIRECT = ("im:history", "im:write")
_WISHED = {"users:read.email": "addresses of people are not known"}


async def ask(section: SlackSettings, secrets: Secrets) -> Sequence[Finding]:
    """What Slack says of each workspace."""
    found = list[Finding]()
    for name, settings in section.root.items():
        remedy = f"see {_APP}, OAuth & Permissions; the token goes into the secret {bot_token(name).name}"
        found += await findings_of(name, partial(_asked, name, settings, secrets), remedy=remedy)
        found += await _received(name, settings, secrets)
    return found


async def _asked(name: str, settings: SlackWorkspaceSettings, secrets: Secrets) -> Sequence[Finding]:
    api = SlackApi(settings.api, secrets.get(bot_token(name)))
    try:
        return await _found(api, name, settings)
    finally:
        await api.close()


async def _found(api: SlackApi, name: str, settings: SlackWorkspaceSettings) -> Sequence[Finding]:
    told, scopes = await api.identity()
    own = str(told.get("team_id") or "")
    words = f"the bot token is that of @{told.get('user')} in {told.get('team')} ({own}, {told.get('url')})"
    found = [Finding(name, "credentials", "good", words), *_rights(name, settings, scopes)]
    if own in settings.teams:
        words = f"{own} is the workspace itself, and teams are others"
        found.append(Finding(name, "teams", "look", words, f"leave it out of channels.{CHANNEL}.{name}.teams"))
    return [*found, *[await _channel(api, name, channel) for channel in settings.channels]]


def _rights(name: str, settings: SlackWorkspaceSettings, scopes: frozenset[str]) -> Sequence[Finding]:
    """What the token may not do and should; nothing is said where Slack does not tell."""
    if not scopes:
        return []
    needed = [*_NEEDED, *_OF_CHANNELS, *(_OF_DIRECT if settings.direct else ())]
    needed += ["chat:write.customize"] if settings.agent_names else []
    remedy = f"add it at {_APP}, OAuth & Permissions, and then Reinstall to Workspace"
    found = [
        Finding(name, "scopes", "wrong", f"the app has no {each}", remedy) for each in needed if each not in scopes
    ]
    wished = [Finding(name, "scopes", "look", f"the app has no {each}, so {words}", remedy)
              for each, words in _WISHED.items() if each not in scopes]  # fmt: skip
    return [*(found or [Finding(name, "scopes", "good", "the app has all that is needed")]), *wished]


async def _channel(api: SlackApi, name: str, channel: str) -> Finding:
    try:
        await api.call("conversations.history", {"channel": channel, "limit": 1}, repeatable=True)
    except CredentialsRefused as error:
        return Finding(name, channel, "unknown", error.detail, f"see {_APP}, OAuth & Permissions")
    except DeliveryFailed as error:
        return Finding(name, channel, "wrong", error.detail, "in the channel, write /invite and the name of the app")
    return Finding(name, channel, "good", "the app is in the channel")


async def _received(name: str, settings: SlackWorkspaceSettings, secrets: Secrets) -> Sequence[Finding]:
    """How events come: over a connection, which Slack is asked for, or by posts."""
    if settings.receive == "events":
        words = "Slack does not tell where it posts events to"
        remedy = f"see {_APP}, Event Subscriptions: …/v1/{CHANNEL}/{name} has to be Verified there, with its bot events"
        return [Finding(name, "events", "look", words, remedy)]
    where = f"see {_APP}, Basic Information, App-Level Tokens: one with connections:write, as the secret"
    work = partial(_connected, name, settings, secrets)
    return await findings_of(name, work, remedy=f"{where} {app_token(name).name}")


async def _connected(name: str, settings: SlackWorkspaceSettings, secrets: Secrets) -> Sequence[Finding]:
    api = SlackApi(settings.api, secrets.get(app_token(name)))
    try:
        await api.call("apps.connections.open", repeatable=True)
    except DeliveryFailed as error:
        remedy = f"switch on Socket Mode at {_APP}, Socket Mode"
        return [Finding(name, "Socket Mode", "wrong", error.detail, remedy)]
    finally:
        await api.close()
    return [Finding(name, "Socket Mode", "good", "Slack gives a connection; which events it hands over is set there")]
