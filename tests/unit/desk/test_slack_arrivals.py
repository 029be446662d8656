"""What Slack hands to the desk: what a repeat is, what is in order with what, and whose it is."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.errors import Forged, Unreadable
from trunkline.config.slack_desk_settings import SlackTeamSettings
from trunkline.desk.slack.arrivals import demand_ours, microseconds, read_arrival

OURS = SlackTeamSettings.model_validate({"team": "T0123", "app": "A0123", "enterprise": "E0123"})
THREAD = "1700000000.000100"


def message(**event: Any) -> dict[str, Any]:
    told = {"type": "message", "channel": "C1", "user": "U1", "ts": "1700000005.000200", "thread_ts": THREAD, **event}
    return {"type": "event_callback", "team_id": "T0123", "api_app_id": "A0123", "event_id": "Ev1", "event": told}


def click(**more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": "T0123"},
        "user": {"id": "U1"},
        "api_app_id": "A0123",
        "trigger_id": "1.2.abc",
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": THREAD, "channel_id": "C1"},
        "message": {"ts": THREAD},
        "actions": [{"action_id": "take", "action_ts": "1700000006.000000"}],
        **more,
    }


def submitted(words: str, seen_as: str = "1.h") -> dict[str, Any]:
    view = {"id": "V1", "hash": seen_as, "state": {"values": {"text": {"text": {"value": words}}}}}
    return {"type": "view_submission", "team": {"id": "T0123"}, "user": {"id": "U1"}, "view": view}


def command(**more: str) -> dict[str, Any]:
    return {"command": "/desk", "text": "", "team_id": "T0123", "user_id": "U1", "trigger_id": "1.2.abc", **more}


def test_an_event_is_known_by_its_id_and_has_slacks_time() -> None:
    arrival = read_arrival(message())
    assert (arrival.kind, arrival.key, arrival.at) == ("event", ("event", "T0123", "Ev1"), 1_700_000_005_000_200)


def test_texts_edits_deletions_and_clicks_of_one_thread_are_in_order_with_each_other() -> None:
    was = {"ts": "1700000005.000200", "thread_ts": THREAD}
    edit = message(subtype="message_changed", message=was, thread_ts=None)
    deletion = message(subtype="message_deleted", previous_message=was, thread_ts=None)
    card = message(ts=THREAD, thread_ts=None)
    lanes = {read_arrival(body).lane for body in (message(), edit, deletion, card, click())}
    assert lanes == {f"slack_desk:T0123:C1:{THREAD}"}


def test_what_is_about_no_thread_is_in_order_with_its_view_its_channel_or_its_user() -> None:
    archived = message()["event"] | {"type": "group_archive", "ts": None, "thread_ts": None}
    opened = {"type": "app_home_opened", "user": "U1", "event_ts": THREAD}
    renamed = {"type": "group_rename", "channel": {"id": "C1", "name": "x"}, "event_ts": THREAD}
    lanes = [read_arrival(message() | {"event": event}).lane for event in (archived, opened, renamed)]
    assert lanes == ["slack_desk:T0123:C1", "slack_desk:T0123:U1", "slack_desk:T0123:C1"]
    assert read_arrival(submitted("a")).lane == "slack_desk:T0123:view:V1"
    assert read_arrival(command()).lane == "slack_desk:T0123:U1"


def test_another_click_of_the_same_button_is_no_repeat() -> None:
    again = click(trigger_id="1.2.def", actions=[{"action_id": "take", "action_ts": "1700000007.000000"}])
    assert read_arrival(click()).key == read_arrival(click()).key != read_arrival(again).key


def test_a_view_that_is_submitted_again_after_a_mistake_is_no_repeat() -> None:
    first = read_arrival(submitted("a")).key
    assert first == read_arrival(submitted("a")).key
    assert len({first, read_arrival(submitted("b")).key, read_arrival(submitted("a", "2.h")).key}) == 3


def test_a_command_is_known_by_its_trigger() -> None:
    assert read_arrival(command()).key == read_arrival(command(text="x")).key
    assert read_arrival(command()).key != read_arrival(command(trigger_id="1.2.def")).key


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"type": "event_callback", "team_id": "T0123", "event_id": "Ev1"},
        message(channel=5),
        message(ts="soon", event_ts="soon"),
        click(actions=[]),
        click(team=None),
        {**submitted("a"), "view": {"id": "V1"}},
        {"command": "/desk"},
    ],
)
def test_what_is_no_post_of_slack_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable):
        read_arrival(body)


def test_what_is_not_known_yet_is_an_arrival_all_the_same() -> None:
    assert read_arrival(message(type="of_a_year_to_come")).kind == "event"
    assert read_arrival(click(type="of_a_year_to_come", action_ts="1700000006.0")).kind == "other"


ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(sorted(click())), inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING, st.sampled_from([message(), click(), submitted("a"), command()]), st.data())
def test_whatever_stands_in_a_body_is_an_arrival_or_unreadable(value: Any, body: dict[str, Any], data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(body)))
    with suppress(Unreadable):
        assert "\0" not in read_arrival(body | {name: value}).lane


@pytest.mark.parametrize(
    "body",
    [
        message() | {"team_id": "T0999"},
        message() | {"api_app_id": "A0999"},
        message() | {"authorizations": [{"team_id": "T0999", "enterprise_id": "E0123"}]},
        click(team={"id": "T0999"}, enterprise={"id": "E0123"}),
        click(team=None, enterprise={"id": "E0999"}),
        {"api_app_id": "A0123"},
    ],
)
def test_what_is_for_another_workspace_or_app_is_refused(body: Any) -> None:
    with pytest.raises(Forged):
        demand_ours(body, OURS)


@pytest.mark.parametrize(
    "body",
    [
        message(),
        message() | {"team_id": "T0999", "authorizations": [{"team_id": "T0123"}]},
        click(),
        click(team=None, enterprise={"id": "E0123"}),
        command(api_app_id="A0123"),
    ],
)
def test_what_is_for_our_workspace_or_its_organisation_is_taken(body: Any) -> None:
    demand_ours(body, OURS)


def test_a_time_of_slack_is_read_to_the_microsecond() -> None:
    assert microseconds("1700000000.000100") == 1_700_000_000_000_100
    assert microseconds("1700000000.1") == 1_700_000_000_100_000
