"""How often Slack's methods may be called."""

import pytest

from trunkline.desk.stores.slack_call_rates import Rate, buckets_of


def test_a_message_counts_in_its_channel_and_in_its_team() -> None:
    channel, team = buckets_of("chat.postMessage", "T1", "C1")
    assert (channel.rate.most, channel.rate.period) == (1, 1_000)
    assert channel.name != team.name
    assert buckets_of("chat.postMessage", "T1", "C2")[1] == team
    assert buckets_of("chat.postMessage", "T2", "C1")[0].name != channel.name


def test_an_edit_counts_in_its_team_alone_whatever_its_channel() -> None:
    assert buckets_of("chat.update", "T1", "C1") == buckets_of("chat.update", "T1", "C2")
    assert buckets_of("chat.update", "T1")[0].rate.most == 50


def test_a_method_without_a_rate_is_refused_with_the_place_to_give_it_one() -> None:
    with pytest.raises(ValueError, match=r"chat\.shout.*call_rates\.py"):
        buckets_of("chat.shout", "T1")


def test_a_message_without_its_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="none is given"):
        buckets_of("chat.postMessage", "T1")


@pytest.mark.parametrize("rate", [Rate(1, 1_000), Rate(1, 60_000), Rate(20, 60_000, 4), Rate(50, 60_000, 10)])
def test_what_may_come_at_once_is_taken_off_what_follows(rate: Rate) -> None:
    moments = [0] * rate.at_once + [rate.interval * n for n in range(1, 3 * rate.most)]
    assert all(sum(start <= at < start + rate.period for at in moments) <= rate.most for start in moments)
