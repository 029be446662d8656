"""How soon a customer should hear from us, and how long a reply can be taken back: minutes where they look on."""

from pathlib import Path

from trunkline.gateway.channels import policy_of
from trunkline.gateway.configuration import configure
from trunkline.router.agreements import Promised
from trunkline.router.policy import Policy
from trunkline.router.targets import HOUR_MS, MINUTE_MS

EXAMPLE = Path(__file__).parents[2] / "config" / "example.yaml"


def policy(**environ: str) -> Policy:
    return policy_of(configure(EXAMPLE, environ).settings)


def test_whoever_waits_before_a_chat_is_owed_minutes_and_whoever_sent_a_letter_hours() -> None:
    def target_ms(channel: str, priority: int) -> int:
        targets = in_force.agreements.of(Promised(channel=channel, priority=priority, queue="support")).targets
        assert targets["first_response"] == targets["next_response"] == targets["assignment"]
        return targets["first_response"]

    in_force = policy()
    assert [target_ms("mail", priority) // MINUTE_MS for priority in (1, 2, 3, 4)] == [15, 60, 240, 480]
    assert [target_ms("chat", priority) // MINUTE_MS for priority in (1, 2, 3, 4)] == [1, 2, 3, 5]
    assert target_ms("http", 3) == target_ms("api", 3) == target_ms("nobody told of it", 3) == 4 * HOUR_MS


def test_a_reply_can_be_taken_back_for_as_long_as_its_channel_allows() -> None:
    example, own = policy(), policy(TRUNKLINE_UNDO__CHAT="0s", TRUNKLINE_UNDO__MAIL="1min")
    names = ("mail", "http", "chat", "nobody told of it")
    assert [example.undo_time(name).total_seconds() for name in names] == [10, 10, 2, 10]
    assert [own.undo_time(name).total_seconds() for name in names] == [60, 10, 0, 10]
