"""Who may see a ticket in Slack, and which channels may show one."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.unit.desk.tickets import stored
from trunkline.config.errors import DeliveryDeferred, DeliveryFailed
from trunkline.config.slack_desk_settings import SlackTeamSettings
from trunkline.desk.slack.channel_state import hindrance_of
from trunkline.desk.slack.desk_access import HINDERED_MS, MEMBERS_MS, STATE_MS, DeskAccess, Seen, TeamAccess
from trunkline.desk.stores.slack_call_budgets import Urgency
from trunkline.queue.clock import ManualClock

TEAM, SUPPORT, LEGAL, OVERFLOW, ANN, BOB = "T0OURS", "C0SUPPORT", "C0LEGAL", "C0OVERFLOW", "U0ANN", "U0BOB"
PRIVATE = {"is_private": True, "is_member": True, "is_archived": False}


class Workspace:
    """What Slack answers; `away` is raised instead."""

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {each: dict(PRIVATE) for each in (SUPPORT, LEGAL, OVERFLOW)}
        self.members = {SUPPORT: [ANN], LEGAL: [BOB], OVERFLOW: [BOB]}
        self.people: dict[str, dict[str, Any]] = {ANN: {"team_id": TEAM}, BOB: {"team_id": TEAM}}
        self.away: Exception | None = None
        self.called = list[str]()

    async def call(
        self, method: str, arguments: Mapping[str, Any], urgency: Urgency, *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        assert repeatable, "reading does no harm twice"
        assert urgency in Urgency
        self.called.append(method)
        await asyncio.sleep(0)
        if self.away:
            raise self.away
        return self._answers()[method](arguments)

    def _answers(self) -> Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]:
        return {
            "conversations.info": lambda given: {"channel": self._channel(given["channel"])},
            "conversations.members": self._page,
            "users.info": lambda given: {"user": self.people[given["user"]]},
        }

    def _channel(self, name: str) -> Mapping[str, Any]:
        if name not in self.channels:
            raise DeliveryFailed("Slack knows no such channel any more (channel_not_found)")
        return self.channels[name]

    def _page(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """One member on each page, which is the least that Slack may give."""
        at, all_of_them = int(given["cursor"] or 0), self.members[given["channel"]]
        after = str(at + 1) if at + 1 < len(all_of_them) else ""
        return {"members": all_of_them[at : at + 1], "response_metadata": {"next_cursor": after}}


@pytest.fixture
def slack() -> Workspace:
    return Workspace()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def access_to(slack: Workspace, clock: ManualClock, **more: Any) -> TeamAccess:
    given = {"team": TEAM, "channels": {"support": SUPPORT, "legal": LEGAL}, "overflow": OVERFLOW} | more
    return TeamAccess(slack, clock, SlackTeamSettings.model_validate(given))


@pytest.fixture
def access(slack: Workspace, clock: ManualClock) -> TeamAccess:
    return access_to(slack, clock)


SOME = stored(queue="support").record


async def test_a_member_may_see_and_another_may_not(access: TeamAccess) -> None:
    assert await access.may_see(SUPPORT, ANN, SOME)
    refused = await access.may_see(SUPPORT, BOB, SOME)
    assert (bool(refused), "only members" in refused.why_not) == (False, True)


async def test_a_ticket_that_went_to_another_queue_is_not_seen_from_its_old_card(access: TeamAccess) -> None:
    moved = stored(queue="legal").record
    assert "not in this channel any more" in (await access.may_see(SUPPORT, ANN, moved)).why_not
    assert await access.may_see(LEGAL, BOB, moved)


async def test_in_a_direct_message_the_members_of_the_queue_may(access: TeamAccess) -> None:
    assert await access.may_see("D0ANN", ANN, SOME)
    assert not await access.may_see("D0BOB", BOB, SOME)
    assert not await access.may_see("", BOB, SOME)


async def test_the_overflow_shows_a_ticket_to_its_own_members(access: TeamAccess) -> None:
    assert await access.may_see(OVERFLOW, BOB, SOME)
    assert not await access.may_see(OVERFLOW, ANN, SOME)


async def test_a_queue_without_a_channel_is_on_the_pages_alone(slack: Workspace, clock: ManualClock) -> None:
    access = access_to(slack, clock, overflow=None)
    assert "desk's pages" in (await access.may_see("D0ANN", ANN, stored(queue="sales").record)).why_not


async def test_a_later_page_of_members_counts(access: TeamAccess, slack: Workspace) -> None:
    slack.members[SUPPORT] = ["U0A", "U0B", ANN]
    assert await access.may_see(SUPPORT, ANN, SOME)


async def test_whoever_was_removed_may_not_any_more_and_who_was_invited_may_soon(
    access: TeamAccess, slack: Workspace, clock: ManualClock
) -> None:
    assert await access.may_see(SUPPORT, ANN, SOME)
    slack.members[SUPPORT] = [BOB]
    clock.advance(6_000)
    assert await access.may_see(SUPPORT, BOB, SOME)
    assert not await access.may_see(SUPPORT, ANN, SOME)


async def test_a_removal_is_noticed_in_time_and_at_once_when_slack_tells_of_it(
    access: TeamAccess, slack: Workspace, clock: ManualClock
) -> None:
    for tell in (lambda: clock.advance(MEMBERS_MS + 1), lambda: access.forget(SUPPORT)):
        slack.members[SUPPORT] = [ANN]
        access.forget(SUPPORT)
        assert await access.may_see(SUPPORT, ANN, SOME)
        slack.members[SUPPORT] = [BOB]
        tell()
        assert not await access.may_see(SUPPORT, ANN, SOME)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"deleted": True}, "switched off"),
        ({"is_bot": True}, "bots"),
        ({"team_id": "T0THEIRS"}, "this workspace"),
        ({"is_stranger": True}, "this workspace"),
        ({"is_restricted": True}, "guests"),
        ({"is_ultra_restricted": True}, "guests"),
    ],
)
async def test_membership_is_not_enough_for_guests_strangers_bots_and_who_has_gone(
    access: TeamAccess, slack: Workspace, facts: dict[str, Any], words: str
) -> None:
    slack.people[ANN] |= facts
    assert words in (await access.may_see(SUPPORT, ANN, SOME)).why_not


async def test_guests_may_where_the_configuration_lets_them(slack: Workspace, clock: ManualClock) -> None:
    slack.people[ANN]["is_restricted"] = True
    assert await access_to(slack, clock, guests=True).may_see(SUPPORT, ANN, SOME)


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({"is_archived": True}, "unarchive"),
        ({"is_private": False}, "make it private"),
        ({"is_ext_shared": True}, "shared"),
        ({"is_shared": True}, "shared"),
        ({"is_org_shared": True}, "shared"),
        ({"is_pending_ext_shared": True}, "shared"),
        ({"pending_connected_team_ids": ["T0THEIRS"]}, "shared"),
        ({"is_member": False}, "/invite"),
    ],
)
async def test_a_channel_that_is_not_safe_shows_nothing_and_lets_nobody_in(
    access: TeamAccess, slack: Workspace, facts: dict[str, Any], remedy: str
) -> None:
    slack.channels[SUPPORT] |= facts
    assert remedy in await access.hindrance(SUPPORT)
    assert remedy in (await access.may_see(SUPPORT, ANN, SOME)).why_not


def test_what_slack_does_not_say_of_a_channel_counts_as_the_worse() -> None:
    assert hindrance_of({}) != ""
    assert hindrance_of({"is_member": True}) != ""
    assert hindrance_of({"is_private": True}) != ""


async def test_a_channel_that_is_gone_is_a_hindrance(access: TeamAccess, slack: Workspace) -> None:
    del slack.channels[SUPPORT]
    assert "channel_not_found" in await access.hindrance(SUPPORT)


async def test_a_channel_is_asked_about_seldom_while_it_is_right_and_soon_again_while_it_is_not(
    access: TeamAccess, slack: Workspace, clock: ManualClock
) -> None:
    for _ in range(5):
        assert await access.hindrance(SUPPORT) == ""
    assert slack.called == ["conversations.info"]
    slack.channels[SUPPORT]["is_archived"] = True
    clock.advance(STATE_MS + 1)
    assert await access.hindrance(SUPPORT) != ""
    slack.channels[SUPPORT]["is_archived"] = False
    assert await access.hindrance(SUPPORT) != ""
    clock.advance(HINDERED_MS + 1)
    assert await access.hindrance(SUPPORT) == ""


async def test_twenty_who_click_at_once_ask_slack_once(access: TeamAccess, slack: Workspace) -> None:
    slack.members[SUPPORT] = [ANN]
    assert all(await asyncio.gather(*(access.may_see(SUPPORT, ANN, SOME) for _ in range(20))))
    assert sorted(slack.called) == ["conversations.info", "conversations.members", "users.info"]


async def test_nobody_may_while_slack_cannot_be_asked_and_the_failure_is_not_kept(
    access: TeamAccess, slack: Workspace
) -> None:
    slack.away = DeliveryDeferred("Slack is not reached")
    with pytest.raises(DeliveryDeferred):
        await access.may_see(SUPPORT, ANN, SOME)
    slack.away = None
    assert await access.may_see(SUPPORT, ANN, SOME)


async def test_another_workspace_is_none_of_the_desks(access: TeamAccess) -> None:
    desk = DeskAccess({TEAM: access})
    assert await desk.may_see(TEAM, SUPPORT, ANN, SOME) == Seen()
    assert not await desk.may_see("T0THEIRS", SUPPORT, ANN, SOME)
