"""How often Slack lets an app call each method of its Web API that the desk uses. Pure.

Slack counts by method and workspace, in four tiers of calls in a minute, and lets a channel have about one message in a
second. The tiers are those of `MethodsRateLimits` in Slack's Java SDK, and of "Rate limits" on docs.slack.dev. Of the
messages that a whole workspace may have Slack says only that there is a limit, of several hundred in a minute; ours is
`MESSAGES_OF_A_TEAM`.

A rate is kept so that in no period whatever, wherever it begins, there are more calls than Slack allows: the few that
may come at once are taken off what may follow them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MESSAGES_OF_A_TEAM = 240  # in a minute

_POST = "chat.postMessage"


@dataclass(frozen=True)
class Rate:
    """At most `most` calls in `period` milliseconds, of which `at_once` may come together."""

    most: int
    period: int
    at_once: int = 1

    @property
    def interval(self) -> int:
        """Milliseconds from one call to the next when `at_once` have come together."""
        return -(-self.period // (self.most - self.at_once + 1))


@dataclass(frozen=True)
class Bucket:
    """What calls are counted in, with its rate."""

    name: str
    rate: Rate


def _a_minute(most: int) -> Rate:
    return Rate(most, 60_000, max(1, most // 5))


_METHODS: Mapping[int, tuple[str, ...]] = {
    1: ("apps.connections.open",),
    20: (
        *("conversations.create", "conversations.list", "dnd.teamInfo", "reactions.remove", "users.conversations"),
        *("users.list", "usergroups.users.list"),
    ),
    50: (
        *("chat.delete", "chat.update", "conversations.history", "conversations.info", "conversations.invite"),
        *("conversations.join", "conversations.open", "conversations.replies", "files.delete", "reactions.add"),
        *("reactions.get", "team.info", "users.getPresence", "users.lookupByEmail"),
    ),
    100: (
        *("chat.postEphemeral", "conversations.members", "files.completeUploadExternal", "files.getUploadURLExternal"),
        *("files.info", "oauth.v2.access", "users.info", "views.open", "views.publish", "views.push", "views.update"),
    ),
    MESSAGES_OF_A_TEAM: (_POST,),
    600: ("auth.test", "chat.getPermalink"),
}
_RATES = {method: _a_minute(most) for most, methods in _METHODS.items() for method in methods}
_OF_A_CHANNEL = Rate(1, 1_000)


def buckets_of(method: str, team: str, channel: str = "") -> tuple[Bucket, ...]:
    """What a call counts in, the narrowest first. Ids are Slack's.

    Raises ValueError for a method without a rate, and for a message without its channel.
    """
    if method not in _RATES:
        raise ValueError(f"no rate is known of Slack's method {method}; give it one in desk/stores/slack_call_rates.py")
    whole = Bucket(f"{team}:{method}", _RATES[method])
    if method != _POST:
        return (whole,)
    if not channel:
        raise ValueError(f"{method} counts in its channel, and none is given")
    return Bucket(f"{whole.name}:{channel}", _OF_A_CHANNEL), whole
