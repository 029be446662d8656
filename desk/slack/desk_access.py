"""Who may see and do something about a ticket in Slack: the members of the private channel of its queue.

Asked before each post (`hindrance`) and at each click, command and view (`may_see`), because menus outlive a membership
and tickets move to other queues. What Slack said of a channel or a person is believed for `STATE_MS`, who is in a
channel for `MEMBERS_MS`; whoever is not among those is looked for again once the list is `ANEW_MS` old, so that who
has just been invited can begin. `forget` is for events by which Slack tells of a change.

When Slack cannot be asked, nobody may: the errors of the call go up.

Limits: what is believed is each process's own, so that another one may let somebody who was removed in for
`MEMBERS_MS` longer. In an Enterprise Grid, people count by the `team_id` of their account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ...config.errors import DeliveryFailed
from ...config.slack_desk_settings import SlackTeamSettings
from ...queue.clock import Clock
from ...router.records import Ticket
from ..stores.slack_call_budgets import Urgency
from .channel_state import hindrance_of, stranger_words
from .kept_answers import KeptAnswers

STATE_MS = 180_000
HINDERED_MS = 30_000  # a hindrance that was removed is not believed for longer
MEMBERS_MS = 30_000
ANEW_MS = 5_000
PAGE = 1_000
MOST_PAGES = 20

NOT_A_MEMBER = "only members of the channel of the ticket's queue can do this"
NOT_HERE = "the ticket is not in this channel any more; its queue has another one"
NOWHERE = "the ticket's queue has no channel in Slack; it is on the desk's pages"


class Calls(Protocol):
    """Calls to a team, such as TeamCalls makes."""

    async def call(
        self, method: str, arguments: Mapping[str, Any], urgency: Urgency, *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        """Slack's answer."""
        ...


@dataclass(frozen=True)
class Seen:
    """Whether somebody may; true or false by itself."""

    why_not: str = ""

    def __bool__(self) -> bool:
        return not self.why_not


class TeamAccess:
    """The channels and people of one workspace."""

    def __init__(self, calls: Calls, clock: Clock, settings: SlackTeamSettings) -> None:
        self._calls = calls
        self._settings = settings
        self._channels = KeptAnswers[str](clock)
        self._members = KeptAnswers[frozenset[str]](clock)
        self._people = KeptAnswers[str](clock)

    async def hindrance(self, channel: str, urgency: Urgency = Urgency.CARD) -> str:
        """What hinders a post into the channel, with the remedy; empty when nothing does. Raises as the call."""
        said = await self._channels.get(channel, STATE_MS, lambda: self._asked(channel, urgency))
        return said and await self._channels.get(channel, HINDERED_MS, lambda: self._asked(channel, urgency))

    async def may_see(self, channel: str, user: str, ticket: Ticket) -> Seen:
        """Whether somebody may, who acted in this channel; in a direct message or the App Home when it is none of ours.

        Raises DeliveryDeferred, CredentialsRefused and others of the call when Slack cannot be asked.
        """
        place, why_not = self._place(channel, ticket.queue)
        why_not = why_not or await self.hindrance(place, Urgency.PERSON) or await self._stranger(user)
        if why_not:
            return Seen(why_not)
        return Seen("" if await self._is_member(place, user) else NOT_A_MEMBER)

    def forget(self, channel: str = "", user: str = "") -> None:
        """Slack told of a change of the channel or its members, or of a person."""
        self._channels.forget(channel)
        self._members.forget(channel)
        self._people.forget(user)

    def _place(self, channel: str, queue: str) -> tuple[str, str]:
        """The channel of which somebody has to be a member, or why there is none."""
        own, overflow = self._settings.channels.get(queue), self._settings.overflow
        if channel and not channel.startswith("D"):
            return channel, "" if channel in (own, overflow) else NOT_HERE
        place = own or overflow or ""
        return place, "" if place else NOWHERE

    async def _asked(self, channel: str, urgency: Urgency) -> str:
        try:
            told = await self._calls.call("conversations.info", {"channel": channel}, urgency, repeatable=True)
        except DeliveryFailed as error:  # it is gone, or the app cannot see it
            return str(error)
        return hindrance_of(told.get("channel") or {})

    async def _stranger(self, user: str) -> str:
        async def ask() -> str:
            told = await self._calls.call("users.info", {"user": user}, Urgency.PERSON, repeatable=True)
            return stranger_words(told.get("user") or {}, self._settings.team, guests=self._settings.guests)

        return await self._people.get(user, STATE_MS, ask)

    async def _is_member(self, channel: str, user: str) -> bool:
        for age in (MEMBERS_MS, ANEW_MS):
            if user in await self._members.get(channel, age, lambda: self._listed(channel)):
                return True
        return False

    async def _listed(self, channel: str) -> frozenset[str]:
        found, cursor = set[str](), None
        for _ in range(MOST_PAGES):
            asked = {"channel": channel, "limit": PAGE, "cursor": cursor}
            told = await self._calls.call("conversations.members", asked, Urgency.PERSON, repeatable=True)
            found.update(told.get("members") or ())
            cursor = (told.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
        return frozenset(found)


class DeskAccess:
    """All workspaces of the configuration, by Slack's ids of them."""

    def __init__(self, teams: Mapping[str, TeamAccess]) -> None:
        self._teams = teams

    async def may_see(self, team: str, channel: str, user: str, ticket: Ticket) -> Seen:
        """Whether somebody may see and do something about the ticket. Raises as TeamAccess.may_see."""
        access = self._teams.get(team)
        return await access.may_see(channel, user, ticket) if access else Seen("the desk is not in this workspace")
