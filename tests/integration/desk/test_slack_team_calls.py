"""Calls to a team of Slack, through the budgets of a real engine."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.slack import OURS, SUPPORT, FakeSlack
from trunkline.config.errors import AccountUnavailable, DeliveryDeferred
from trunkline.desk.slack.team_calls import TeamCalls
from trunkline.desk.stores.slack_call_budgets import CallBudgets, Urgency
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.web.slack_api import SlackApi

POST = "chat.postMessage"
GIVEN = {"channel": SUPPORT, "text": "a card"}


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack("xoxb-of-the-tests", "a signing secret") as fake:
        yield fake


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def calls(slack: FakeSlack, engine: Engine, clock: ManualClock) -> AsyncIterator[TeamCalls]:
    api = SlackApi(slack.api, slack.token)
    yield TeamCalls(api, CallBudgets(engine, clock), OURS)
    await api.close()


async def test_what_the_budget_has_no_room_for_is_not_asked(slack: FakeSlack, calls: TeamCalls) -> None:
    assert (await calls.call(POST, GIVEN, Urgency.CARD))["ok"]
    with pytest.raises(DeliveryDeferred, match="budget") as put_off:
        await calls.call(POST, GIVEN, Urgency.CARD)
    assert put_off.value.retry_after == 1
    assert len(slack.calls) == 1


async def test_429_parks_the_channel_and_not_the_team(slack: FakeSlack, calls: TeamCalls, clock: ManualClock) -> None:
    slack.pauses[POST] = [30]
    with pytest.raises(DeliveryDeferred, match="fewer") as put_off:
        await calls.call(POST, GIVEN, Urgency.PERSON)
    assert (put_off.value.retry_after, isinstance(put_off.value, AccountUnavailable)) == (30, False)
    with pytest.raises(DeliveryDeferred, match="budget"):
        await calls.call(POST, GIVEN, Urgency.PERSON)
    assert len(slack.calls) == 1
    assert (await calls.call("auth.test", {}, Urgency.PERSON))["ok"]
    clock.advance(30_000)
    assert (await calls.call(POST, GIVEN, Urgency.PERSON))["ok"]


async def test_a_slack_that_is_not_reached_parks_no_channel(slack: FakeSlack, calls: TeamCalls) -> None:
    slack.breaks_off_all = True
    with pytest.raises(AccountUnavailable):
        await calls.call("auth.test", {}, Urgency.PERSON, repeatable=True)
    slack.breaks_off_all = False
    assert (await calls.call("auth.test", {}, Urgency.PERSON))["ok"]
